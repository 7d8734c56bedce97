// What a guest's memories may grow to, by V8's own limit; to be set before there is a memory.
import v8 from "node:v8";

const WASM_PAGE = 64 * 1024;

export const limitGuestMemory = ({ memoryBytes }) => v8.setFlagsFromString(`--wasm-max-mem-pages=${Math.floor(memoryBytes / WASM_PAGE)}`);
