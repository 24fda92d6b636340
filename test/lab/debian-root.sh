#!/bin/bash
# debian-root.sh SUITE FOLDER MIRROR PACKAGE,PACKAGE...
# Makes a Debian root in FOLDER, marked by FOLDER/.ok, once. Needs root and mmdebstrap.
# The lock is this shell's open file: the kernel frees it when the shell and all that it started are gone, however they
# end. The root is made beside its place and renamed there whole, so a kill leaves nothing that looks like a root.
set -eu
suite=$1 folder=$2 mirror=$3 packages=$4
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
[ ! -e "$folder/.ok" ] || exit 0
partial=$folder.partial
rm -rf "$folder" "$partial"
# The date check is off because a mirror may be a frozen one, whose lists are past their date.
mmdebstrap --quiet --mode=root --variant=apt \
  --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
  --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$packages" "$suite" "$partial" "$mirror"
touch "$partial/.ok"
mv -T "$partial" "$folder"
