// Runs a WASI module as a command would: node run.mjs [--env=NAME=VALUE] [--dir=PATH=FOLDER] [--entry=NAME] [--words=FILE]
// [--argv0=NAME] MODULE [ARGUMENTS]. Node itself has no such command. How it failed goes to the file, as a phase, a code and the words: a
// guest can print anything. So does what the entry returned.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { WASI } from "node:wasi";
import { wasiFunctions } from "../javascript/node-wasi.js";
import { compileCode, decimal, isExecution, linkCode, preciseRunCode, words } from "../javascript/shared/outcomes.js";
import { find } from "../javascript/shared/imports.js";
import { Code, Phase } from "../javascript/shared/vocabulary.js";

const given = process.argv.slice(2);
const env = {};
const preopens = {};
let entry = "_start";
let file, argv0;
for (; given[0]?.startsWith("--"); given.shift()) {
  const [, option, name, value] = /^--(env|dir|entry|words|argv0)=([^=]*)=?([^]*)$/.exec(given[0]) ?? [];
  const whole = given[0].slice(given[0].indexOf("=") + 1);
  if (option === "env") env[name] = value;
  else if (option === "dir") preopens[name] = value;
  else if (option === "entry") entry = whole;
  else if (option === "words") file = whole;
  else if (option === "argv0") argv0 = whole;
  else throw new Error(`unknown option ${given[0]}`);
}
const [path, ...args] = given;

/** proc_exit: no guest can catch it. */
class ProcExit {
  constructor(code) {
    this.code = code;
  }
}

const say = text => file ? writeFileSync(file, text) : process.stderr.write(`${text}\n`);

const fail = (phase, code, text) => {
  say(`${phase} ${code}\n${text}`);
  process.exitCode = 1;
};

let phase = Phase.compile;
let module;
const imports = Object.create(null);
try {
  const bytes = readFileSync(path);
  module = new WebAssembly.Module(bytes);
  const modules = new Set(WebAssembly.Module.imports(module).map(its => its.module));
  const [version, namespace] = modules.has("wasi_unstable") ? ["unstable", "wasi_unstable"] : ["preview1", "wasi_snapshot_preview1"];
  const wasi = new WASI({ version, args: [argv0 ?? basename(path), ...args], env, preopens, returnOnExit: true });
  const functions = wasiFunctions(wasi, code => { throw new ProcExit(code); });

  phase = Phase.link;
  // Every module that is imported from is there, so that the engine names the import that it misses.
  for (const name of modules) imports[name] = Object.assign(Object.create(null), name === namespace ? functions : {});
  const { exports } = new WebAssembly.Instance(module, imports);
  const { memory, _initialize: initialize, [entry]: call } = exports;
  phase = Phase.run;
  if (modules.has(namespace) && !(memory instanceof WebAssembly.Memory)) {
    fail(phase, Code.noMemory, "node:wasi's functions have no memory to read or write, since the module exports none");
  } else if (typeof call !== "function") {
    fail(phase, Code.noEntry, `the module exports no function '${entry}'`);
  } else if (call.length > 0) {
    fail(phase, Code.noEntry, `'${entry}' takes ${call.length} parameters: an entry takes none`);
  } else {
    if (modules.has(namespace)) wasi.initialize({ exports: { memory } });
    if (entry !== "_start") initialize?.();
    const result = call();
    if (entry !== "_start") say(`result ${decimal(result) ?? ""}`);
  }
} catch (error) {
  if (error instanceof ProcExit) process.exitCode = error.code & 0xff;
  else await told(error);
}

async function told(error) {
  if (error instanceof WebAssembly.CompileError) return fail(Phase.compile, compileCode(error.message), words(error));
  if (!module) return fail(Phase.load, Code.unmapped, words(error));
  if (phase === Phase.link && !isExecution(error)) {
    const has = its => find(imports, its) !== undefined;
    return fail(phase, linkCode(error, WebAssembly.Module.imports(module), has), words(error));
  }
  fail(phase === Phase.link ? Phase.start : phase, await preciseRunCode(error, async () => readFileSync(path)), words(error));
}
