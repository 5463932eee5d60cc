# Lists the files that match: size and path.
for file in @items@; do
  if [ -f "$file" ]; then echo "$(wc -c <"$file" | tr -d ' ') $file"; fi
done
