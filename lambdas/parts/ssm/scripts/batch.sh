#!/bin/sh
# Runs a batch once, keeps all of its output, and prints the end of it and how it ended.
keep=/var/lib/nightshift
here="$keep/@label@"
(umask 077; mkdir -p "$keep")
find "$keep" -mindepth 1 -maxdepth 1 -type d -mtime +7 -exec rm -rf {} + 2>/dev/null

if mkdir -m 700 "$here" 2>/dev/null; then
  cat >"$here/batch" <<'NIGHTSHIFT-@label@'
@batch@
NIGHTSHIFT-@label@
  chmod 700 "$here/batch"
  limit=
  if command -v timeout >/dev/null; then limit='timeout -k 10 @limit@'; fi
  ( cd @directory@ && exec $limit "$here/batch" ) >"$here/output" 2>&1 </dev/null
  echo $? >"$here/code.new" && mv "$here/code.new" "$here/code"
elif [ -d "$here" ]; then
  # This command was sent twice: wait for the end of the first.
  while [ ! -f "$here/code" ]; do sleep 1; done
else
  echo "cannot create $here"
  exit 1
fi

code=$(cat "$here/code")
size=$(wc -c <"$here/output" | tr -d ' ')
kept="kept in $here/output"
@upload@
tail -c @tail@ "$here/output"
printf '\nnightshift: exit %s, %s bytes, %s\n' "$code" "$size" "$kept"
# At 194 (on Windows 3010) the agent would reboot the instance and run this again, for ever.
case "$code" in 194 | 3010) exit 1 ;; esac
exit "$code"
