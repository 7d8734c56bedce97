@powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0conformance.ps1" %*
