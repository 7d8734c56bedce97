// Preloaded into every thread of the worker. The SDK instantiates guests in threads of its own, with what its WASIX defines: here the
// manifest's host functions are added,
// and what happens to the guest is told to the main thread, since the SDK's own account of it is an exit code.
const { isMainThread } = require("node:worker_threads");
const { asker } = require("../javascript/ask.cjs");

/** The manifest's host functions could not be asked; told from what a guest itself throws. */
class HostCallError extends Error {}

/** Is thrown where nothing is to be run. */
class Refused extends Error {}

const TYPES = [HostCallError, WebAssembly.CompileError, WebAssembly.RuntimeError, WebAssembly.LinkError, RangeError, TypeError];

/** An error in words, and what it is. proc_exit throws something else, which is the SDK's own business. */
const told = error => error instanceof Error && !(error instanceof Refused)
  ? { type: TYPES.find(type => error instanceof type)?.name ?? "Error", message: error.message }
  : null;

if (!isMainThread) {
  const ask = asker();
  const RealInstance = WebAssembly.Instance;
  WebAssembly.Instance = new Proxy(RealInstance, {
    construct(_, [module, imports]) {
      const entries = WebAssembly.Module.imports(module);
      const { given, runs, probes } = ask("instantiate", {
        entries: entries.map(entry => ({ ...entry, wasi: typeof imports[entry.module]?.[entry.name] === "function" })),
        memory: WebAssembly.Module.exports(module).some(entry => entry.kind === "memory"),
      });
      if (probes) ask("probed", { probes: probes.map(probe => probed(probe, given, imports)) });
      if (!runs) throw new Refused("this module was loaded to ask for its imports");

      const all = completed(module, imports, given, (host, index) => () => {
        const { returned, error } = ask("call", index);
        if (error) throw new HostCallError(error);
        return returned === null ? undefined : host.result === "i64" ? BigInt(returned) : Number(returned);
      });

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
      Object.defineProperty(instance, "exports", { value: { ...instance.exports, _start: () => run(_start, link) } });
      return instance;
    },
  });

  /**
   * What the SDK gives, with what the manifest provides. Every module that is imported from is there: so the engine names the import that
   * is missing, and not only its module.
   */
  function completed(module, imports, { imports: hosts, definitions }, hostFunction) {
    const all = Object.fromEntries(WebAssembly.Module.imports(module).map(entry => [entry.module, { ...imports[entry.module] }]));
    hosts.forEach((host, index) => (all[host.module] ??= {})[host.name] = hostFunction(host, index));
    for (const { module: from, name, definition } of definitions ?? []) {
      [(all[from] ??= {})[name]] = Object.values(new RealInstance(new WebAssembly.Module(Buffer.from(definition, "base64"))).exports);
    }
    return all;
  }

  /** What becomes of a module of one import, given what the module itself would be. */
  function probed(base64, given, imports) {
    let entry = {};
    let provided;
    try {
      const module = new WebAssembly.Module(Buffer.from(base64, "base64"));
      [entry] = WebAssembly.Module.imports(module);
      const all = completed(module, imports, given, () => () => {});
      provided = all[entry.module][entry.name] !== undefined;
      new RealInstance(module, all);
      return { entry, error: null, provided };
    } catch (error) {
      return { entry, error: told(error), provided };
    }
  }

  /** Calls the guest's entry between two words to the main thread. */
  function run(entry, link) {
    ask("started", { link });
    const started = performance.now();
    let error = null;
    try {
      return entry();
    } catch (thrown) {
      error = told(thrown);
      throw thrown;
    } finally {
      ask("ended", { run: performance.now() - started, error });
    }
  }
}
