# Sends files to S3. put <number> <file> <first MiB> <MiBs, 0 for the whole file>; curl's configuration is on stdin.
part=$(mktemp) || exit 1
trap 'rm -f "$part"' EXIT
failed=0
put() {
  data=$2
  if [ "$4" -gt 0 ]; then
    data=$part
    if ! said=$(dd if="$2" of="$part" bs=1048576 skip="$3" count="$4" 2>&1); then
      echo "$1 failed: $said" | tr '\n' ' '; echo; failed=1; return
    fi
  fi
  if said=$(curl -fsSg --retry 3 -K - -T "$data" 2>&1); then
    echo "$1 ok"
  else
    echo "$1 failed: $said" | tr '\n' ' '; echo; failed=1
  fi
}
@items@
exit $failed
