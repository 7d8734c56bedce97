// Import resolution where JavaScript links: what the manifest's host functions and the host's WASI define, by name. JavaScript functions
// have no signature
// that an engine could check.
import { compileCode, linkCode, words } from "./outcomes.js";
import { Code } from "./vocabulary.js";

/**
 * Who provides an entry of the import section, as the protocol's answer to `resolve` has it. `given` is what the manifest provides: {
 * imports, definitions }. `defined` says whether the runtime
 * itself defines a function of that name.
 */
export function answer({ module, name, kind }, given, defined) {
  const named = imports => imports?.some(its => its.module === module && its.name === name);
  if (named(given.definitions)) return { module, name, provider: "host", text: null };
  const host = named(given.imports);
  if (!host && !defined) return { module, name, provider: "missing", text: null };
  const provider = host ? "host" : module.startsWith("wasi") ? "wasi" : "runtime";
  return kind === "function"
    ? { module, name, provider, text: null }
    : { module, name, provider: "mismatch", text: `func, as a ${provider} function` };
}

/**
 * What a host defines under an import's name: its own, and nothing that every object of JavaScript inherits (`env::toString`).
 * `surface` is module → functions by name.
 */
export const find = (surface, { module, name }) =>
  Object.hasOwn(surface, module) && Object.hasOwn(Object(surface[module]), name) ? surface[module][name] : undefined;

/** An object that inherits nothing: a guest may import from `__proto__`. */
const plain = (...sources) => Object.assign(Object.create(null), ...sources);

/** The answers for a whole module. `surface` is what the runtime itself defines: module → functions by name. */
export const answers = (module, given, surface) =>
  WebAssembly.Module.imports(module).map(entry => answer(entry, given, typeof find(surface, entry) === "function"));

/**
 * The protocol's verdict on an import from how a module of it alone ended: what went wrong, or null. JavaScript functions have no signature
 * that would be checked.
 */
export function verdict({ kind }, error, provided) {
  if (error instanceof WebAssembly.CompileError) return { code: compileCode(error.message), text: words(error) };
  if (error) return { code: linkCode(error, [{ kind }], () => provided), text: words(error) };
  return { code: kind === "function" ? Code.unchecked : null, text: null };
}

/** What becomes of a module of one import, in base64: { entry, error or null, provided }. `importsOf(module)` is the import object. */
export function probed(probe, importsOf) {
  let entry = {};
  let provided;
  try {
    const module = new WebAssembly.Module(fromBase64(probe));
    [entry] = WebAssembly.Module.imports(module);
    const imports = importsOf(module);
    provided = find(imports, entry) !== undefined;
    new WebAssembly.Instance(module, imports);
    return { entry, error: null, provided };
  } catch (error) {
    return { entry, error, provided };
  }
}

/** The verdicts on modules of one import each; nothing where none are asked for. */
export const verdicts = (probes, importsOf) => probes?.map(probe => {
  const { entry, error, provided } = probed(probe, importsOf);
  return verdict(entry, error, provided);
});

/** What a definition of the manifest is: the one export of a module of its own, made anew for each cell. */
export const defineAnew = definition => Object.values(new WebAssembly.Instance(new WebAssembly.Module(fromBase64(definition))).exports)[0];

const kept = new Map();

/**
 * The same, made once and kept: for probes, which have no code that could change it. Engines have room for few memories, and collect those
 * that nobody holds when they like.
 */
export function defineOnce(definition) {
  if (!kept.has(definition)) kept.set(definition, defineAnew(definition));
  return kept.get(definition);
}

/**
 * The import object of a cell. Every module that is imported from is there, empty where nobody fulfils it: so the engine names the import
 * that it
 * misses, and not only the import's module.
 */
export function importObject(module, { imports: hosts, definitions }, hostFunction, wasi, define = defineAnew) {
  const entries = WebAssembly.Module.imports(module);
  const imports = plain();
  for (const { module } of entries) imports[module] ??= plain(Object.hasOwn(wasi, module) ? wasi[module] : {});
  for (const host of hosts) (imports[host.module] ??= plain())[host.name] = hostFunction(host);
  for (const { module, name, definition } of definitions ?? []) {
    if (entries.some(entry => entry.module === module && entry.name === name)) imports[module][name] = define(definition);
  }
  return imports;
}

const fromBase64 = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
