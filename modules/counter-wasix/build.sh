#!/bin/sh
# Needs Debian's clang-19 and lld-19, libclang-rt-14-dev-wasm32 for the compiler's own functions, and sid's wasix-libc, found as $WASIX_LIBC (the package's
# usr folder), below $CONFORMANCE_HOME (unpacked there by ./conformance setup wasix-libc) or as installed. Writes the module to the file named by $1.
# clang runs any wasm-opt that it finds on PATH: the PATH is pinned so that every machine gives the same bytes.
set -eu
out=${1:-counter-wasix.wasm}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")"
home=${CONFORMANCE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/conformance}
libc=${WASIX_LIBC:-$home/wasix-libc/usr}
[ -f "$libc/lib/wasm32-wasi/libc.a" ] || { echo "build.sh: wasix-libc is not here: unpack Debian sid's package, and set WASIX_LIBC to its usr folder" >&2; exit 3; }
builtins=/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a
[ -x /usr/lib/llvm-19/bin/clang ] && [ -x /usr/bin/wasm-ld-19 ] && [ -f $builtins ] ||
  { echo "build.sh: clang 19 is not here: install clang-19, lld-19 and libclang-rt-14-dev-wasm32" >&2; exit 3; }
PATH=/usr/lib/llvm-19/bin clang --target=wasm32-wasi --sysroot=/nonexistent -fuse-ld=/usr/bin/wasm-ld-19 -isystem "$libc/include/wasm32-wasi" \
  -B"$libc/lib/wasm32-wasi" -L"$libc/lib/wasm32-wasi" -Oz -Wall -Wextra -Wl,--strip-all -nodefaultlibs counter.c -lc $builtins -o "$out"
