// JavaScript engines' words by the normalised codes. For the page and for Node alike.
import { HostCallError } from "./host-calls.js";

/** V8's, SpiderMonkey's and JavaScriptCore's words for traps by the names in the specification's tests. */
const TRAPS = [
  [/^unreachable|unreachable executed|Unreachable code/, "unreachable"],
  [/divide by zero|division by zero/i, "integer divide by zero"],
  [/remainder by zero/, "integer divide by zero"],
  [/divide result unrepresentable|integer overflow/i, "integer overflow"],
  [/float unrepresentable|invalid conversion to integer|Out of bounds Trunc/i, "invalid conversion to integer"],
  [/memory access out of bounds|index out of bounds$|Out of bounds memory access/, "out of bounds memory access"],
  [/table index is out of bounds|table access out of bounds|Out of bounds table access|table index out of bounds/, "undefined element"],
  [/null function or function signature|indirect call to null|call_indirect to a null/, "uninitialized element"],
  [/indirect call signature mismatch|call_indirect to a signature/, "indirect call type mismatch"],
];

const TYPES = { HostCallError, CompileError: WebAssembly.CompileError, RuntimeError: WebAssembly.RuntimeError, LinkError: WebAssembly.LinkError, RangeError, TypeError };

/** An error of another thread or page, as what it was there. */
export const revived = ({ type, message }) => TYPES[type] ? new TYPES[type](message) : Object.assign(new Error(message), { name: type });

/** An error as reports have it. */
export const words = error => error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Whether an error is of code that ran, and not of linking it: engines report from the instantiation what a start function does. */
export const isExecution = error => error instanceof WebAssembly.RuntimeError || (error instanceof RangeError && !OUT_OF_MEMORY.test(error.message)) || error instanceof HostCallError;

/** The memory of an instance that is not to be had. */
const OUT_OF_MEMORY = /Out of memory: Cannot allocate Wasm memory/;

/** The code of what ended a guest that ran. */
export function runCode(error) {
  if (error instanceof HostCallError) return "host-call-failed";
  if (error instanceof RangeError && /call stack/i.test(error.message)) return "trap:call stack exhausted";
  if (error instanceof Error && error.name === "InternalError" && /recursion/.test(error.message)) return "trap:call stack exhausted";
  if (error instanceof WebAssembly.RuntimeError) {
    const trap = TRAPS.find(([pattern]) => pattern.test(error.message));
    return trap ? `trap:${trap[1]}` : "unmapped";
  }
  return "unmapped";
}

/** V8's words for what does not link. */
const LINKS = [
  [/module is not an object or function/, "unknown-module"],
  [/is smaller than (initial|the declared initial)|has a larger maximum size|has no maximum (limit|length)/, "incompatible-limits"],
  [/does not match the expected/, "incompatible-type"],
  [/requires a callable|requires a WebAssembly\.|must be a WebAssembly\.|must be a number|function-typed object must be/, "incompatible-kind"],
];

/**
 * The code of a failed instantiation. V8 has the same words for an import that is not there as for one of another kind: what was given tells them apart. It mostly names the
 * import by its number; where it does not, one that is not there is why. `entries` is the import section, `has(entry)` whether something was given.
 */
export function linkCode(error, entries, has) {
  if (error instanceof RangeError && OUT_OF_MEMORY.test(error.message)) return "resource-exhausted";
  if (!(error instanceof WebAssembly.LinkError || error instanceof TypeError)) return "unmapped";
  const code = LINKS.find(([pattern]) => pattern.test(error.message))?.[1] ?? "unmapped";
  if (code !== "incompatible-kind") return code;
  const number = /Import #(\d+)/.exec(error.message)?.[1];
  return (number === undefined ? entries : [entries[number]]).every(has) ? code : "unknown-import";
}

export const NO_OUTPUT = { text: "", bytes: 0, truncated: false };

/** A result of which nothing is known but how it ended. */
export const ended = (phase, code, text) =>
  ({ phase, code, text, exit: null, result: null, hostCalls: [], stdout: NO_OUTPUT, stderr: NO_OUTPUT, timingsMs: { compile: null, link: null, run: null } });

/** A module that isn't valid, or needs a proposal that is not switched on: V8 names its flag. */
export const compileCode = text => /enable with --/.test(text) ? "unsupported-feature" : "malformed";

/** The result of a module that the engine does not compile. */
export const notCompiled = error => error instanceof WebAssembly.CompileError ? ended("compile", compileCode(error.message), words(error)) : ended("load", "unmapped", words(error));

/** What a guest returned, as decimal text. */
export const decimal = value => value === undefined ? null : Array.isArray(value) ? value.map(String).join(" ") : String(value);
