// The page: compiles each module once, streaming, and gives every cell a dedicated worker of its own.
import { answers } from "/shared/imports.js";
import { notCompiled, words } from "/shared/outcomes.js";
import { surface } from "/surface.js";

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

/** Who provides each import: the protocol's answer, as JSON text. */
async function resolve(request) {
  try {
    const { module } = await compile(request.sha256);
    return JSON.stringify({ imports: answers(module, request.imports, surface), failure: null });
  } catch (error) {
    return JSON.stringify({ imports: [], failure: words(error) });
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
    return JSON.stringify(notCompiled(error));
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
