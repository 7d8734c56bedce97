// A WASI command on node:wasi as Node's documentation has it: node node.mjs END-FILE MODULE [--dir=GUEST=FOLDER ...] [--env=NAME=VALUE ...]
// [-- ARGUMENT ...]. The guest has this process's standard streams; how it ended is written to a file.
import { readFileSync, writeFileSync } from "node:fs";
import { WASI } from "node:wasi";
import { given } from "./given.mjs";

const { end, module, args, env, folders } = given();
const wasi = new WASI({ version: "preview1", args, env, preopens: folders, returnOnExit: true });
try {
  const { instance } = await WebAssembly.instantiate(readFileSync(module), wasi.getImportObject());
  writeFileSync(end, `exit ${wasi.start(instance)}`);
} catch (error) {
  writeFileSync(end, `stopped ${error}`);
}
