# Lists the files that match: size and path.
Get-ChildItem -Path @items@ -File -ErrorAction SilentlyContinue | ForEach-Object { "$($_.Length) $($_.FullName)" }
