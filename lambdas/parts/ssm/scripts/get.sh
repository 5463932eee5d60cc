# Fetches objects from S3. get <number> <file> <bytes>; curl's configuration is on stdin.
failed=0
get() {
  new="$2.nightshift"
  # curl makes no file of an empty object.
  if said=$(mkdir -p "$(dirname "$2")" 2>&1 && : >"$new" && curl -fsSg --retry 3 -K - -o "$new" 2>&1) \
    && [ "$(wc -c <"$new")" -eq "$3" ] && said=$(replace "$new" "$2" 2>&1); then
    echo "$1 ok"
  else
    rm -f "$new"
    echo "$1 failed: ${said:-it has not $3 bytes}" | tr '\n' ' '; echo; failed=1
  fi
}
replace() {
  if [ -d "$2" ]; then echo "$2 is a directory"; return 1; fi
  if [ -e "$2" ]; then
    # A file that is replaced keeps its owner and mode.
    chown --reference="$2" "$1" 2>/dev/null
    chmod --reference="$2" "$1" 2>/dev/null
  fi
  mv -f "$1" "$2"
}
@items@
exit $failed
