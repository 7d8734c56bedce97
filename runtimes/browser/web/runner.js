// The page: compiles each module once, streaming, and gives every cell a dedicated worker of its own.
import { answers, defineOnce, find, importObject, verdicts } from "/shared/imports.js";
import { ended, linkCode, notCompiled, revived, runCode, words } from "/shared/outcomes.js";
import { surface } from "/surface.js";
import { Code, Phase } from "/shared/vocabulary.js";

/** SHA-256 → { module, milliseconds }, for the page's life. */
const compiled = new Map();

/** Compiles a module, or finds it. */
async function compile(sha256) {
  const known = compiled.get(sha256);
  if (known) return known;
  const started = performance.now();
  const module = await WebAssembly.compileStreaming(fetch(`/files/${sha256}.wasm`));
  const entry = { module, milliseconds: performance.now() - started };
  compiled.set(sha256, entry);
  return entry;
}

/** SHA-256 of a loader → what it provides, module → functions by name. */
const loaders = new Map();

/** What is provided here: by the WASI shim, or on a page by the loader of the module's compiler. */
async function provided(loader) {
  if (!loader) return surface;
  if (!loaders.has(loader)) {
    // A classic script that leaves its class in the global object.
    await import(`/files/${loader}.js`);
    loaders.set(loader, new globalThis.Go().importObject);
  }
  return loaders.get(loader);
}

/** Who provides each import: the protocol's answer, as JSON text. */
async function resolve(request) {
  try {
    const { module } = await compile(request.sha256);
    const defined = await provided(request.loader);
    // A page is given what its loader has and nothing else.
    const importsOf = probe => request.loader ? defined : importObject(probe, request, () => () => {}, defined, defineOnce);
    return JSON.stringify({
      imports: answers(module, request, defined),
      failure: null,
      verdicts: verdicts(request.probes ?? undefined, importsOf),
    });
  } catch (error) {
    return JSON.stringify({ imports: [], failure: words(error) });
  }
}

/** A worker that waits for the next cell: what it takes to start is over by then. */
let spare;

/** Makes one. An error that nobody listens to yet is its end: the next cell has another. */
function prepare() {
  const worker = spare = new Worker("/cell.js", { type: "module" });
  worker.onerror = () => {
    if (spare === worker) spare = undefined;
  };
}

/** A worker of the cell's own. */
function take() {
  if (!spare) prepare();
  const worker = spare;
  spare = undefined;
  return worker;
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

  const worker = take();
  try {
    return await new Promise((answer, fail) => {
      worker.onmessage = ({ data }) => data.phase ? globalThis.conformancePhase?.(data.phase) : answer(data.result);
      worker.onerror = event => fail(new Error(`the cell's worker failed: ${event.message ?? "no message"}`));
      worker.postMessage({ module, milliseconds, request });
    });
  } finally {
    worker.terminate();
    prepare();
  }
}

/** Names an error that ended a guest's page: the protocol's answer to `run`, as JSON text. */
async function nameError({ sha256, loader, error: { phase, type, message } }) {
  const error = revived({ type, message });
  if (phase === null) return JSON.stringify(ended(Phase.load, Code.unmapped, words(error)));
  if (phase === Phase.compile) return JSON.stringify(notCompiled(error));
  if (phase === Phase.run) return JSON.stringify(ended(Phase.run, runCode(error), words(error)));
  const [{ module }, defined] = await Promise.all([compile(sha256), provided(loader)]);
  return JSON.stringify(
    ended(
      Phase.link,
      linkCode(error, WebAssembly.Module.imports(module), entry => find(defined, entry) !== undefined),
      words(error),
    ),
  );
}

globalThis.conformance = { resolve, run, nameError };
