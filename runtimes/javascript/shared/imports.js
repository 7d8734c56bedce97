// Import resolution where JavaScript links: what the manifest's host functions and the host's WASI define, by name. JavaScript functions have no signature
// that an engine could check.

/** Who provides each entry of the import section, as the protocol's answer to `resolve` has it. `wasi` is module → functions by name. */
export function answers(module, hosts, wasi) {
  return WebAssembly.Module.imports(module).map(({ module: from, name, kind }) => {
    const host = hosts.some(h => h.module === from && h.name === name);
    if (!host && typeof wasi[from]?.[name] !== "function") return { module: from, name, provider: "missing", text: null };
    if (kind !== "function") return { module: from, name, provider: "mismatch", text: `func, as a ${host ? "host" : "wasi"} function` };
    return { module: from, name, provider: host ? "host" : "wasi", text: null };
  });
}

/**
 * The import object of a cell. Every module that is imported from is there, empty where nobody fulfils it: so the engine names the import that it
 * misses, and not only the import's module.
 */
export function importObject(module, hosts, hostFunction, wasi) {
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(entry => [entry.module, { ...wasi[entry.module] }]));
  for (const host of hosts) (imports[host.module] ??= {})[host.name] = hostFunction(host);
  return imports;
}
