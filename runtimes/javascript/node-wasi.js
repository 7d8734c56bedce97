// node:wasi as a guest's imports, for every runtime that is Node.js.
import { faultsOf } from "./shared/outcomes.js";

/**
 * The functions of a WASI, by name, with `exit` in the place of proc_exit: node:wasi's own ends the process, or hides its number where it
 * does not. Each has a function of JavaScript around it: Node 20 crashes where compiled wasm calls node:wasi's own by V8's fast calls and
 * something is thrown later. WASI's 32-bit numbers have no sign, and JavaScript's view of them has one: called from JavaScript, node:wasi
 * refuses (28, inval) what is negative.
 */
export const wasiFunctions = (wasi, exit) => ({
  ...faultsOf("node:wasi", Object.fromEntries(
    Object.entries(wasi.wasiImport).map(([name, call]) => [name, (...given) => call(...given.map(unsigned))])), () => false),
  proc_exit: exit,
});

const unsigned = value => typeof value === "number" ? value >>> 0 : value;
