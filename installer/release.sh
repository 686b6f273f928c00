#!/bin/sh
# Lays out a release as install.sh and install.ps1 look for it, and signs it; docs/releasing.md says when and how.
#
#   sh installer/release.sh DIR VERSION KEY TRIPLE=PROGRAM...
#
# DIR/download/vVERSION gets an archive for each TRIPLE, SHA256SUMS and its signature by KEY, the file of an ed25519 SSH key;
# DIR/latest is that version from then on.

set -eu

[ $# -gt 3 ] || { sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
dir=$1 version=$2 key=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
release=$dir/download/v$version
rm -rf "$release"
mkdir -p "$release"
packing=$(mktemp -d)
trap 'rm -rf "$packing"' EXIT

for one in "$@"; do
    triple=${one%%=*} program=${one#*=}
    rm -rf "$packing/files"
    mkdir "$packing/files"
    cp "$here/../LICENSE" "$packing/files/"
    case $triple in
        *-windows-*)
            cp "$program" "$packing/files/waypost.exe"
            (cd "$packing/files" && python3 -m zipfile -c "$packing/archive" LICENSE waypost.exe)
            mv "$packing/archive" "$release/waypost-$version-$triple.zip"
            ;;
        *)
            cp "$program" "$packing/files/waypost"
            chmod 755 "$packing/files/waypost"
            (cd "$packing/files" && tar --sort=name --owner=0 --group=0 --numeric-owner -cf - LICENSE waypost) |
                gzip -9n > "$release/waypost-$version-$triple.tar.gz"
            ;;
    esac
done
cp "$here/install.sh" "$here/install.ps1" "$release/"
(cd "$release" && sha256sum -- * > "$packing/SHA256SUMS" && mv "$packing/SHA256SUMS" .)
ssh-keygen -q -Y sign -f "$key" -n waypost-release "$release/SHA256SUMS"
mkdir -p "$dir/latest"
ln -sfn "../download/v$version" "$dir/latest/download"
