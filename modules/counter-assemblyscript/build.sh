#!/bin/sh
# Needs npm's assemblyscript 0.28.20, found as $ASC, below $CONFORMANCE_HOME (installed there by ./conformance setup npm-compilers) or on PATH.
# Writes the module to the file named by $1.
set -eu
out=${1:-counter-assemblyscript.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")"
home=${CONFORMANCE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/conformance}
asc=${ASC:-$home/guest-npm/node_modules/.bin/asc}
[ -x "$asc" ] || asc=$(command -v asc) || { echo "build.sh: AssemblyScript is not here: npm install assemblyscript@0.28.20, and set ASC to its asc" >&2; exit 3; }
"$asc" counter.ts --runtime stub -O3z --noAssert --outFile "$out"
