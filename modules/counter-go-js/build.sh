#!/bin/sh
# Needs Go 1.26.11 (Debian: golang-1.26-go and golang-1.26-src of trixie-backports), found as $GO, below $CONFORMANCE_HOME or /usr/lib/go-1.26.
# Writes the module to the file named by $1, and the same Go's wasm_exec.js beside it: the two only fit each other.
set -eu
out=${1:-counter-go-js.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")"
home=${CONFORMANCE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/conformance}
go=${GO:-}
for place in "$home/go-1.26/usr/lib/go-1.26/bin/go" /usr/lib/go-1.26/bin/go; do
  if [ -z "$go" ] && [ -x "$place" ]; then go=$place; fi
done
[ -n "$go" ] || { echo "build.sh: Go 1.26 is not here: install golang-1.26-go of trixie-backports, or set GO to its go command" >&2; exit 3; }
unset GOROOT GOFLAGS
GOENV=off GOPROXY=off GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0 GOOS=js GOARCH=wasm GOWASM= \
  "$go" build -trimpath -buildvcs=false -ldflags="-s -w -buildid=" -o "$out" .
cp "$("$go" env GOROOT)/lib/wasm/wasm_exec.js" "$(dirname "$out")/"
