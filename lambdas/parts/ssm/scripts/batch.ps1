# Runs a batch once, keeps all of its output, and prints the end of it and how it ended.
$ErrorActionPreference = 'Stop'
$keep = "$env:ProgramData\nightshift"
$here = "$keep\@label@"
if (-not (Test-Path $keep)) {
  New-Item -ItemType Directory $keep | Out-Null
  # For the system and the administrators only, whatever the language of Windows.
  icacls $keep /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
}
Get-ChildItem $keep -Directory | Where-Object { $_.LastWriteTime -lt (Get-Date).AddDays(-7) } |
  Remove-Item -Recurse -Force -ErrorAction SilentlyContinue

$first = $true
try { New-Item -ItemType Directory $here | Out-Null } catch { $first = $false }
if ($first) {
  $batch = @'
@batch@
exit $LASTEXITCODE
'@
  Set-Content -Path "$here\batch.ps1" -Value $batch -Encoding UTF8
  $run = @{
    FilePath = 'powershell.exe'
    ArgumentList = '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', "`"$here\batch.ps1`""
    WorkingDirectory = @directory@
    RedirectStandardOutput = "$here\output"
    RedirectStandardError = "$here\errors"
  }
  $code = 1
  try {
    $process = Start-Process @run -PassThru -NoNewWindow
    # Without a look at the handle, ExitCode is empty.
    $null = $process.Handle
    if ($process.WaitForExit(@limit@ * 1000)) {
      $process.WaitForExit()
      $code = $process.ExitCode
    } else {
      taskkill /T /F /PID $process.Id | Out-Null
      $code = 124
    }
  } catch { Add-Content "$here\output" "$_" }
  if (Test-Path "$here\errors") { Get-Content "$here\errors" | Add-Content "$here\output" }
  Set-Content "$here\code" $code
} elseif (Test-Path $here) {
  # This command was sent twice: wait for the end of the first.
  while (-not (Test-Path "$here\code")) { Start-Sleep 1 }
} else {
  Write-Output "cannot create $here"
  exit 1
}

$code = [int](Get-Content "$here\code")
if (-not (Test-Path "$here\output")) { New-Item -ItemType File "$here\output" | Out-Null }
$size = (Get-Item "$here\output").Length
$kept = "kept in $here\output"
@upload@
$text = [string](Get-Content "$here\output" -Raw)
if ($text.Length -gt @tail@) { $text = $text.Substring($text.Length - @tail@) }
Write-Output $text
Write-Output "nightshift: exit $code, $size bytes, $kept"
# At 3010 (on Linux 194) the agent would reboot the instance and run this again, for ever.
if ($code -in 194, 3010) { exit 1 }
exit $code
