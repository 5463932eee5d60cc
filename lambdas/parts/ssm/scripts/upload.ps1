if ($env:AWS_SSM_INSTANCE_ID -and (Get-Command curl.exe -ErrorAction SilentlyContinue)) {
  $file = "$here\output".Replace('\', '/')
  $form = @"
@form@
"@
  $ErrorActionPreference = 'Continue'
  $form | curl.exe -fsSg --retry 3 -K - 2>"$here\upload" | Out-Null
  if ($LASTEXITCODE -eq 0) { $kept = 'uploaded' }
  $ErrorActionPreference = 'Stop'
}
