#!/bin/sh
# Puts the waypost program on this machine, for this user, without root.
#
#   curl -fsSL URL/install.sh | sh
#   sh install.sh [OPTION]... [-- OPTIONS OF waypost node install]
#
# Everything is in functions and the last line calls the first one, so that half a script does nothing. Nothing is changed
# before the new program has been checked and has run once; the old one stays in place until then. sudo is never called.

# shellcheck disable=SC2016 # Backquotes in messages are for people.

set -eu

# What a copy of this script trusts and where it looks; docs/releasing.md says who fills them in.
default_releases='https://github.com/waypost-dev/waypost/releases'
release_key=''

namespace='waypost-release'
staging=''
made='' there=''

usage() {
    cat << 'END'
Puts the waypost program on this machine, for this user, without root.

Usage: install.sh [OPTION]... [-- OPTIONS OF waypost node install]

  --version V             this version instead of the latest
  --prefix DIR            DIR/bin instead of ~/.local/bin
  --from-source [DIR]     build it with cargo from DIR, a checkout (default: the current directory)
  --dry-run               say what would be done, and change nothing
  --uninstall             remove the program again; an installed node first, its state is kept
  --key-stdin             go on with `waypost node install`, with the key read from standard input
  --key-file FILE         the same with the key in FILE
  --no-node               do not ask whether to install the node
  --no-verify-signature   trust whoever serves the release: check sums only
  --help                  this

Options after -- go to `waypost node install`, e.g. -- --gateway https://gateway.example.com

Environment:
  WAYPOST_RELEASES        where releases are: a URL (https://, file://) or a directory
  WAYPOST_RELEASE_KEY     the key that signs them, `ssh-ed25519 AAAA...`, for a mirror with releases of its own

Examples:
  sh install.sh
  sh install.sh --version 0.1.0 --prefix /opt/waypost
  sh install.sh --key-file key.txt -- --gateway https://gateway.example.com
END
}

say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE [WAY OUT]...: nothing was changed, and how to go on.
fail() {
    say "install.sh: $1"
    shift
    for hint in "$@"; do say "  $hint"; done
    exit 1
}

has() { command -v "$1" > /dev/null 2>&1; }

clean_up() {
    [ -z "$staging" ] || rm -rf "$staging"
    staging=''
    # Directories that this run made and did not use.
    while [ -n "$made" ] && [ "$made" != "$there" ] && rmdir "$made" 2> /dev/null; do made=$(dirname "$made"); done
    made=''
}

main() {
    version='' prefix='' source='' wanted='install' dry_run='' key_from='' ask_node='yes' verify='yes'
    releases=${WAYPOST_RELEASES:-$default_releases}
    release_key=${WAYPOST_RELEASE_KEY:-$release_key}
    while [ $# -gt 0 ]; do
        case $1 in
            --version | --prefix | --key-file)
                [ $# -gt 1 ] || wrong "$1 wants a value"
                case $1 in
                    --version) version=${2#v} ;;
                    --prefix) prefix=$2 ;;
                    --key-file) key_from=$2 ;;
                esac
                shift
                ;;
            --from-source)
                source='.'
                case ${2:-} in '' | -*) ;; *) source=$2 && shift ;; esac
                ;;
            --dry-run) dry_run=yes ;;
            --uninstall) wanted='uninstall' ;;
            --key-stdin) key_from='-' ;;
            --no-node) ask_node='' ;;
            --no-verify-signature) verify='' ;;
            --help | -h) usage && return 0 ;;
            --) shift && break ;;
            *) wrong "there is no option $1" ;;
        esac
        shift
    done
    [ -n "$prefix" ] || prefix=${HOME:?is not set: use --prefix DIR}/.local
    case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
    case $key_from in
        '' | -) ;;
        *) [ -r "$key_from" ] || fail "$key_from cannot be read" 'nothing was changed; --key-file wants a file with the key' ;;
    esac
    case $version in *[!0-9A-Za-z.+-]*) wrong "$version is not a version" ;; esac
    bin=$prefix/bin
    target=$bin/waypost
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    if [ "$wanted" = uninstall ]; then
        uninstall
        return 0
    fi
    if [ -n "$source" ]; then
        install_from_source
    else
        install_release
    fi
    say_path
    node "$@"
}

wrong() {
    say "install.sh: $1"
    say '  `install.sh --help` shows the options'
    exit 2
}

# --- the release ---

install_release() {
    platform
    have=$(version_of "$target")
    if [ -n "$version" ] && [ "$have" = "$version" ]; then
        say "waypost $version is installed already: $target"
        return 0
    fi
    has sha256sum || has shasum || has openssl ||
        fail 'nothing here can compute SHA-256 (sha256sum, shasum, openssl)' 'install one of them'
    make_staging
    if [ -n "$version" ]; then place="download/v$version"; else place='latest/download'; fi
    fetch "$place/SHA256SUMS" "$staging/SHA256SUMS" ||
        fail "there is no list of a release at $releases/$place/SHA256SUMS" "${fetch_said:-}" \
            'check the network and a proxy (HTTPS_PROXY), or name a mirror: WAYPOST_RELEASES=URL'
    check_signature "$place"
    [ -n "$version" ] || version=$(listed_version)
    [ -n "$version" ] || fail "the list of the release at $releases names no waypost archive" \
        'tell whoever serves it, or name another: WAYPOST_RELEASES=URL'
    if [ "$have" = "$version" ]; then
        say "waypost $version is installed already: $target"
        return 0
    fi
    tried=''
    for triple in $triples; do
        archive="waypost-$version-$triple.tar.gz"
        sum=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1; exit }' "$staging/SHA256SUMS")
        [ -n "$sum" ] || continue
        if [ -n "$dry_run" ]; then
            say "would download $releases/download/v$version/$archive"
            say "would check that its SHA-256 is $sum"
            say "would ${have:+replace waypost $have with waypost $version as}${have:-write} $target"
            return 0
        fi
        unpack_release
        if new=$(version_of "$staging/waypost") && [ "$new" = "$version" ]; then
            put_in_place
            return 0
        fi
        tried="$tried $triple"
    done
    [ -z "$tried" ] || fail "waypost $version does not run on this machine (tried:$tried)" \
        'the file system of the directory may not allow programs (noexec): try --prefix DIR' \
        'or build it from a checkout: install.sh --from-source DIR'
    fail "the release $version has nothing for this machine ($triples)" \
        'another version may (--version V), or build it from a checkout: install.sh --from-source DIR'
}

# Sets triples: what may run here, best first.
platform() {
    system=$(uname -s) machine=$(uname -m)
    case $machine in
        x86_64 | amd64) machine=x86_64 ;;
        aarch64 | arm64) machine=aarch64 ;;
        *) machine='' ;;
    esac
    case $system in
        # A program for glibc fails to start where glibc is too old; the one for musl runs everywhere.
        Linux)
            triples="$machine-unknown-linux-musl"
            is_musl || triples="$machine-unknown-linux-gnu $triples"
            ;;
        Darwin)
            # A shell under Rosetta says x86_64 on a machine that is not.
            [ "$(sysctl -n sysctl.proc_translated 2> /dev/null || :)" != 1 ] || machine=aarch64
            triples="$machine-apple-darwin"
            ;;
        *) machine='' ;;
    esac
    [ -n "$machine" ] || fail "there is no release for $system on $(uname -m)" \
        'build it from a checkout: install.sh --from-source DIR (needs cargo)'
}

is_musl() {
    for loader in /lib/ld-musl-*; do [ ! -e "$loader" ] || return 0; done
    return 1
}

listed_version() {
    sed -n 's/^[0-9a-f]*  *\**waypost-\([0-9][0-9A-Za-z.+-]*\)-\(x86_64\|aarch64\)-[a-z0-9-]*\.tar\.gz$/\1/p' "$staging/SHA256SUMS" |
        head -n 1
}

version_of() {
    [ -x "$1" ] || return 0
    "$1" --version 2> /dev/null < /dev/null | awk 'NR == 1 && $1 == "waypost" { print $2 }'
}

make_staging() {
    if [ -n "$dry_run" ]; then
        staging=$(mktemp -d) || fail 'there is no place for temporary files' 'set TMPDIR to a directory that can be written'
        return 0
    fi
    made=$bin there=$bin
    while [ ! -d "$there" ]; do there=$(dirname "$there"); done
    mkdir -p "$bin" 2> /dev/null || fail "$bin cannot be made" 'name a directory of yours: --prefix DIR'
    # What a run that was killed has left.
    find "$bin" -maxdepth 1 -name '.waypost-install.*' -mtime +0 -exec rm -rf {} + 2> /dev/null || :
    # Beside the program, so that it can be put in place in one step and is checked where it will run.
    staging=$(mktemp -d "$bin/.waypost-install.XXXXXX" 2> /dev/null) ||
        fail "nothing can be written in $bin" 'name a directory of yours: --prefix DIR'
}

# fetch PATH FILE: PATH below the releases, to FILE. On failure the reason is in fetch_said.
fetch() {
    fetch_said=''
    case $releases in
        file://*) copy "${releases#file://}/$1" "$2" ;;
        http://* | https://*) download "$releases/$1" "$2" ;;
        *) copy "$releases/$1" "$2" ;;
    esac
}

copy() {
    [ -f "$1" ] || { fetch_said="there is no file $1" && return 1; }
    fetch_said=$(cp "$1" "$2" 2>&1)
}

download() {
    if has curl; then
        set -- "$1" "$2" --fail --silent --show-error --location --retry 2 --connect-timeout 20
        # What comes over TLS must not be redirected to where it does not.
        case $1 in https://*) set -- "$@" --proto '=https' --tlsv1.2 ;; esac
        fetch_url=$1 fetch_to=$2
        shift 2
        fetch_said=$(curl "$@" --output "$fetch_to" "$fetch_url" 2>&1)
    elif has wget; then
        fetch_said=$(wget -q -O "$2" "$1" 2>&1)
    else
        fail 'neither curl nor wget is here' 'install one of them, or download the release and name its directory: WAYPOST_RELEASES=DIR'
    fi
}

unpack_release() {
    say "downloading $archive"
    fetch "download/v$version/$archive" "$staging/$archive" ||
        fail "$releases/download/v$version/$archive could not be downloaded" "$fetch_said" \
            'nothing was changed; run the same command again'
    got=$(sha256 "$staging/$archive")
    [ "$got" = "$sum" ] || fail "$archive is not what the release says it is (SHA-256 $got instead of $sum)" \
        'the download broke off or was changed on its way; nothing was installed, run the same command again' \
        'if it stays so, tell whoever serves the release'
    tar -xzf "$staging/$archive" -C "$staging" waypost || fail "$archive cannot be unpacked" 'is the disk full? nothing was changed'
    chmod 755 "$staging/waypost"
}

sha256() {
    if has sha256sum; then
        sha256sum "$1"
    elif has shasum; then
        shasum -a 256 "$1"
    else
        openssl dgst -sha256 -r "$1"
    fi | awk '{ print $1 }'
}

# --- the signature: SSHSIG with ed25519, as `ssh-keygen -Y sign` makes it ---

check_signature() {
    if [ -z "$verify" ]; then
        say 'the signature of the release is not checked, as asked: whoever serves it is trusted'
        return 0
    fi
    [ -n "$release_key" ] || fail 'this copy of install.sh knows no release key, so it cannot tell a genuine release' \
        'take the script from a release, or name the key: WAYPOST_RELEASE_KEY="ssh-ed25519 AAAA..."' \
        'or trust whoever serves the release: --no-verify-signature'
    verifiers=''
    if has ssh-keygen && ssh_keygen_can_verify; then verifiers='with_ssh_keygen'; fi
    # ssh-keygen wants a passwd entry, which containers do not always have.
    if has openssl && openssl pkeyutl -help 2>&1 | grep -q -e -rawin; then verifiers="$verifiers with_openssl"; fi
    if [ -z "$verifiers" ]; then
        fail 'the signature of the release cannot be checked: there is no ssh-keygen (OpenSSH 8.1 or later) and no openssl (3 or later)' \
            'install the package openssh-client (or openssl), or trust whoever serves the release: --no-verify-signature'
    fi
    fetch "$1/SHA256SUMS.sig" "$staging/SHA256SUMS.sig" || fail "the release at $releases/$1 is not signed" "$fetch_said" \
        'nothing was installed; take it from elsewhere, or trust whoever serves it: --no-verify-signature'
    for verifier in $verifiers; do
        if $verifier; then return 0; fi
    done
    fail "the signature of the release at $releases is wrong" \
        'it was not made by the key that this script knows; nothing was installed' \
        'take script and release from the same place, and tell whoever serves them'
}

ssh_keygen_can_verify() { ! ssh-keygen -Y 2>&1 | grep -q -i -e 'illegal option' -e 'unknown option'; }

with_ssh_keygen() {
    printf 'release namespaces="%s" %s\n' "$namespace" "$release_key" > "$staging/signers"
    ssh-keygen -Y verify -f "$staging/signers" -I release -n "$namespace" -s "$staging/SHA256SUMS.sig" \
        < "$staging/SHA256SUMS" > /dev/null 2>&1
}

# The same by hand: what was signed is a header, the hash's name and the hash (PROTOCOL.sshsig of OpenSSH). The signature is
# the last 64 bytes of the file, the key the last 32 of its line; both formats have a fixed length for ed25519.
with_openssl() {
    case $release_key in ssh-ed25519\ *) ;; *) return 1 ;; esac
    sed '/^-----/d' "$staging/SHA256SUMS.sig" | tr -d '\r\n' | openssl base64 -d -A > "$staging/sig.whole" 2> /dev/null || return 1
    tail -c 64 "$staging/sig.whole" > "$staging/sig.raw"
    {
        # An ed25519 key in DER is this header and the key.
        printf '\060\052\060\005\006\003\053\145\160\003\041\000'
        printf '%s\n' "$release_key" | awk '{ printf "%s", $2 }' | openssl base64 -d -A | tail -c 32
    } > "$staging/key.der"
    {
        printf 'SSHSIG\000\000\000\017%s\000\000\000\000\000\000\000\006sha512\000\000\000\100' "$namespace"
        openssl dgst -sha512 -binary "$staging/SHA256SUMS"
    } > "$staging/signed"
    openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$staging/key.der" -sigfile "$staging/sig.raw" \
        -in "$staging/signed" > /dev/null 2>&1
}

# --- from source ---

install_from_source() {
    grep -q -s '^name = "waypost"$' "$source/Cargo.toml" ||
        fail "$source is not a checkout of waypost" 'name its directory: --from-source DIR'
    has cargo || fail 'cargo is not here' 'install Rust (https://rustup.rs), or install a release: install.sh without --from-source'
    if [ -n "$dry_run" ]; then
        say "would run cargo build --release --locked in $source"
        say "would write $target"
        return 0
    fi
    built=${CARGO_TARGET_DIR:-$source/target}/release/waypost
    (cd "$source" && cargo build --release --locked --bin waypost) >&2 || fail 'the build failed; nothing was installed' \
        'what cargo said is above'
    if cmp -s "$built" "$target"; then
        say "waypost $(version_of "$target") of this source is installed already: $target"
        return 0
    fi
    have=$(version_of "$target")
    make_staging
    cp "$built" "$staging/waypost" || fail "the program cannot be copied to $bin" 'is the disk full?'
    chmod 755 "$staging/waypost"
    version=$(version_of "$staging/waypost")
    [ -n "$version" ] || fail "what was built does not run in $bin" \
        'the file system may not allow programs (noexec): try --prefix DIR'
    put_in_place
}

# --- putting it in place, and taking it away ---

put_in_place() {
    [ ! -d "$target" ] || fail "$target is a directory" 'remove it, or name another place: --prefix DIR'
    mv -f "$staging/waypost" "$target" || fail "$target cannot be replaced" 'the old program is still there; see who owns it: ls -l' \
        'or name another place: --prefix DIR'
    if [ -n "$have" ]; then
        say "waypost $version is installed, in place of $have: $target"
        say '  a node that runs as a service goes on with the old program until `waypost node restart`'
    else
        say "waypost $version is installed: $target"
    fi
}

say_path() {
    case :${PATH:-}: in *:"$bin":*) return 0 ;; esac
    say "$bin is not in your PATH. For new shells, and for this one:"
    case ${SHELL:-} in
        */zsh) rc=.zshrc ;;
        */bash) rc=.bashrc ;;
        */fish) say "  fish_add_path $(quoted "$bin")" && return 0 ;;
        *) rc=.profile ;;
    esac
    line="export PATH=$(quoted "$bin"):\"\$PATH\""
    say "  echo $(quoted "$line") >> ~/$rc"
    say "  $line"
}

# A word for the user's shell, as it is when it is harmless.
quoted() {
    case $1 in
        *[!A-Za-z0-9/._-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
        *) printf '%s' "$1" ;;
    esac
}

uninstall() {
    if [ ! -e "$target" ] && [ ! -L "$target" ]; then
        say "there is no $target: nothing to remove"
        return 0
    fi
    if [ -n "$dry_run" ]; then
        say "would remove the node's service, if one is installed (waypost node uninstall)"
        say "would remove $target"
        return 0
    fi
    # A service whose program is gone would fail at every start.
    if [ -n "$(version_of "$target")" ] && node_is_installed; then
        "$target" node uninstall --yes < /dev/null >&2 || fail 'the node could not be uninstalled, so its program stays' \
            "see what it said above; then run $(quoted "$target") node uninstall, and this again"
    fi
    rm -f "$target" || fail "$target cannot be removed" 'see who owns it: ls -l'
    say "removed $target"
    say '  what the node keeps is still there; `waypost node uninstall --purge` would have removed it too'
}

# Whether the node is a service here, as `waypost node status` says it: the exit code of systemctl for a unit that is not there
# is 4.
node_is_installed() {
    code=0
    "$target" node status > /dev/null 2>&1 < /dev/null || code=$?
    [ "$code" != 4 ]
}

# --- the node ---

# Goes on with `waypost node install`; the key goes through a pipe, never through arguments.
node() {
    if [ -n "$dry_run" ]; then
        [ -z "$key_from" ] || say 'would run waypost node install --api-key-stdin'
        return 0
    fi
    case $key_from in
        '') offer_node "$@" ;;
        -) "$target" node install --yes --api-key-stdin "$@" ;;
        *) "$target" node install --yes --api-key-stdin "$@" < "$key_from" ;;
    esac
}

offer_node() {
    # Standard input is this script when it comes through a pipe, so the person is asked at the terminal.
    if [ -z "$ask_node" ] || [ ! -t 2 ] || ! (: < /dev/tty) 2> /dev/null; then
        say "next: $(quoted "$target") node install --api-key-stdin --gateway URL"
        return 0
    fi
    printf 'Install the node as a service of this machine now? [y/N] ' > /dev/tty
    IFS= read -r answer < /dev/tty || answer=''
    case $answer in [yY]*) ;; *) say "later: $(quoted "$target") node install" && return 0 ;; esac
    case " $* " in
        *' --gateway'*) ;;
        *)
            printf 'URL of the gateway: ' > /dev/tty
            IFS= read -r answer < /dev/tty || answer=''
            [ -z "$answer" ] || set -- "$@" --gateway "$answer"
            ;;
    esac
    printf 'Key of the gateway (not shown): ' > /dev/tty
    stty -echo < /dev/tty 2> /dev/null || :
    trap 'stty echo < /dev/tty 2> /dev/null; clean_up' EXIT
    IFS= read -r key < /dev/tty || key=''
    stty echo < /dev/tty 2> /dev/null || :
    printf '\n' > /dev/tty
    printf '%s\n' "$key" | "$target" node install --yes --api-key-stdin "$@"
}

main "$@"
