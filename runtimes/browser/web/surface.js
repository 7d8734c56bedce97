// What the WASI shim defines.
import { WASI } from "/wasi/index.js";

export const WASI_MODULE = "wasi_snapshot_preview1";

/** Module → functions by name, for asking who provides what. */
export const surface = { [WASI_MODULE]: new WASI([], [], [], { debug: false }).wasiImport };
