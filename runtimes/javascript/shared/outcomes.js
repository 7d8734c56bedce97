// JavaScript engines' words by the normalised codes. For the page and for Node alike.
import { HostCallError } from "./host-calls.js";
import { Code, Phase, Trap } from "./vocabulary.js";

/** V8's, SpiderMonkey's and JavaScriptCore's words for traps by the names in the specification's tests. */
const TRAPS = [
  [/^unreachable|unreachable executed|Unreachable code/, Trap.unreachable],
  [/divide by zero|division by zero/i, Trap.integerDivideByZero],
  [/remainder by zero/, Trap.integerDivideByZero],
  [/divide result unrepresentable|integer overflow/i, Trap.integerOverflow],
  [/float unrepresentable|invalid conversion to integer|Out of bounds Trunc/i, Trap.invalidConversion],
  [/memory access out of bounds|index out of bounds$|Out of bounds memory access/, Trap.memoryOutOfBounds],
  [/table index is out of bounds|table access out of bounds|Out of bounds table access|table index out of bounds/, Trap.undefinedElement],
  [/null function or function signature|indirect call to null|call_indirect to a null/, Trap.uninitializedElement],
  [/indirect call signature mismatch|call_indirect to a signature/, Trap.indirectCallTypeMismatch],
];

const TYPES = {
  HostCallError,
  CompileError: WebAssembly.CompileError,
  RuntimeError: WebAssembly.RuntimeError,
  LinkError: WebAssembly.LinkError,
  RangeError,
  TypeError,
};

/** An error of another thread or page, as what it was there. */
export const revived = ({ type, message }) => TYPES[type] ? new TYPES[type](message) : Object.assign(new Error(message), { name: type });

/** An error as reports have it. */
export const words = error => error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Whether an error is of code that ran, and not of linking it: engines report from the instantiation what a start function does. */
export const isExecution = error =>
  error instanceof WebAssembly.RuntimeError ||
  (error instanceof RangeError && !OUT_OF_MEMORY.test(error.message)) ||
  error instanceof HostCallError;

/** The memory of an instance that is not to be had. */
const OUT_OF_MEMORY = /Out of memory: Cannot allocate Wasm memory/;

/** Values that no function of JavaScript can take or give, and several where a host function gives one: told when it is called. */
const UNPASSABLE = /type incompatibility when transforming from\/to JS|cannot pass value to or from JS|v128|(not|must be) iterable/;

/** The code of what ended a guest that ran. */
export function runCode(error) {
  if (error instanceof HostCallError) return Code.hostCallFailed;
  if (error instanceof TypeError && UNPASSABLE.test(error.message)) return Code.unprovidable;
  if (error instanceof RangeError && /call stack/i.test(error.message)) return Trap.callStackExhausted;
  if (error instanceof Error && error.name === "InternalError" && /recursion/.test(error.message)) return Trap.callStackExhausted;
  if (error instanceof WebAssembly.RuntimeError) {
    const trap = TRAPS.find(([pattern]) => pattern.test(error.message));
    return trap ? trap[1] : Code.unmapped;
  }
  return Code.unmapped;
}

/** V8's words for what does not link. */
const LINKS = [
  [/module is not an object or function/, Code.unknownModule],
  [/is smaller than (initial|the declared initial)|has a larger maximum size|has no maximum (limit|length)/, Code.incompatibleLimits],
  [/does not match the expected/, Code.incompatibleType],
  [
    /requires a callable|requires a WebAssembly\.|must be a WebAssembly\.|must be a number|function-typed object must be/,
    Code.incompatibleKind,
  ],
];

/**
 * The code of a failed instantiation. V8 has the same words for an import that is not there as for one of another kind: what was given
 * tells them apart. It mostly names the
 * import by its number; where it does not, one that is not there is why. `entries` is the import section, `has(entry)` whether something
 * was given.
 */
export function linkCode(error, entries, has) {
  if (error instanceof RangeError && OUT_OF_MEMORY.test(error.message)) return Code.resourceExhausted;
  if (!(error instanceof WebAssembly.LinkError || error instanceof TypeError)) return Code.unmapped;
  const code = LINKS.find(([pattern]) => pattern.test(error.message))?.[1] ?? Code.unmapped;
  if (code !== Code.incompatibleKind) return code;
  const number = /Import #(\d+)/.exec(error.message)?.[1];
  return (number === undefined ? entries : [entries[number]]).every(has) ? code : Code.unknownImport;
}

export const NO_OUTPUT = { text: "", bytes: 0, truncated: false };

/** A result of which nothing is known but how it ended. */
export const ended = (phase, code, text) => ({
  phase,
  code,
  text,
  exit: null,
  result: null,
  hostCalls: [],
  stdout: NO_OUTPUT,
  stderr: NO_OUTPUT,
  timingsMs: { compile: null, link: null, run: null },
});

/** A module that isn't valid, or needs a proposal that is not switched on: V8 names its flag. */
export const compileCode = text => /enable with --/.test(text) ? Code.unsupportedFeature : Code.malformed;

/** The result of a module that the engine does not compile. */
export const notCompiled = error =>
  error instanceof WebAssembly.CompileError
    ? ended(Phase.compile, compileCode(error.message), words(error))
    : ended(Phase.load, Code.unmapped, words(error));

/** What a guest returned, as decimal text. */
export const decimal = value => value === undefined ? null : Array.isArray(value) ? value.map(String).join(" ") : String(value);
