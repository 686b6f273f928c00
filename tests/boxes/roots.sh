#!/bin/sh
# Builds the roots that the boxes boot from, below DIR: Debian 12 and 13 (systemd 252 and 257), each with and without polkitd.
# What is there already stays.
set -eu
dir=$1
here=$(cd "$(dirname "$0")" && pwd)
for suite in bookworm trixie; do
    BOX_SUITE=$suite BOX_PKGS='' "$here/systemd-box.sh" build "$dir/$suite"
    BOX_SUITE=$suite BOX_PKGS=polkitd "$here/systemd-box.sh" build "$dir/$suite-polkitd"
done
