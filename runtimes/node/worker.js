// Node.js as a runtime: V8, with WASI by node:wasi. Guests run in a thread of their own.
import { Worker } from "node:worker_threads";
import askModule from "../javascript/ask.cjs";
import { Counter } from "../javascript/counter.js";
import { sha256OfFile } from "../javascript/digests.js";
import { limitGuestMemory } from "../javascript/guest-memory.js";
import { UnavailableError, serve } from "../javascript/protocol.js";
import { Phase } from "../javascript/shared/vocabulary.js";
import { drain, feed, makePipes } from "./pipes.js";

const OLDEST = [18, 17];

let guest, outputBytes, counter, pipes;

/** One request to the guest's thread; its answer, and what the guest printed meanwhile, if it has streams. */
const ask = (method, params, enter) => new Promise((resolve, reject) => {
  let printed;
  guest.onmessage = async ({ answer, phase, streams }) => {
    if (phase) {
      enter(phase);
    } else if (streams !== undefined) {
      printed = Promise.all([drain(pipes.stdout, outputBytes), drain(pipes.stderr, outputBytes), feed(pipes, streams)]);
      printed.catch(reject);
    } else {
      const [stdout, stderr] = (await printed) ?? [];
      resolve(printed ? { ...answer, stdout, stderr } : answer);
    }
  };
  guest.onerror = reject;
  guest.postMessage({ method, params: { ...params, outputBytes } });
});

serve({
  initialize({ limits }) {
    const [major, minor] = process.versions.node.split(".").map(Number);
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
      throw new UnavailableError(`Node ${process.versions.node} is on PATH, whose node:wasi is older than ${OLDEST.join(".")}'s`);
    limitGuestMemory(limits);
    outputBytes = limits.outputBytes;
    askModule.answerer({ call: index => counter.call(index) });
    try {
      pipes = makePipes();
    } catch (error) {
      throw new UnavailableError(`its guests' streams can't be made: ${error.message}`);
    }
    guest = new Worker(new URL("guest.js", import.meta.url), { workerData: { pipes } });
    guest.on("message", message => guest.onmessage(message));
    guest.on("error", error => guest.onerror(error));
    return {
      version: process.versions.node,
      engine: `V8 ${process.versions.v8}`,
      libraries: [{ name: "node", sha256: sha256OfFile(process.execPath) }],
      features: ["wasi_snapshot_preview1", "wasi_unstable", `uvwasi ${process.versions.uvwasi}`, "limited-imports",
        "no-read-only-folders"],
    };
  },
  resolve: params => ask("resolve", params),
  async run(params, enter) {
    counter = new Counter(params);
    enter(Phase.compile);
    const answer = await ask("run", params, enter);
    return { ...answer, hostCalls: counter.calls };
  },
});
