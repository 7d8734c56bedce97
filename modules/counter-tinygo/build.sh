#!/bin/sh
# Needs TinyGo 0.42, found as $TINYGO, below $CONFORMANCE_HOME or on PATH; a Go 1.25 to 1.27 that it finds by GOROOT (else below $CONFORMANCE_HOME); and wasm-opt of Debian's
# binaryen 108, since another one gives other bytes. Writes the module to the file named by $1.
set -eu
out=${1:-counter-tinygo.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")"
home=${CONFORMANCE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/conformance}
tinygo=${TINYGO:-$home/tinygo-0.42.0/tinygo/bin/tinygo}
[ -x "$tinygo" ] || tinygo=$(command -v tinygo) || { echo "build.sh: TinyGo 0.42 is not here: put it on PATH, or set TINYGO to its program" >&2; exit 3; }
TINYGOROOT=${TINYGOROOT:-$(cd "$(dirname "$(readlink -f "$tinygo")")/.." && pwd)}
if [ -z "${GOROOT:-}" ] && [ -d "$home/go-1.26/usr/lib/go-1.26" ]; then GOROOT=$home/go-1.26/usr/lib/go-1.26; fi
[ -n "${GOROOT:-}" ] || GOROOT=$(go env GOROOT) || { echo "build.sh: no Go for TinyGo: set GOROOT to one of 1.25 to 1.27" >&2; exit 3; }
export TINYGOROOT GOROOT
unset GOFLAGS
PATH=/usr/bin:/bin:$GOROOT/bin GOENV=off GOPROXY=off GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0 \
  "$tinygo" build -target=wasip1 -no-debug -opt=z -o "$out" .
