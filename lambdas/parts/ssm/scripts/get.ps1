# Fetches objects from S3. Get-Object <number> <file> <bytes> <curl's configuration>
$script:failed = 0
function Get-Object($number, $file, $bytes, $curl) {
  $new = "$file.nightshift"
  try {
    $folder = Split-Path $file
    if (-not (Test-Path $folder)) { New-Item -ItemType Directory -Force $folder | Out-Null }
    $said = $curl | curl.exe -fsSg --retry 3 -K - -o $new 2>&1
    if ($LASTEXITCODE -ne 0) { throw "$said" }
    if ((Get-Item $new).Length -ne $bytes) { throw "it has not $bytes bytes" }
    Move-Item -Force $new $file
    "$number ok"
  } catch {
    Remove-Item $new -ErrorAction SilentlyContinue
    "$number failed: $_"; $script:failed = 1
  }
}
@items@
exit $script:failed
