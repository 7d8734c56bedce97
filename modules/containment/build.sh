#!/bin/sh
# Needs Debian's wabt 1.0.32. Writes the module to the file named by $1.
set -eu
cd "$(dirname "$0")"
wat2wasm containment.wat -o "${1:-containment.wasm}"
