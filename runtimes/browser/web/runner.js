// The page: compiles each module once, streaming, and gives every cell a dedicated worker of its own.
import { provided } from "/imports.js";

/** SHA-256 → WebAssembly.Module, for the page's life. */
const compiled = new Map();

/** Compiles a module, or finds it; `milliseconds` is 0 for one that was compiled before. */
async function compile(sha256) {
  const known = compiled.get(sha256);
  if (known) return { module: known, milliseconds: 0 };
  const started = performance.now();
  const module = await WebAssembly.compileStreaming(fetch(`/modules/${sha256}.wasm`));
  compiled.set(sha256, module);
  return { module, milliseconds: performance.now() - started };
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
    ({ module, milliseconds } = await compile(request.sha256));
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
