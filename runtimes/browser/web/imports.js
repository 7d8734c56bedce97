// Import resolution in a browser: what the manifest's host functions and the WASI shim define, by name. JavaScript functions have no
// signature that an engine could check.
import { WASI } from "/wasi/index.js";

export const WASI_MODULE = "wasi_snapshot_preview1";

const surface = new WASI([], [], [], { debug: false }).wasiImport;

/** Who provides one entry of WebAssembly.Module.imports. */
export function provided({ module, name, kind }, hosts) {
  if (hosts.some(host => host.module === module && host.name === name)) return kind === "function" ? "host" : "host function";
  if (module === WASI_MODULE && typeof surface[name] === "function") return kind === "function" ? "wasi" : "wasi function";
  return "missing";
}

/**
 * The import object of a cell. Every module that is imported from is there, empty where nobody fulfils it: so the engine names the import that it
 * misses, and not only the import's module.
 */
export function importObject(module, hosts, hostFunction, wasi) {
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(entry => [entry.module, {}]));
  imports[WASI_MODULE] = { ...wasi.wasiImport };
  for (const host of hosts) (imports[host.module] ??= {})[host.name] = hostFunction(host);
  return imports;
}
