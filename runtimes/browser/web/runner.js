// The page: compiles each module once, streaming, and gives every cell a dedicated worker of its own.
import { provided } from "/imports.js";

/** SHA-256 → { module, milliseconds }, for the page's life. */
const compiled = new Map();

/** Compiles a module, or finds it. */
async function compile(sha256) {
  const known = compiled.get(sha256);
  if (known) return known;
  const started = performance.now();
  const module = await WebAssembly.compileStreaming(fetch(`/modules/${sha256}.wasm`));
  const entry = { module, milliseconds: performance.now() - started };
  compiled.set(sha256, entry);
  return entry;
}

const NO_OUTPUT = { text: "", bytes: 0, truncated: false };

const words = error => error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Who provides each import, by name: an array of "host", "wasi", or what was found instead. */
async function resolve(request) {
  try {
    const { module } = await compile(request.sha256);
    return JSON.stringify({ providers: WebAssembly.Module.imports(module).map(entry => provided(entry, request.imports)) });
  } catch (error) {
    return JSON.stringify({ failure: words(error) });
  }
}

/** Runs one cell in a worker of its own and gives what it saw as JSON text. */
async function run(request) {
  let module, milliseconds;
  try {
    const entry = await compile(request.sha256);
    // What compiling took is told with the first cell that runs the module; the others needed nothing.
    ({ module, milliseconds } = entry);
    entry.milliseconds = null;
  } catch (error) {
    return JSON.stringify({
      phase: error instanceof WebAssembly.CompileError ? "compile" : "load",
      code: error instanceof WebAssembly.CompileError ? "malformed" : "unmapped",
      text: words(error),
      exit: null,
      result: null,
      hostCalls: [],
      stdout: NO_OUTPUT,
      stderr: NO_OUTPUT,
      timingsMs: {},
    });
  }

  const worker = new Worker("/cell.js", { type: "module" });
  try {
    return await new Promise((answer, fail) => {
      worker.onmessage = ({ data }) => data.phase ? globalThis.conformancePhase?.(data.phase) : answer(data.result);
      worker.onerror = event => fail(new Error(`the cell's worker failed: ${event.message ?? "no message"}`));
      worker.postMessage({ module, milliseconds, request });
    });
  } finally {
    worker.terminate();
  }
}

globalThis.conformance = { resolve, run };
