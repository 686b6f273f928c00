<#
.SYNOPSIS
Puts the waypost program on this machine, for this user, without administrator rights.

.DESCRIPTION
    irm URL/install.ps1 | iex
    powershell -ExecutionPolicy Bypass -File install.ps1 [-Version V] [-Prefix DIR] ...

Everything is in functions and the last line calls the first one, so that half a script does nothing. Nothing is changed
before the new program has been checked and has run once; the old one stays in place until then.

WAYPOST_RELEASES (a URL or a directory) says where releases are, WAYPOST_RELEASE_KEY which key signs them.

.PARAMETER Version
This version instead of the latest.
.PARAMETER Prefix
This directory instead of %LOCALAPPDATA%\Programs\waypost.
.PARAMETER FromSource
Build it with cargo from this checkout.
.PARAMETER DryRun
Say what would be done, and change nothing.
.PARAMETER Uninstall
Remove the program again; an installed node first, its state is kept.
.PARAMETER KeyStdin
Go on with "waypost node install", with the key read from standard input.
.PARAMETER KeyFile
The same with the key in this file.
.PARAMETER Gateway
The gateway of the node.
.PARAMETER NoNode
Do not ask whether to install the node.
.PARAMETER NoVerifySignature
Trust whoever serves the release: check sums only.
#>
[CmdletBinding()]
param(
    [string]$Version = '',
    [string]$Prefix = '',
    [string]$FromSource = '',
    [switch]$DryRun,
    [switch]$Uninstall,
    [switch]$KeyStdin,
    [string]$KeyFile = '',
    [string]$Gateway = '',
    [switch]$NoNode,
    [switch]$NoVerifySignature
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
# The bar makes Invoke-WebRequest of PowerShell 5.1 many times slower.
$ProgressPreference = 'SilentlyContinue'

# What a copy of this script trusts and where it looks; docs/releasing.md says who fills them in.
$DefaultReleases = 'https://github.com/waypost-dev/waypost/releases'
$DefaultReleaseKey = ''
$Namespace = 'waypost-release'

function Say([string]$Text) { Write-Host $Text }

# Nothing was changed, and how to go on.
function Stop-Install([string]$Text, [string[]]$Hints) {
    $lines = @("install.ps1: $Text") + @($Hints | Where-Object { $_ } | ForEach-Object { "  $_" })
    throw ($lines -join [Environment]::NewLine)
}

function Get-Setting([string]$Name, [string]$Default) {
    $value = [Environment]::GetEnvironmentVariable($Name)
    if ($value) { return $value }
    return $Default
}

function Invoke-Main {
    if (-not $Prefix) { $script:Prefix = Join-Path $env:LOCALAPPDATA 'Programs\waypost' }
    $script:Prefix = [IO.Path]::GetFullPath($Prefix)
    $script:Target = Join-Path $Prefix 'waypost.exe'
    $script:Releases = (Get-Setting 'WAYPOST_RELEASES' $DefaultReleases).TrimEnd('/', '\')
    $script:ReleaseKey = Get-Setting 'WAYPOST_RELEASE_KEY' $DefaultReleaseKey
    $script:Version = $Version -replace '^v', ''
    if ($Version -and $Version -notmatch '^[0-9A-Za-z.+-]+$') { Stop-Install "$Version is not a version" }
    if ($KeyFile -and -not (Test-Path -LiteralPath $KeyFile)) {
        Stop-Install "$KeyFile cannot be read" 'nothing was changed; -KeyFile wants a file with the key'
    }
    if ($Uninstall) { Remove-Waypost; return }
    $script:Staging = Join-Path ([IO.Path]::GetTempPath()) ('waypost-install-' + [Guid]::NewGuid().ToString('N'))
    New-Item -ItemType Directory -Path $Staging | Out-Null
    try {
        if ($FromSource) { Install-FromSource } else { Install-Release }
    } finally {
        Remove-Item -LiteralPath $Staging -Recurse -Force -ErrorAction SilentlyContinue
    }
    Add-ToPath
    Install-Node
}

# --- the release ---

function Install-Release {
    $triple = Get-Triple
    $have = Get-ProgramVersion $Target
    if ($Version -and $have -eq $Version) { Say "waypost $Version is installed already: $Target"; return }
    if ($Version) { $place = "download/v$Version" } else { $place = 'latest/download' }
    $list = Join-Path $Staging 'SHA256SUMS'
    Receive-File "$place/SHA256SUMS" $list 'check the network and a proxy, or name a mirror: $env:WAYPOST_RELEASES = "URL"'
    Test-Signature $place $list
    $pattern = '^([0-9a-f]{64}) [ *]waypost-([0-9][0-9A-Za-z.+-]*)-' + [regex]::Escape($triple) + '\.zip$'
    $named = @(Get-Content -LiteralPath $list | Where-Object { $_ -match $pattern -and (-not $Version -or $Matches[2] -eq $Version) })
    if ($named.Count -eq 0) {
        Stop-Install "the release has nothing for this machine ($triple)" @(
            'another version may (-Version V), or build it from a checkout: -FromSource DIR (needs cargo)')
    }
    $null = $named[0] -match $pattern
    $sum = $Matches[1]
    $script:Version = $Matches[2]
    if ($have -eq $Version) { Say "waypost $Version is installed already: $Target"; return }
    $archive = "waypost-$Version-$triple.zip"
    if ($DryRun) {
        Say "would download $Releases/download/v$Version/$archive"
        Say "would check that its SHA-256 is $sum"
        Say "would write $Target"
        return
    }
    Say "downloading $archive"
    $zip = Join-Path $Staging $archive
    Receive-File "download/v$Version/$archive" $zip 'nothing was changed; run the same command again'
    $got = (Get-FileHash -LiteralPath $zip -Algorithm SHA256).Hash.ToLowerInvariant()
    if ($got -ne $sum) {
        Stop-Install "$archive is not what the release says it is (SHA-256 $got instead of $sum)" @(
            'the download broke off or was changed on its way; nothing was installed, run the same command again',
            'if it stays so, tell whoever serves the release')
    }
    Expand-Archive -LiteralPath $zip -DestinationPath (Join-Path $Staging 'files')
    Set-Program (Join-Path $Staging 'files\waypost.exe') $have
}

function Get-Triple {
    # A 32 bit PowerShell on a 64 bit Windows tells its own kind in the first and the machine's in the second.
    $machine = $env:PROCESSOR_ARCHITECTURE
    if ($env:PROCESSOR_ARCHITEW6432) { $machine = $env:PROCESSOR_ARCHITEW6432 }
    # Windows on ARM runs programs for x86_64.
    if ($machine -eq 'AMD64' -or $machine -eq 'ARM64') { return 'x86_64-pc-windows-gnu' }
    Stop-Install "there is no release for Windows on $machine" 'build it from a checkout: -FromSource DIR (needs cargo)'
}

function Get-ProgramVersion([string]$Program) {
    if (-not (Test-Path -LiteralPath $Program)) { return '' }
    try { $said = & $Program --version } catch { return '' }
    if ("$said" -match '^waypost (\S+)') { return $Matches[1] }
    return ''
}

function Receive-File([string]$Path, [string]$File, [string]$Hint) {
    $from = "$Releases/$Path"
    try {
        if ($Releases -match '^https?://') {
            [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
            Invoke-WebRequest -Uri $from -OutFile $File -UseBasicParsing
        } else {
            if ($Releases -match '^file:') { $from = ([Uri]$from).LocalPath }
            Copy-Item -LiteralPath $from -Destination $File
        }
    } catch {
        Stop-Install "$from could not be downloaded: $($_.Exception.Message)" $Hint
    }
}

# SSHSIG with ed25519, as "ssh-keygen -Y sign" makes it. Windows has ssh-keygen since 2018.
function Test-Signature([string]$Place, [string]$List) {
    if ($NoVerifySignature) {
        Say 'the signature of the release is not checked, as asked: whoever serves it is trusted'
        return
    }
    if (-not $ReleaseKey) {
        Stop-Install 'this copy of install.ps1 knows no release key, so it cannot tell a genuine release' @(
            'take the script from a release, or name the key: $env:WAYPOST_RELEASE_KEY = "ssh-ed25519 AAAA..."',
            'or trust whoever serves the release: -NoVerifySignature')
    }
    $tool = Get-Command 'ssh-keygen' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $tool) {
        Stop-Install 'the signature of the release cannot be checked: there is no ssh-keygen' @(
            'add it: Settings, Optional features, OpenSSH Client',
            'or trust whoever serves the release: -NoVerifySignature')
    }
    $signature = Join-Path $Staging 'SHA256SUMS.sig'
    Receive-File "$Place/SHA256SUMS.sig" $signature 'the release is not signed; take it from elsewhere, or trust whoever serves it: -NoVerifySignature'
    $signers = Join-Path $Staging 'signers'
    [IO.File]::WriteAllText($signers, "release namespaces=`"$Namespace`" $ReleaseKey`n")
    # Start-Process gives the file as it is; a pipe of PowerShell would change its line ends.
    $arguments = @('-Y', 'verify', '-f', "`"$signers`"", '-I', 'release', '-n', $Namespace, '-s', "`"$signature`"")
    $run = Start-Process -FilePath $tool.Path -ArgumentList $arguments -RedirectStandardInput $List -NoNewWindow -Wait -PassThru `
        -RedirectStandardOutput (Join-Path $Staging 'out') -RedirectStandardError (Join-Path $Staging 'err')
    if ($run.ExitCode -ne 0) {
        Stop-Install "the signature of the release at $Releases is wrong" @(
            'it was not made by the key that this script knows; nothing was installed',
            'take script and release from the same place, and tell whoever serves them')
    }
}

# --- from source ---

function Install-FromSource {
    $manifest = Join-Path $FromSource 'Cargo.toml'
    if (-not (Test-Path -LiteralPath $manifest) -or -not (Select-String -LiteralPath $manifest -Pattern '^name = "waypost"$' -Quiet)) {
        Stop-Install "$FromSource is not a checkout of waypost" 'name its directory: -FromSource DIR'
    }
    if (-not (Get-Command 'cargo' -ErrorAction SilentlyContinue)) {
        Stop-Install 'cargo is not here' 'install Rust (https://rustup.rs), or install a release: without -FromSource'
    }
    if ($DryRun) {
        Say "would run cargo build --release --locked in $FromSource"
        Say "would write $Target"
        return
    }
    & cargo build --release --locked --bin waypost --manifest-path $manifest
    if ($LASTEXITCODE -ne 0) { Stop-Install 'the build failed; nothing was installed' 'what cargo said is above' }
    $built = Join-Path (Get-Setting 'CARGO_TARGET_DIR' (Join-Path $FromSource 'target')) 'release\waypost.exe'
    $have = Get-ProgramVersion $Target
    if ($have -and (Get-FileHash -LiteralPath $built).Hash -eq (Get-FileHash -LiteralPath $Target).Hash) {
        Say "waypost $have of this source is installed already: $Target"
        return
    }
    Set-Program $built $have
}

# --- putting it in place, and taking it away ---

function Set-Program([string]$Program, [string]$Have) {
    $new = Get-ProgramVersion $Program
    if (-not $new -or ($Version -and $new -ne $Version)) {
        Stop-Install 'the new program does not run on this machine' 'nothing was changed; see whether a virus scanner holds it back'
    }
    try {
        New-Item -ItemType Directory -Path $Prefix -Force | Out-Null
        $next = "$Target.new"
        Copy-Item -LiteralPath $Program -Destination $next -Force
        # A program that runs cannot be replaced, only renamed; its old file goes with the next installation.
        Get-ChildItem -LiteralPath $Prefix -Filter 'waypost.exe.old-*' | Remove-Item -Force -ErrorAction SilentlyContinue
        if (Test-Path -LiteralPath $Target) {
            $old = "$Target.old-" + [Guid]::NewGuid().ToString('N')
            Move-Item -LiteralPath $Target -Destination $old
            try {
                Move-Item -LiteralPath $next -Destination $Target
            } catch {
                Move-Item -LiteralPath $old -Destination $Target
                throw
            }
            Remove-Item -LiteralPath $old -Force -ErrorAction SilentlyContinue
        } else {
            Move-Item -LiteralPath $next -Destination $Target
        }
    } catch {
        Remove-Item -LiteralPath "$Target.new" -Force -ErrorAction SilentlyContinue
        Stop-Install "$Target cannot be written: $($_.Exception.Message)" 'name a directory of yours: -Prefix DIR'
    }
    if ($Have) {
        Say "waypost $new is installed, in place of ${Have}: $Target"
        Say '  a node that runs as a service goes on with the old program until "waypost node restart"'
    } else {
        Say "waypost ${new} is installed: $Target"
    }
}

# The PATH of the user as it is in the registry, with names such as %USERPROFILE% kept as they are.
function Get-UserPath {
    $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment')
    if (-not $key) { return '' }
    try { return [string]$key.GetValue('Path', '', 'DoNotExpandEnvironmentNames') } finally { $key.Close() }
}

function Set-UserPath([string]$Value) {
    $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Environment')
    try { $key.SetValue('Path', $Value, 'ExpandString') } finally { $key.Close() }
    # Setting any variable this way tells running programs that the environment has changed.
    [Environment]::SetEnvironmentVariable('WAYPOST_INSTALL_DONE', $null, 'User')
}

function Add-ToPath {
    $parts = @((Get-UserPath) -split ';' | Where-Object { $_ })
    if ($parts -contains $Prefix) { return }
    if ($DryRun) { Say "would add $Prefix to the user's PATH"; return }
    Set-UserPath ((@($parts) + $Prefix) -join ';')
    $env:Path = "$env:Path;$Prefix"
    Say "$Prefix was added to your PATH; windows that are open already do not know it"
}

function Remove-Waypost {
    if (-not (Test-Path -LiteralPath $Target)) { Say "there is no ${Target}: nothing to remove"; return }
    if ($DryRun) {
        Say "would remove the node's service, if one is installed (waypost node uninstall)"
        Say "would remove $Target and $Prefix from the user's PATH"
        return
    }
    # A service whose program is gone would fail at every start. Exit code 4 of status: there is none.
    if (Get-ProgramVersion $Target) {
        & $Target node status | Out-Null
        if ($LASTEXITCODE -ne 4) {
            & $Target node uninstall --yes
            if ($LASTEXITCODE -ne 0) {
                Stop-Install 'the node could not be uninstalled, so its program stays' 'see what it said above; then run this again'
            }
        }
    }
    Remove-Item -LiteralPath $Target -Force
    Get-ChildItem -LiteralPath $Prefix -Filter 'waypost.exe.old-*' | Remove-Item -Force -ErrorAction SilentlyContinue
    if (@(Get-ChildItem -LiteralPath $Prefix -Force).Count -eq 0) { Remove-Item -LiteralPath $Prefix }
    $parts = @((Get-UserPath) -split ';' | Where-Object { $_ -and $_ -ne $Prefix })
    Set-UserPath ($parts -join ';')
    Say "removed $Target"
    Say '  what the node keeps is still there; "waypost node uninstall --purge" would have removed it too'
}

# --- the node ---

# Goes on with "waypost node install"; the key goes through a pipe, never through arguments.
function Install-Node {
    $arguments = @('node', 'install', '--yes', '--api-key-stdin')
    if ($Gateway) { $arguments += @('--gateway', $Gateway) }
    if ($DryRun) {
        if ($KeyStdin -or $KeyFile) { Say 'would run waypost node install --api-key-stdin' }
        return
    }
    if ($KeyStdin) {
        [Console]::In.ReadLine() | & $Target @arguments
    } elseif ($KeyFile) {
        Get-Content -LiteralPath $KeyFile -TotalCount 1 | & $Target @arguments
    } elseif ($NoNode -or [Console]::IsInputRedirected -or -not [Environment]::UserInteractive) {
        Say 'next: waypost node install --api-key-stdin --gateway URL'
        return
    } else {
        $answer = Read-Host 'Install the node as a service of this machine now? [y/N]'
        if ($answer -notmatch '^[yY]') { Say 'later: waypost node install'; return }
        if (-not $Gateway) { $arguments += @('--gateway', (Read-Host 'URL of the gateway')) }
        $hidden = Read-Host 'Key of the gateway (not shown)' -AsSecureString
        (New-Object Net.NetworkCredential('', $hidden)).Password | & $Target @arguments
    }
    if ($LASTEXITCODE -ne 0) { Stop-Install 'the program is installed, the node is not' 'see what it said above; go on with: waypost node install' }
}

Invoke-Main
