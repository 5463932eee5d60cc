# Lists the files that match: number of the pattern, size and path. List <number> <pattern>
function List($number, $path) {
  Get-ChildItem -Path $path -File -ErrorAction SilentlyContinue |
    ForEach-Object { "$number $($_.Length) $($_.FullName)" }
}
@items@
exit 0
