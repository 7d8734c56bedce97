// Runs a WASI module as a command would: node run.mjs [--env=NAME=VALUE] [--dir=PATH=FOLDER] [--entry=NAME] MODULE [ARGUMENTS]. Node itself
// has no such command.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { WASI } from "node:wasi";
import { wasiFunctions } from "../javascript/node-wasi.js";

const given = process.argv.slice(2);
const env = {};
const preopens = {};
let entry = "_start";
for (; given[0]?.startsWith("--"); given.shift()) {
  const [, option, name, value] = /^--(env|dir|entry)=([^=]*)=?([^]*)$/.exec(given[0]) ?? [];
  if (option === "env") env[name] = value;
  else if (option === "dir") preopens[name] = value;
  else if (option === "entry") entry = name;
  else throw new Error(`unknown option ${given[0]}`);
}
const [path, ...args] = given;

/** proc_exit: no guest can catch it. */
class ProcExit {
  constructor(code) {
    this.code = code;
  }
}

const fail = text => {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
};

let phase = "";
try {
  const module = new WebAssembly.Module(readFileSync(path));
  const modules = new Set(WebAssembly.Module.imports(module).map(its => its.module));
  const [version, namespace] = modules.has("wasi_unstable") ? ["unstable", "wasi_unstable"] : ["preview1", "wasi_snapshot_preview1"];
  const wasi = new WASI({ version, args: [basename(path), ...args], env, preopens, returnOnExit: true });
  const functions = wasiFunctions(wasi, code => { throw new ProcExit(code); });

  phase = "start: ";
  // Every module that is imported from is there, so that the engine names the import that it misses.
  const imports = Object.fromEntries([...modules].map(name => [name, name === namespace ? functions : {}]));
  const instance = new WebAssembly.Instance(module, imports);
  phase = "";
  const { memory, _initialize: initialize, [entry]: call } = instance.exports;
  if (modules.has(namespace)) {
    if (memory instanceof WebAssembly.Memory) wasi.initialize({ exports: { memory } });
    else fail("no memory: node:wasi's functions have none to read or write, since the module exports none");
  }
  if (process.exitCode !== 1) {
    if (entry !== "_start") initialize?.();
    const result = call?.();
    if (entry !== "_start") process.stdout.write(`result: ${result === undefined ? "" : String(result)}\n`);
  }
} catch (error) {
  if (error instanceof ProcExit) process.exitCode = error.code & 0xff;
  else fail(`${error instanceof WebAssembly.RuntimeError ? phase : ""}${error?.name ?? "Error"}: ${error?.message ?? error}`);
}
