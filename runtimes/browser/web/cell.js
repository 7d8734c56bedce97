// One cell in a dedicated worker: its WASI is a shim, its host functions ask the counter server from here.
import { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI, WASIProcExit } from "/wasi/index.js";
import { HostCalls, given } from "/shared/host-calls.js";
import { importObject } from "/shared/imports.js";
import { observe } from "/shared/observe.js";
import { faultsOf } from "/shared/outcomes.js";
import { WASI_MODULE } from "/surface.js";

/** Keeps the first bytes of an output and counts the rest. */
class OutputBuffer {
  #chunks = [];
  #kept = 0;
  #bytes = 0;

  constructor(limit) {
    this.limit = limit;
    this.fd = new ConsoleStdout(bytes => this.#write(bytes));
  }

  get captured() {
    const all = new Uint8Array(this.#kept);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(all), bytes: this.#bytes, truncated: this.#bytes > this.#kept };
  }

  #write(bytes) {
    this.#bytes += bytes.length;
    const kept = bytes.slice(0, this.limit - this.#kept);
    if (kept.length === 0) return;
    this.#chunks.push(kept);
    this.#kept += kept.length;
  }
}

const bytes = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));

/** { name: base64 or a folder of the same form } → the shim's files. */
const contents = tree => new Map(Object.entries(tree).map(([name, entry]) =>
  [name, typeof entry === "string" ? new File(bytes(entry)) : new Directory(contents(entry))]));

/** A function that waits for the answer with a synchronous XMLHttpRequest: works everywhere in a worker, in a start function too. */
const synchronous = (calls, counterUrl) => host => () => {
  const request = new XMLHttpRequest();
  try {
    request.open(host.method, counterUrl + host.path, false);
    request.send();
  } catch (error) {
    throw calls.failed(host, error.message);
  }
  return given(host, calls.answered(host, request.status, request.responseText));
};

/** A function that suspends the guest until fetch has answered (JavaScript promise integration). */
const suspending = (calls, counterUrl) => host => new WebAssembly.Suspending(async () => {
  let status, body;
  try {
    const response = await fetch(counterUrl + host.path, { method: host.method });
    status = response.status;
    body = await response.text();
  } catch (error) {
    throw calls.failed(host, error.message);
  }
  return given(host, calls.answered(host, status, body));
});

async function run({ module, milliseconds, request }) {
  const stdout = new OutputBuffer(request.outputBytes);
  const stderr = new OutputBuffer(request.outputBytes);
  const calls = new HostCalls();
  const preopens = request.preopens.map(({ guestPath, tree }) => new PreopenDirectory(guestPath, contents(tree)));
  const wasi = new WASI(request.args, request.env, [new OpenFile(new File(bytes(request.stdin))), stdout.fd, stderr.fd, ...preopens], {
    debug: false,
  });
  const jspi = request.hostFunctions === "jspi";
  const usesWasi = WebAssembly.Module.imports(module).some(entry => entry.module === WASI_MODULE);
  return observe(request, module, milliseconds, {
    imports: importObject(module, request, (jspi ? suspending : synchronous)(calls, request.counterUrl), {
      [WASI_MODULE]: faultsOf(request.wasi, wasi.wasiImport, error => error instanceof WASIProcExit),
    }),
    enter: phase => postMessage({ phase }),
    bind(instance) {
      if (usesWasi && !(instance.exports.memory instanceof WebAssembly.Memory)) throw new TypeError("a WASI guest must export its memory");
      wasi.inst = instance;
    },
    bytes: async () => new Uint8Array(await (await fetch(`/files/${request.sha256}.wasm`)).arrayBuffer()),
    call: entry => (jspi ? WebAssembly.promising(entry)() : entry()),
    exitCode: error => (error instanceof WASIProcExit ? error.code : undefined),
    calls: calls.calls,
    stdout: () => stdout.captured,
    stderr: () => stderr.captured,
  });
}

onmessage = async ({ data }) => postMessage({ result: JSON.stringify(await run(data)) });
