#!/bin/sh
# Needs npm's kotlin-compiler 2.4.20, found as $KOTLINC_WASM (its bin/kotlinc-wasm) or below $CONFORMANCE_HOME (installed there by
# ./conformance setup npm-compilers), and a Java runtime of 17 or newer. Writes the module to the file named by $1.
set -eu
out=${1:-counter-kotlin.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")"
home=${CONFORMANCE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/conformance}
kotlinc=${KOTLINC_WASM:-$home/guest-npm/node_modules/kotlin-compiler/bin/kotlinc-wasm}
[ -f "$kotlinc" ] || { echo "build.sh: Kotlin is not here: npm install kotlin-compiler@2.4.20, and set KOTLINC_WASM to its bin/kotlinc-wasm" >&2; exit 3; }
command -v java > /dev/null || { echo "build.sh: Java is not here: install openjdk-17-jre-headless, or another of 17 or newer" >&2; exit 3; }
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
compile() {
  bash "$kotlinc" -Xwasm-target=wasm-wasi -libraries "$(dirname "$kotlinc")/../lib/kotlin-stdlib-wasm-wasi.klib" -ir-output-dir "$temporary" -ir-output-name counter "$@"
}
compile counter.kt
compile -Xir-produce-js -Xir-dce "-Xinclude=$temporary/counter.klib"
cp "$temporary/counter.wasm" "$out"
