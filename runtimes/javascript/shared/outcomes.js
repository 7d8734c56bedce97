// JavaScript engines' words by the normalised codes. For the page and for Node alike.
import { HostCallError } from "./host-calls.js";
import { Code, Phase, Proposal, Trap } from "./vocabulary.js";
import { FEATURES, LINKS, MISTYPED, TRAPS, UNPASSABLE } from "./words.js";

/** The words of a row of some table that an error's message has; undefined where none does. */
const row = (table, message) => table.find(([, words]) => words.test(message));

/** A WASI of JavaScript failed, or refused to answer: the guest did not get an error number. */
export class WasiFault extends Error {}

/** WASI's functions, by name, whose own errors are told as theirs, by the name in `wasi`; what ends a guest, by `isExit`, is none. */
export function faultsOf(wasi, functions, isExit) {
  const telling = call => (...given) => {
    try {
      return call(...given);
    } catch (error) {
      throw isExit(error) ? error : new WasiFault(`${wasi}: ${words(error)}`, { cause: error });
    }
  };
  return Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, telling(call)]));
}

const TYPES = {
  HostCallError,
  WasiFault,
  CompileError: WebAssembly.CompileError,
  RuntimeError: WebAssembly.RuntimeError,
  LinkError: WebAssembly.LinkError,
  RangeError,
  TypeError,
};

/** An error of another thread or page, as what it was there. */
export const revived = ({ type, message, stack }) => Object.assign(
  TYPES[type] ? new TYPES[type](message) : Object.assign(new Error(message), { name: type }), stack ? { stack } : {});

/** An error as reports have it. */
export const words = error =>
  error instanceof WasiFault ? error.message : error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Whether an error is of code that ran, and not of linking it: engines report from the instantiation what a start function does. */
export const isExecution = error =>
  error instanceof WebAssembly.RuntimeError ||
  isException(error) ||
  error instanceof WasiFault ||
  (error instanceof RangeError && !OUT_OF_MEMORY.test(error.message)) ||
  error instanceof HostCallError;

/** What a guest throws. JavaScriptCore and others give it to JavaScript as no Error. */
export const isException = error =>
  (typeof WebAssembly.Exception === "function" && error instanceof WebAssembly.Exception) || error?.name === "Exception";

/** The memory of an instance that is not to be had. */
const OUT_OF_MEMORY = /Out of memory: Cannot allocate Wasm memory/;

/** The code of what ended a guest that ran. */
export function runCode(error) {
  if (error instanceof HostCallError) return Code.hostCallFailed;
  if (error instanceof WasiFault) return Code.wasiFault;
  if (isException(error)) return Code.uncaughtException;
  if (error instanceof TypeError && row(UNPASSABLE, error.message)) return Code.unprovidable;
  if (error instanceof TypeError && row(MISTYPED, error.message)) return Code.incompatibleType;
  if (error instanceof RangeError && /call stack/i.test(error.message)) return Trap.callStackExhausted;
  if (error instanceof Error && error.name === "InternalError" && /recursion/.test(error.message)) return Trap.callStackExhausted;
  return (error instanceof WebAssembly.RuntimeError && row(TRAPS, error.message)?.[2]) || Code.unmapped;
}

/**
 * The same, where engines have one name for what the specification's tests have two: a call through an index that a table has not, and any
 * other use of it. V8 tells where the instruction stands. `bytes()` gives the module's.
 */
export async function preciseRunCode(error, bytes) {
  const code = runCode(error);
  const offset = code === Trap.undefinedElement && /wasm-function\[\d+\]:0x([0-9a-f]+)/.exec(error.stack ?? "")?.[1];
  if (!offset) return code;
  const instruction = (await bytes())[Number.parseInt(offset, 16)];
  return instruction === CALL_INDIRECT || instruction === RETURN_CALL_INDIRECT ? code : Trap.tableOutOfBounds;
}

const CALL_INDIRECT = 0x11;
const RETURN_CALL_INDIRECT = 0x13;

/**
 * The code of a failed instantiation. V8 has the same words for an import that is not there as for one of another kind: what was given
 * tells them apart. It mostly names the
 * import by its number; where it does not, one that is not there is why. `entries` is the import section, `has(entry)` whether something
 * was given.
 */
export function linkCode(error, entries, has) {
  if (error instanceof RangeError && OUT_OF_MEMORY.test(error.message)) return Code.resourceExhausted;
  if (!(error instanceof WebAssembly.LinkError || error instanceof TypeError)) return Code.unmapped;
  const code = row(LINKS, error.message)?.[2] ?? Code.unmapped;
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

/** A module that isn't valid, or needs a proposal that is not switched on. */
export function compileCode(text) {
  const [, words, its] = row(FEATURES, text) ?? [];
  if (!words) return Code.malformed;
  if (typeof its === "function") {
    const proposal = its(...words.exec(text).slice(1));
    return proposal ? `${Code.unsupportedFeature} ${proposal}` : Code.malformed;
  }

  const name = its ?? words.exec(text)[1].trim().toLowerCase().replaceAll(/[ _]/g, "-");
  const proposal = Proposal[name];
  return proposal ? `${Code.unsupportedFeature} ${proposal}` : Code.unsupportedFeature;
}

/** The result of a module that the engine does not compile. */
export const notCompiled = error =>
  error instanceof WebAssembly.CompileError
    ? ended(Phase.compile, compileCode(error.message), words(error))
    : ended(Phase.load, Code.unmapped, words(error));

/** What a guest returned, as decimal text. */
export const decimal = value => value === undefined ? null : Array.isArray(value) ? value.map(String).join(" ") : String(value);
