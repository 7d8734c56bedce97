#!/usr/bin/env pwsh
# The launcher for Windows (and for PowerShell elsewhere), as ./conformance is for a shell: builds the command where a source is newer than
# it, and starts it.
$ErrorActionPreference = 'Stop'
$cli = Join-Path $PSScriptRoot 'artifacts/bin/Conformance.Cli/release/Conformance.Cli.dll'

function Stop-WithError($message) {
    [Console]::Error.WriteLine("conformance: $message")
    exit 3
}

if (-not $env:RunAnalyzers) { $env:RunAnalyzers = 'false' }
if ($args -contains '--no-install') { $env:CONFORMANCE_OFFLINE = '1' }
$arguments = @($args | Where-Object { $_ -ne '--no-install' })

function Test-UpToDate {
    if (-not (Test-Path $cli)) { return $false }
    $built = (Get-Item $cli).LastWriteTimeUtc
    $sources = @('harness', 'runtimes', 'Directory.*') | ForEach-Object { Join-Path $PSScriptRoot $_ }
    -not (Get-ChildItem $sources -Recurse -File | Where-Object {
            $_.LastWriteTimeUtc -gt $built -and $_.Extension -notin '.toml', '.md' -and $_.Name -ne 'packages.lock.json' -and
            $_.FullName -notmatch '[\\/]node_modules[\\/]'
        } | Select-Object -First 1)
}

if (-not (Test-UpToDate)) {
    if (-not (Get-Command dotnet -ErrorAction Ignore) -or -not (dotnet --list-sdks | Select-String '^1[0-9]\.')) {
        Stop-WithError 'the .NET SDK 10 is not here: see https://dotnet.microsoft.com/download (any way of installing it will do, with dotnet on PATH)'
    }
    [Console]::Error.WriteLine('conformance: building')
    $words = dotnet build (Join-Path $PSScriptRoot 'harness/Conformance.Cli') -c Release --nologo -v quiet 2>&1
    if ($LASTEXITCODE -ne 0) {
        $words | Select-String 'error|warn' | Sort-Object -Unique | ForEach-Object { [Console]::Error.WriteLine($_) }
        Stop-WithError 'the build failed'
    }
    (Get-Item $cli).LastWriteTimeUtc = [DateTime]::UtcNow
}
dotnet $cli @arguments
exit $LASTEXITCODE
