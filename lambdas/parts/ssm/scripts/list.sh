# Lists the files that match: number of the pattern, size and path. list <number> <file>...
list() {
  number=$1
  shift
  for file; do
    if [ -f "$file" ]; then echo "$number $(wc -c <"$file" | tr -d ' ') $file"; fi
  done
}
@items@
exit 0
