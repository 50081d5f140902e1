#!/bin/sh
# Installs the packages that a bundle loads beside it, pinned by the workspace's lock file, and writes the list of them.
# usage: install-packages.sh FOLDER
set -eu
cp package-lock.json .npmrc "$1/"
cd "$1"
npm install --omit=dev --no-audit --no-fund
npm sbom --sbom-format cyclonedx --omit dev >sbom.cdx.json
rm -f .npmrc
# Nothing is compiled or typed at run time.
find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' -o -name '*.ts.map' \) -delete
