# Sends files to S3. Put <number> <file> <first MiB> <MiBs, 0 for the whole file> <curl's configuration>
$script:failed = 0
$part = [IO.Path]::GetTempFileName()
function Put($number, $file, $skip, $count, $curl) {
  $data = $file
  try {
    if ($count -gt 0) {
      $data = $part
      $in = [IO.File]::Open($file, 'Open', 'Read', 'ReadWrite')
      $out = [IO.File]::Create($part)
      try {
        $null = $in.Seek($skip * 1MB, 'Begin')
        $buffer = New-Object byte[] 1MB
        $left = $count * 1MB
        while ($left -gt 0 -and ($read = $in.Read($buffer, 0, [Math]::Min($left, $buffer.Length))) -gt 0) {
          $out.Write($buffer, 0, $read)
          $left -= $read
        }
      } finally { $in.Close(); $out.Close() }
    }
    $said = $curl | curl.exe -fsSg --retry 3 -K - -T $data 2>&1
    if ($LASTEXITCODE -ne 0) { throw "$said" }
    "$number ok"
  } catch { "$number failed: $_"; $script:failed = 1 }
}
@items@
Remove-Item $part
exit $script:failed
