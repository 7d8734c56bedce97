// The thread of the guests: compiles each module once, runs one cell at a time.
import { closeSync } from "node:fs";
import { basename } from "node:path";
import { WASI } from "node:wasi";
import { parentPort, workerData } from "node:worker_threads";
import askModule from "../javascript/ask.cjs";
import { writable } from "../javascript/folders.js";
import { readModule } from "../javascript/modules.js";
import { wasiFunctions } from "../javascript/node-wasi.js";
import { HostCallError, given } from "../javascript/shared/host-calls.js";
import { answers, defineOnce, importObject, verdicts } from "../javascript/shared/imports.js";
import { observe } from "../javascript/shared/observe.js";
import { NO_OUTPUT, ended, notCompiled, words } from "../javascript/shared/outcomes.js";
import { Code, Phase } from "../javascript/shared/vocabulary.js";
import { guestEnds } from "./pipes.js";

/** proc_exit: no guest can catch it, and it ends the entry's call. */
class ProcExit {
  constructor(code) {
    this.code = code;
  }
}

/**
 * WASI's functions, heard to which descriptors the guest still has of those it was given: one that it has closed is somebody else's by
 * now, and not to be closed again. Guest's descriptor → ours.
 */
function following(functions, owned) {
  const { fd_close: close, fd_renumber: renumber } = functions;
  return {
    ...functions,
    fd_close(fd) {
      const error = close(fd);
      if (error === 0) owned.delete(fd);
      return error;
    },
    fd_renumber(from, to) {
      const error = renumber(from, to);
      if (error !== 0 || from === to) return error;
      const moved = owned.get(from);
      owned.delete(from);
      if (moved === undefined) owned.delete(to);
      else owned.set(to, moved);
      return error;
    },
  };
}

const compiled = new Map();

/** A module and the milliseconds that compiling it took: those are told with the first cell that runs it. */
function compile(file) {
  let entry = compiled.get(file.sha256);
  if (entry) return entry;
  const bytes = readModule(file);
  const started = performance.now();
  const module = new WebAssembly.Module(bytes);
  entry = { module, milliseconds: performance.now() - started };
  compiled.set(file.sha256, entry);
  return entry;
}

/** Node's WASI is of one of two versions, which have different functions under some names: the module's imports say which. */
const version = module => WebAssembly.Module.imports(module).some(entry => entry.module === "wasi_unstable") ? "unstable" : "preview1";

/** Module → functions by name. */
const surface = (wasi, version, owned = new Map()) => ({
  [version === "unstable" ? "wasi_unstable" : "wasi_snapshot_preview1"]:
    following(wasiFunctions(wasi, code => { throw new ProcExit(code); }), owned),
});

function resolve({ module: file, imports, definitions, probes }) {
  try {
    const { module } = compile(file);
    const which = version(module);
    const defined = surface(new WASI({ version: which }), which);
    const given = { imports, definitions };
    return {
      imports: answers(module, given, defined),
      failure: null,
      verdicts: verdicts(probes, probe => importObject(probe, given, () => () => {}, defined, defineOnce)),
    };
  } catch (error) {
    return { imports: [], failure: words(error) };
  }
}

async function run(request) {
  let module, milliseconds;
  try {
    const entry = compile(request.module);
    ({ module, milliseconds } = entry);
    entry.milliseconds = null;
  } catch (error) {
    return notCompiled(error);
  }

  const ask = askModule.asker();
  const hostFunction = host => () => {
    const { returned, error } = ask("call", request.imports.indexOf(host));
    if (error) throw new HostCallError(error);
    return given(host, returned);
  };

  const { folders, unprovidable } = writable(request.preopens, "node:wasi");
  if (unprovidable) return ended(Phase.link, Code.unprovidable, unprovidable);

  const which = version(module);
  const usesWasi = WebAssembly.Module.imports(module).some(entry => entry.module.startsWith("wasi_"));
  // Each waits for the main thread to open the other end, which it is told to here.
  if (usesWasi) parentPort.postMessage({ streams: request.stdinPath ?? "" });
  const [stdin, stdout, stderr] = usesWasi ? guestEnds(workerData.pipes) : [];
  const owned = new Map(usesWasi ? [[0, stdin], [1, stdout], [2, stderr]] : []);
  try {
    const wasi = usesWasi && new WASI({
      version: which,
      args: [request.argv0 ?? basename(request.module.path), ...request.args],
      env: request.env,
      preopens: folders,
      stdin,
      stdout,
      stderr,
    });
    return await observe(request, module, milliseconds, {
      imports: importObject(module, request, hostFunction, usesWasi ? surface(wasi, which, owned) : {}),
      enter: phase => parentPort.postMessage({ phase }),
      // Not start(): a scenario's entry need not be _start, and its value is wanted.
      bind: instance => usesWasi && wasi.initialize({ exports: { memory: instance.exports.memory } }),
      call: entry => entry(),
      bytes: () => readModule(request.module),
      exitCode: error => error instanceof ProcExit ? error.code : undefined,
      calls: [],
      // The main thread has them.
      stdout: () => NO_OUTPUT,
      stderr: () => NO_OUTPUT,
    });
  } finally {
    owned.forEach(fd => closeSync(fd));
  }
}

parentPort.on("message", async ({ method, params }) => parentPort.postMessage({ answer: await { resolve, run }[method](params) }));
