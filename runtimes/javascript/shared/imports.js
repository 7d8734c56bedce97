// Import resolution where JavaScript links: what the manifest's host functions and the host's WASI define, by name. JavaScript functions have no signature
// that an engine could check.
import { compileCode, linkCode, words } from "./outcomes.js";

/** Who provides an entry of the import section, as the protocol's answer to `resolve` has it. `defined` says whether the runtime itself defines a function of that name. */
export function answer({ module, name, kind }, hosts, defined) {
  const host = hosts.some(h => h.module === module && h.name === name);
  if (!host && !defined) return { module, name, provider: "missing", text: null };
  const provider = host ? "host" : module.startsWith("wasi") ? "wasi" : "runtime";
  return kind === "function" ? { module, name, provider, text: null } : { module, name, provider: "mismatch", text: `func, as a ${provider} function` };
}

/** The answers for a whole module. `surface` is what the runtime itself defines: module → functions by name. */
export const answers = (module, hosts, surface) =>
  WebAssembly.Module.imports(module).map(entry => answer(entry, hosts, typeof surface[entry.module]?.[entry.name] === "function"));

/** The protocol's verdict on an import from how a module of it alone ended: what went wrong, or null. JavaScript functions have no signature that would be checked. */
export function verdict({ kind }, error, provided) {
  if (error instanceof WebAssembly.CompileError) return { code: compileCode(error.message), text: words(error) };
  if (error) return { code: linkCode(error, [{ kind }], () => provided), text: words(error) };
  return { code: kind === "function" ? "unchecked" : null, text: null };
}

/** The verdicts on modules of one import each, in base64; nothing where none are asked for. */
export const verdicts = (probes, hosts, surface) => probes?.map(probe => {
  let entry = {};
  let provided;
  try {
    const module = new WebAssembly.Module(Uint8Array.from(atob(probe), character => character.charCodeAt(0)));
    [entry] = WebAssembly.Module.imports(module);
    const imports = importObject(module, hosts, () => () => {}, surface);
    provided = imports[entry.module][entry.name] !== undefined;
    new WebAssembly.Instance(module, imports);
    return verdict(entry, null, provided);
  } catch (error) {
    return verdict(entry, error, provided);
  }
});

/**
 * The import object of a cell. Every module that is imported from is there, empty where nobody fulfils it: so the engine names the import that it
 * misses, and not only the import's module.
 */
export function importObject(module, hosts, hostFunction, wasi) {
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(entry => [entry.module, { ...wasi[entry.module] }]));
  for (const host of hosts) (imports[host.module] ??= {})[host.name] = hostFunction(host);
  return imports;
}
