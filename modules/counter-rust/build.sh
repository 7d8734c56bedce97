#!/bin/sh
# Needs Debian's rustc 1.63, libstd-rust-dev-wasm32 and lld-14. Writes the module to the file named by $1.
set -eu
cd "$(dirname "$0")"
/usr/bin/rustc --target wasm32-unknown-unknown --crate-type cdylib --edition 2021 -C opt-level=z -C panic=abort -C strip=symbols \
  -C linker=/usr/lib/llvm-14/bin/wasm-ld --remap-path-prefix "$PWD=." counter.rs -o "${1:-counter-rust.wasm}"
