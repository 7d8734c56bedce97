#!/bin/sh
# Needs Debian's clang-14 and lld-14. Writes the module to the file named by $1.
set -eu
cd "$(dirname "$0")"
PATH=/usr/lib/llvm-14/bin clang --target=wasm32-unknown-unknown -nostdlib -fuse-ld=/usr/bin/wasm-ld-14 -Oz -s -Wl,--no-entry -Wl,--strip-all \
  counter.c -o "${1:-counter-c-freestanding.wasm}"
