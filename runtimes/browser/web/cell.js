// One cell in a dedicated worker: link, start, run, and what was seen of it.
import { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI, WASIProcExit } from "/wasi/index.js";
import { HostCallError, HostFunctions } from "/host-functions.js";
import { importObject } from "/imports.js";

/** Keeps the first bytes of an output and counts the rest. */
class OutputBuffer {
  #chunks = [];
  #kept = 0;
  #bytes = 0;

  constructor(limit) {
    this.limit = limit;
    this.fd = new ConsoleStdout(bytes => this.#write(bytes));
  }

  get captured() {
    const all = new Uint8Array(this.#kept);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(all), bytes: this.#bytes, truncated: this.#bytes > this.#kept };
  }

  #write(bytes) {
    this.#bytes += bytes.length;
    const kept = bytes.slice(0, this.limit - this.#kept);
    if (kept.length === 0) return;
    this.#chunks.push(kept);
    this.#kept += kept.length;
  }
}

const bytes = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));

/** { name: base64 or a folder of the same form } → the shim's files. */
const contents = tree => new Map(Object.entries(tree).map(([name, entry]) =>
  [name, typeof entry === "string" ? new File(bytes(entry)) : new Directory(contents(entry))]));

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

function code(error) {
  if (error instanceof HostCallError) return "host-call-failed";
  if (error instanceof RangeError && /call stack/i.test(error.message)) return "trap:call stack exhausted";
  if (error.name === "InternalError" && /recursion/.test(error.message)) return "trap:call stack exhausted";
  if (error instanceof WebAssembly.RuntimeError) {
    const trap = TRAPS.find(([pattern]) => pattern.test(error.message));
    return trap ? `trap:${trap[1]}` : "unmapped";
  }
  return "unmapped";
}

/**
 * An engine's words do not tell an import that is not there from one of another kind: the import object does. V8 names the import by its number; where
 * an engine does not, one that is not there is why.
 */
function linkCode(error, module, imports) {
  if (!(error instanceof WebAssembly.LinkError || error instanceof TypeError)) return "unmapped";
  const entries = WebAssembly.Module.imports(module);
  const number = /Import #(\d+)/.exec(error.message)?.[1];
  const suspects = number === undefined ? entries : [entries[number]];
  return suspects.some(entry => imports[entry.module]?.[entry.name] === undefined) ? "unknown-import" : "incompatible-type";
}

async function observe({ module, milliseconds, request }) {
  const stdout = new OutputBuffer(request.outputBytes);
  const stderr = new OutputBuffer(request.outputBytes);
  const functions = new HostFunctions(request.counterUrl);
  const preopens = Object.entries(request.preopens).map(([path, tree]) => new PreopenDirectory(path, contents(tree)));
  const wasi = new WASI(request.args, request.env, [new OpenFile(new File(bytes(request.stdin))), stdout.fd, stderr.fd, ...preopens], { debug: false });
  const seen = { phase: "link", code: null, text: null, exit: null, result: null, timingsMs: { compile: milliseconds, link: null, run: null } };
  const enter = phase => {
    seen.phase = phase;
    postMessage({ phase });
  };
  let imports, started;
  try {
    enter("link");
    started = performance.now();
    const jspi = request.hostFunctions === "jspi";
    imports = importObject(module, request.imports, jspi ? functions.suspending : functions.synchronous, wasi);
    const { exports } = wasi.inst = await WebAssembly.instantiate(module, imports);
    seen.timingsMs.link = performance.now() - started;

    if (request.kind === "wasi-reactor" && exports._initialize) {
      enter("start");
      await (jspi ? WebAssembly.promising(exports._initialize)() : exports._initialize());
    }

    enter("run");
    const entry = exports[request.entry];
    if (typeof entry !== "function") {
      seen.code = "no-entry";
      seen.text = `the module exports no function '${request.entry}'`;
    } else if (entry.length > 0) {
      seen.code = "no-entry";
      seen.text = `'${request.entry}' takes ${entry.length} parameters: an entry takes none`;
    } else {
      started = performance.now();
      const value = await (jspi ? WebAssembly.promising(entry)() : entry());
      seen.timingsMs.run = performance.now() - started;
      seen.phase = "observe";
      if (value !== undefined) seen.result = String(value);
      if (request.kind === "wasi-command") seen.exit = 0;
    }
  } catch (error) {
    if (seen.phase === "run") seen.timingsMs.run = performance.now() - started;
    if (error instanceof WASIProcExit) {
      // How a command ends: no failure, whatever the code.
      seen.phase = "observe";
      seen.exit = error.code;
    } else {
      // What a start function does, an engine reports from instantiate.
      if (seen.phase === "link" && (error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error instanceof HostCallError)) seen.phase = "start";
      seen.code = seen.phase === "link" ? linkCode(error, module, imports) : code(error);
      seen.text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }
  return JSON.stringify({ ...seen, hostCalls: functions.calls, stdout: stdout.captured, stderr: stderr.captured });
}

onmessage = async ({ data }) => postMessage({ result: await observe(data) });
