// Wasmer's WASIX on JavaScript: npm @wasmer/sdk. It runs commands (modules that export _start) and nothing else.
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import askModule from "../javascript/ask.cjs";
import { Counter } from "../javascript/counter.js";
import { sha256OfFile } from "../javascript/digests.js";
import { writable } from "../javascript/folders.js";
import { limitGuestMemory } from "../javascript/guest-memory.js";
import { readModule } from "../javascript/modules.js";
import { UnavailableError, serve } from "../javascript/protocol.js";
import { answer, verdict } from "../javascript/shared/imports.js";
import { NO_OUTPUT, compileCode, ended, isExecution, linkCode, preciseRunCode, revived, words } from "../javascript/shared/outcomes.js";
import { Code, Phase } from "../javascript/shared/vocabulary.js";

/** The hook takes modules that are shared with the page: from this version on, a CommonJS module can. */
const OLDEST_NODE = "20.19";

/** What is closed by then has done so; what is not, is left to itself. */
const CLOSE_LIMIT_MS = 2000;

const SDK = "node_modules/@wasmer/sdk";

const near = path => new URL(path, import.meta.url);

let Wasmer, limits;

/** The SDK's client with its threads. One whose guest did not simply exit is not used again: its threads may be gone with the guest. */
let client;

/** Whether the client has run a guest. */
let isUsed = false;

/** What the client has loaded, by the module's hash and name: loading is what compiles. */
const packages = new Map();

/** What the hook tells of the guest that runs. */
let cell;

async function discardClient() {
  const old = client;
  client = undefined;
  isUsed = false;
  packages.clear();
  await close(old);
}

/**
 * Closes a client or a sandbox: it rejects where a thread has failed, which is known, and where a thread is gone it may never answer.
 */
const close = closable => Promise.race([closable?.close().catch(() => {}), delay(CLOSE_LIMIT_MS, undefined, { ref: false })]);

/**
 * What is in the folders that a guest gets, as files of a package, which make the folders they are in: { files: { path: bytes }, or why
 * not, unprovidable, in words }.
 */
function contents(preopens) {
  const { folders, unprovidable } = writable(preopens, "the SDK");
  const all = { files: {}, unprovidable };
  for (const [guestPath, folder] of Object.entries(folders)) {
    if (!guestPath.startsWith("/")) all.unprovidable ??= `'${guestPath}' is no absolute path: the SDK's files have such only`;
    const place = guestPath.replace(/\/+$/, "");
    const empty = new Set([place || "/"]);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const guests = place + path.slice(folder.length);
      if (entry.isSymbolicLink()) {
        // Nor is what it leads to the guest's.
        all.unprovidable ??= `'${guests}' is a symbolic link: the SDK's files can't be`;
        continue;
      }
      empty.delete(dirname(guests));
      if (entry.isDirectory()) empty.add(guests);
      else all.files[guests] = new Uint8Array(readFileSync(path));
    }
    for (const folder of empty) all.unprovidable ??= `'${folder}' is empty: the SDK's folders can't be`;
  }
  return all;
}

/** Keeps the first bytes of an output and counts the rest. */
async function captured(stream) {
  const kept = [];
  let bytes = 0;
  let room = limits.outputBytes;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (room > 0) kept.push(chunk.slice(0, room));
    room = Math.max(0, room - chunk.length);
  }
  return { text: Buffer.concat(kept).toString("utf8"), bytes, truncated: bytes > limits.outputBytes };
}

/** What the SDK takes as the name of a command, which is the guest's first argument. */
const NAME = /^(?!\.\.?$)[A-Za-z0-9._+-]+$/;

/** For what is not run by its own. */
const ANY_NAME = "guest.wasm";

const nameOf = ({ module, argv0 }) => argv0 ?? basename(module.path);

const keyOf = request => `${request.module.sha256} ${nameOf(request)}`;

async function feed(stdin, path) {
  if (path) await stdin.write(new Uint8Array(readFileSync(path)));
  await stdin.close();
}

/** A module as a package whose command has the name of its file. */
async function load(request, files = {}) {
  const isPlain = Object.keys(files).length === 0;
  const known = isPlain && packages.get(keyOf(request));
  if (known) return known;
  client ??= new Wasmer({ cache: false });
  const loaded = await client.packages.create({
    modules: { guest: readModule(request.module) },
    commands: { [nameOf(request)]: { module: "guest" } },
    files,
  });
  if (isPlain) packages.set(keyOf(request), loaded);
  return loaded;
}

/** A wait of a guest ends, whatever its client has run before: on Node 20 it often does not (seen with 0.16.0, on the SDK alone too). */
const WAKES = Number.parseInt(process.versions.node, 10) > 20;

/** Whether a guest may wait for time to pass, or for its own threads. */
function mayWait(module) {
  const bytes = readModule(module);
  return ["poll_oneoff", "wasix_"].some(name => bytes.includes(name));
}

/** Runs a module; { exit } when its process has ended, { error } where it did not get that far. */
async function execute(request, seen, files) {
  const { args = [], env = {}, stdinPath } = request;
  let sandbox;
  try {
    if (!WAKES && isUsed && cell.runs && mayWait(request.module)) await discardClient();
    const loaded = await load(request, files);
    isUsed = true;
    // The host's network, as native Wasmer gives it: a guest of WASIX has sockets.
    sandbox = await client.sandboxes.create({ packages: [loaded], network: { mode: "host" } });
    const guest = await sandbox
      .command(loaded.command(nameOf(request)), args, { env })
      .spawn({ stdin: "pipe", stdout: "pipe", stderr: "pipe" });
    // Not awaited: a guest need not read what it is given.
    feed(guest.stdin, stdinPath).catch(() => {});
    [seen.stdout, seen.stderr] = await Promise.all([captured(guest.stdout), captured(guest.stderr)]);
    return { exit: (await guest.wait()).exitCode };
  } catch (error) {
    return { error };
  } finally {
    await close(sandbox);
  }
}

/** A module that the SDK does not take, or that does not compile there, in its words; where it has none, in V8's. */
function refused(error, module) {
  const text = /Unknown validation error/.test(words(error)) ? ownWords(module) ?? words(error) : words(error);
  if (/exported `_start`/.test(text)) return ended(Phase.load, Code.unsupportedKind, text);
  if (error.code === "PACKAGE_LOAD_FAILED" || /compile error|CompileError/.test(text)) return ended(Phase.compile, compileCode(text), text);
  return ended(Phase.load, Code.unmapped, text);
}

/** Why V8 does not compile a module; null where it does. */
function ownWords(module) {
  try {
    new WebAssembly.Module(readModule(module));
    return null;
  } catch (error) {
    return words(error);
  }
}

askModule.answerer({
  instantiate({ entries, memory }) {
    Object.assign(cell, { entries, memory });
    cell.enter(Phase.link);
    return { given: cell.given, runs: cell.runs, probes: cell.probes };
  },
  probed({ probes, unprovidable }) {
    const isLost = ({ module, name }) => unprovidable?.module === module && unprovidable.name === name;
    cell.verdicts = probes.map(({ entry, error, provided }) => isLost(entry)
      ? { code: Code.unprovidable, text: unprovidable.text }
      : verdict(entry, error && revived(error), provided));
  },
  failed({ error, unprovidable }) {
    cell.linkError = error && revived(error);
    cell.unprovidable = unprovidable;
  },
  started({ link }) {
    cell.link = link;
    cell.started = true;
    cell.enter(Phase.run);
  },
  call: index => cell.counter.call(index),
  ended({ run, error }) {
    cell.run = run;
    cell.ended = true;
    cell.runError = error && revived(error);
  },
});

serve({
  async initialize(params) {
    if (process.versions.node.localeCompare(OLDEST_NODE, "en", { numeric: true }) < 0)
      throw new UnavailableError(`Node ${process.versions.node} is on PATH: it must be ${OLDEST_NODE} or newer`);
    ({ limits } = params);
    limitGuestMemory(limits);
    try {
      ({ Wasmer } = await import("@wasmer/sdk/node"));
    } catch (error) {
      throw error.code === "ERR_MODULE_NOT_FOUND" ? new UnavailableError("@wasmer/sdk is not installed") : error;
    }
    return {
      version: JSON.parse(readFileSync(near(`${SDK}/package.json`), "utf8")).version,
      engine: `V8 ${process.versions.v8}`,
      libraries: [
        { name: "wasmer_sdk_js_bg.wasm", sha256: sha256OfFile(near(`${SDK}/pkg/wasmer_sdk_js_bg.wasm`)) },
        { name: "node", sha256: sha256OfFile(process.execPath) },
      ],
      features: [
        "wasi_unstable", "wasi_snapshot_preview1", "wasix_32v1", `Node ${process.versions.node}`, "commands-only", "copied-folders",
        "limited-imports", "no-read-only-folders", "no-argv0",
      ],
    };
  },

  async resolve({ module, imports, definitions, probes }) {
    cell = { enter() {}, runs: false, given: { imports, definitions }, probes };
    // It is not kept: the cell that runs it tells what compiling takes.
    const asked = { module, argv0: ANY_NAME };
    const { error } = await execute(asked, {});
    packages.delete(keyOf(asked));
    if (cell.entries && error) await discardClient();
    if (!cell.entries) return { imports: [], failure: words(error ?? "the module was not instantiated") };
    return { imports: cell.entries.map(entry => answer(entry, cell.given, entry.wasi)), failure: null, verdicts: cell.verdicts };
  },

  async run(request, enter) {
    if (request.entry !== "_start") {
      const ours = ended(Phase.load, Code.unsupportedKind, `'${request.entry}' is the entry: the SDK runs commands, whose entry is _start`);
      return load({ ...request, argv0: ANY_NAME }).then(() => ours, error => refused(error, request.module));
    }
    if (!NAME.test(nameOf(request)))
      return ended(Phase.link, Code.unprovidable, `the SDK takes no '${nameOf(request)}' for a command's name, which is argv[0]`);
    const given = contents(request.preopens);
    if (given.unprovidable) return ended(Phase.link, Code.unprovidable, given.unprovidable);
    cell = { enter, runs: true, counter: new Counter(request), given: { imports: request.imports, definitions: request.definitions } };
    enter(Phase.compile);
    const compiles = !packages.has(keyOf(request));
    const started = performance.now();
    const seen = { stdout: NO_OUTPUT, stderr: NO_OUTPUT };
    const { exit, error } = await execute(request, seen, given.files);
    const took = performance.now() - started;
    if (cell.entries && (!cell.ended || cell.runError)) await discardClient();

    const result = await observed(request, exit, error);
    return {
      ...result,
      hostCalls: cell.counter.calls,
      ...seen,
      // The SDK starts a thread, loads and compiles before it links: what it took besides.
      timingsMs: {
        compile: compiles && cell.entries ? Math.max(0, took - (cell.link ?? 0) - (cell.run ?? 0)) : null,
        link: cell.link ?? null,
        run: cell.run ?? null,
      },
    };
  },
});

/** What the hook saw comes before what the SDK says. */
async function observed({ module }, exit, error) {
  const code = failure => preciseRunCode(failure, async () => readModule(module));
  const { linkError, runError, unprovidable } = cell;
  if (unprovidable) return ended(Phase.link, Code.unprovidable, unprovidable.text);
  if (linkError) {
    const has = ({ module, name }) =>
      answer(
        { module, name, kind: "function" },
        cell.given,
        cell.entries.some(e => e.module === module && e.name === name && e.wasi),
      ).provider !== "missing";
    return isExecution(linkError)
      ? ended(Phase.start, await code(linkError), words(linkError))
      : ended(Phase.link, linkCode(linkError, cell.entries, has), words(linkError));
  }
  if (cell.memory === false && !cell.started)
    return ended(Phase.run, Code.noMemory, `the guest exports no memory: the SDK did not run it, and says exit code ${exit}`);
  if (runError) return ended(Phase.run, await code(runError), words(runError));
  if (error) return cell.entries ? ended(Phase.run, Code.unmapped, words(error)) : refused(error, module);
  if (!cell.ended) return ended(Phase.link, Code.unmapped, `the guest was not run, and the SDK says exit code ${exit}`);
  return { ...ended(Phase.observe, null, null), exit };
}
