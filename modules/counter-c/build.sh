#!/bin/sh
# Needs Debian's clang-14, lld-14, wasi-libc and libclang-rt-14-dev-wasm32. Writes the module to the file named by $1.
# clang runs any wasm-opt that it finds on PATH: the PATH is pinned so that every machine gives the same bytes.
set -eu
cd "$(dirname "$0")"
PATH=/usr/lib/llvm-14/bin clang --target=wasm32-wasi --sysroot=/usr -fuse-ld=/usr/bin/wasm-ld-14 -Oz -s -Wl,--strip-all \
  -I/usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi counter.c -o "${1:-counter-c.wasm}"
