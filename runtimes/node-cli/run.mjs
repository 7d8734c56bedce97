// Runs a WASI module as a command would: node run.mjs [--env=NAME=VALUE] [--dir=PATH=FOLDER] [--entry=NAME] [--words=FILE]
// [--argv0=NAME] MODULE [ARGUMENTS]. Node itself has no such command. How it failed goes to the file, as a phase, a code and the words: a
// guest can print anything. So does what the entry returned. node run.mjs --each=LIST runs every module of a file with a path in each line,
// which do nothing, and prints a line of JSON for each: what would be its exit code, and the words.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { WASI } from "node:wasi";
import { limitGuestMemory } from "../javascript/guest-memory.js";
import { wasiFunctions } from "../javascript/node-wasi.js";
import { compileCode, decimal, isExecution, linkCode, preciseRunCode, words } from "../javascript/shared/outcomes.js";
import { find } from "../javascript/shared/imports.js";
import { Code, Phase } from "../javascript/shared/vocabulary.js";

const given = process.argv.slice(2);
const env = {};
const preopens = {};
let entry = "_start";
let file, argv0, list;
for (; given[0]?.startsWith("--"); given.shift()) {
  const [, option, name, value] = /^--(env|dir|entry|words|argv0|each)=([^=]*)=?([^]*)$/.exec(given[0]) ?? [];
  const whole = given[0].slice(given[0].indexOf("=") + 1);
  if (option === "env") env[name] = value;
  else if (option === "dir") preopens[name] = value;
  else if (option === "entry") entry = whole;
  else if (option === "words") file = whole;
  else if (option === "argv0") argv0 = whole;
  else if (option === "each") list = whole;
  else throw new Error(`unknown option ${given[0]}`);
}

// Without, V8 finds that there is no more where it can only end the process.
if (process.env.CONFORMANCE_MEMORY_BYTES) limitGuestMemory({ memoryBytes: Number(process.env.CONFORMANCE_MEMORY_BYTES) });

/** proc_exit: no guest can catch it. */
class ProcExit {
  constructor(code) {
    this.code = code;
  }
}

if (list) {
  for (const path of readFileSync(list, "utf8").split("\n").filter(line => line)) console.log(JSON.stringify(await run(path, [])));
} else {
  const [path, ...args] = given;
  const { exit, words } = await run(path, args);
  if (words && file) writeFileSync(file, words);
  else if (words) process.stderr.write(`${words}\n`);
  process.exitCode = exit;
}

/** Runs a module to its end: its exit code, and the words about it, null where there are none. */
async function run(path, args) {
  const failed = (phase, code, text) => ({ exit: 1, words: `${phase} ${code}\n${text}` });
  const imports = Object.create(null);
  let phase = Phase.compile;
  let module;
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
    if (modules.has(namespace) && !(memory instanceof WebAssembly.Memory))
      return failed(phase, Code.noMemory, "node:wasi's functions have no memory to read or write, since the module exports none");
    if (typeof call !== "function") return failed(phase, Code.noEntry, `the module exports no function '${entry}'`);
    if (call.length > 0) return failed(phase, Code.noEntry, `'${entry}' takes ${call.length} parameters: an entry takes none`);
    if (modules.has(namespace)) wasi.initialize({ exports: { memory } });
    if (entry !== "_start") initialize?.();
    const result = call();
    return { exit: 0, words: entry === "_start" ? null : `result ${decimal(result) ?? ""}` };
  } catch (error) {
    if (error instanceof ProcExit) return { exit: error.code & 0xff, words: null };
    if (error instanceof WebAssembly.CompileError) return failed(phase, compileCode(error.message), words(error));
    if (!module) return failed(Phase.load, Code.unmapped, words(error));
    if (phase === Phase.link && !isExecution(error)) {
      const has = its => find(imports, its) !== undefined;
      return failed(phase, linkCode(error, WebAssembly.Module.imports(module), has), words(error));
    }

    return failed(phase === Phase.link ? Phase.start : phase, await preciseRunCode(error, async () => readFileSync(path)), words(error));
  }
}
