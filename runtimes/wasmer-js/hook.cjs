// Preloaded into every thread of the worker, and so CommonJS. The SDK instantiates guests in threads of its own, with what its WASIX
// defines: here the manifest's host functions are added, and what happens to the guest is told to the main thread, since the SDK's own
// account of it is an exit code.
const { isMainThread } = require("node:worker_threads");
const { asker } = require("../javascript/ask.cjs");
const { find, importObject, probed } = require("../javascript/shared/imports.js");

/** The manifest's host functions could not be asked; told from what a guest itself throws. */
class HostCallError extends Error {}

/** The SDK's WASI failed: it says so on the console, and then its own code stops at an `unreachable`. */
class WasiFault extends Error {}

/**
 * Stands in for a guest that is not to be run: (module (memory (export "memory") 1) (func (export "_start"))). Where a guest ends otherwise
 * than by its return, the SDK's thread fails and its client is not used again; and a client that is closed while another of its threads
 * starts can leave the SDK, whose threads share one memory, waiting for ever.
 */
const NOTHING = "AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAs=";

const TYPES = [HostCallError, WasiFault, WebAssembly.CompileError, WebAssembly.RuntimeError, WebAssembly.LinkError, RangeError, TypeError];

/** WASI's functions that neither read nor write a guest's memory. */
const MEMORYLESS = /^(proc_exit|proc_raise|sched_yield|sock_shutdown|fd_(advise|allocate|close|datasync|sync|renumber)|fd_\w+_set_\w+)$/;

/** Where V8 can suspend guests, the SDK's functions are no functions of JavaScript. */
const isFunction = value =>
  typeof value === "function" || (WebAssembly.Suspending !== undefined && value instanceof WebAssembly.Suspending);

/**
 * A memory that the manifest provides and that the SDK's WASI would not know, so that nothing it writes arrives: { module, name, text }, or
 * null. A matter of the whole module: without WASI the guest has it.
 */
function lostMemory(entries, given) {
  if (!entries.some(entry => entry.module.startsWith("wasi") && !MEMORYLESS.test(entry.name))) return null;
  const memory = given.definitions?.find(({ module, name }) =>
    entries.some(entry => entry.kind === "memory" && entry.module === module && entry.name === name));
  if (!memory) return null;
  const { module, name } = memory;
  return { module, name, text: `${module}::${name}: to a guest that imports its memory, the SDK's WASI gives one of its own` };
}

/** An error in words, and what it is. proc_exit throws something else, which is the SDK's own business. */
function told(error) {
  if (error instanceof WebAssembly.Exception) return { type: "Exception", message: String(error) };
  if (!(error instanceof Error)) return null;
  const its = panic && error instanceof WebAssembly.RuntimeError ? new WasiFault(`@wasmer/sdk: ${panic}`) : error;
  return { type: TYPES.find(type => its instanceof type)?.name ?? "Error", message: its.message, stack: its.stack };
}

/** The first words of the SDK's own failure. */
let panic;

if (!isMainThread) {
  const ask = asker();
  const RealInstance = WebAssembly.Instance;

  const say = console.error;
  console.error = (...given) => {
    if (String(given[0]).startsWith("panicked at")) panic ??= String(given[0]).split("\n\n")[0].replaceAll("\n", " ");
    say.apply(console, given);
  };

  /** Whether what is instantiated is no guest, but what its imports are made of. */
  let ours = false;

  function plainly(make) {
    ours = true;
    try {
      return make();
    } finally {
      ours = false;
    }
  }

  WebAssembly.Instance = new Proxy(RealInstance, {
    construct(_, [module, imports]) {
      if (ours) return new RealInstance(module, imports);
      const entries = WebAssembly.Module.imports(module);
      const { given, runs, probes } = ask("instantiate", {
        entries: entries.map(entry => ({ ...entry, wasi: isFunction(find(imports, entry)) })),
        memory: WebAssembly.Module.exports(module).some(entry => entry.kind === "memory"),
      });
      const unprovidable = lostMemory(entries, given);
      if (probes) {
        const asked = probes.map(probe => plainly(() => probed(probe, its => importObject(its, given, () => () => {}, imports))));
        ask("probed", { probes: asked.map(({ entry, error, provided }) => ({ entry, error: told(error), provided })), unprovidable });
      }
      if (!runs) return new RealInstance(new WebAssembly.Module(Buffer.from(NOTHING, "base64")));

      const hostFunction = host => () => {
        const { returned, error } = ask("call", given.imports.indexOf(host));
        if (error) throw new HostCallError(error);
        return returned === null ? undefined : host.result === "i64" ? BigInt(returned) : Number(returned);
      };
      if (unprovidable) {
        ask("failed", { unprovidable });
        throw new Error(unprovidable.text);
      }

      const all = plainly(() => importObject(module, given, hostFunction, imports));

      const started = performance.now();
      let instance;
      try {
        instance = new RealInstance(module, all);
      } catch (error) {
        ask("failed", { error: told(error) });
        throw error;
      }
      const link = performance.now() - started;

      const { _start } = instance.exports;
      const entered = () => run(_start, link);
      suspending.set(entered, () => runSuspending(_start, link));
      Object.defineProperty(instance, "exports", { value: { ...instance.exports, _start: entered } });
      return instance;
    },
  });

  /** What the SDK calls our entries by where V8 can suspend them (JavaScript promise integration, Node 24). */
  const suspending = new WeakMap();
  const { promising } = WebAssembly;
  if (promising) WebAssembly.promising = called => suspending.get(called) ?? promising(called);

  /** Tells the main thread that the guest's entry is called; what it gives tells it how that ended, with what was thrown. */
  function entering(link) {
    ask("started", { link });
    const started = performance.now();
    return error => ask("ended", { run: performance.now() - started, error });
  }

  async function runSuspending(entry, link) {
    const end = entering(link);
    let error = null;
    try {
      return await promising(entry)();
    } catch (thrown) {
      error = told(thrown);
      throw thrown;
    } finally {
      end(error);
    }
  }

  function run(entry, link) {
    const end = entering(link);
    let error = null;
    try {
      return entry();
    } catch (thrown) {
      error = told(thrown);
      throw thrown;
    } finally {
      end(error);
    }
  }
}
