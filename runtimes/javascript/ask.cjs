// In a guest's thread: asks the main thread and waits for the answer, as a host function must that can't suspend. CommonJS, so that it can
// be preloaded.
const HEADER_BYTES = 8;
// What an answer usually takes, and what it may take: a host that knows more than the harness asks about at once.
const ANSWER_BYTES = 1024 * 1024;
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

/** The name of the channel that both ends open. */
const CHANNEL = "conformance";

let ask;

/** A function (method, params) → answer that blocks this thread meanwhile. */
module.exports.asker = () => {
  if (ask) return ask;
  const channel = new BroadcastChannel(CHANNEL);
  channel.unref();
  const shared = new SharedArrayBuffer(HEADER_BYTES + ANSWER_BYTES, { maxByteLength: HEADER_BYTES + MOST_ANSWER_BYTES });
  const [state, length] = [0, 1];
  const header = new Int32Array(shared, 0, 2);
  ask = (method, params) => {
    Atomics.store(header, state, 0);
    channel.postMessage({ shared, method, params });
    // Again and again: the notice of the answer before may come when this question is already waiting.
    while (Atomics.load(header, state) === 0) Atomics.wait(header, state, 0);
    return JSON.parse(Buffer.from(new Uint8Array(shared, HEADER_BYTES, header[length])).toString());
  };
  return ask;
};

/**
 * In the main thread: answers what guests' threads ask, with method → function(params), whose value may be a promise. Opens the channel
 * for the process's life.
 */
module.exports.answerer = methods => {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = async ({ data: { shared, method, params } }) => {
    const bytes = Buffer.from(JSON.stringify((await methods[method](params)) ?? null));
    const header = new Int32Array(shared, 0, 2);
    if (HEADER_BYTES + bytes.length > shared.byteLength) shared.grow(HEADER_BYTES + bytes.length);
    new Uint8Array(shared, HEADER_BYTES).set(bytes);
    header[1] = bytes.length;
    Atomics.store(header, 0, 1);
    Atomics.notify(header, 0);
  };
};
