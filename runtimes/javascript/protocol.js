// The worker protocol on stdin and stdout, for runtimes that JavaScript reaches: JSON-RPC 2.0, one message a line. What a runtime does is
// its back end's.
import { createInterface } from "node:readline";
import { JSONRPCErrorException, JSONRPCServer } from "json-rpc-2.0";

const PROTOCOL = 1;
const INVALID_PARAMS = -32602;
const INVALID_REQUEST = -32600;
const UNAVAILABLE = -32010;

/** The runtime is not on this machine; the harness shows the reason and the remedy (null is the manifest's). */
export class UnavailableError extends JSONRPCErrorException {
  constructor(reason, remedy = null) {
    super(reason, UNAVAILABLE, { reason, remedy });
  }
}

/** A required field of a request's parameters. */
function field(params, name, type) {
  const value = params?.[name];
  if (value === null || typeof value !== type)
    throw new JSONRPCErrorException(`'${name}' must be ${type === "object" ? "an object" : `a ${type}`}`, INVALID_PARAMS);
  return value;
}

/**
 * Answers the harness until `shutdown` or the end of stdin, one request at a time.
 * The back end: initialize(params), resolve(params), run(params, enter), each the protocol's answer or a promise of it. Its guests run in
 * threads of their own, so that the end
 * of stdin is heard while one spins.
 */
export function serve(backEnd) {
  // stdout carries only the protocol, and Ctrl-C at the harness's terminal is for the harness.
  const send = message => process.stdout.write(JSON.stringify(message) + "\n");
  globalThis.console = new console.Console(process.stderr, process.stderr);
  process.on("SIGINT", () => {});
  // A file that may not grow is an error of the write that would, and not the end of the process.
  process.on("SIGXFSZ", () => {});

  let initialized = false;
  const ready = () => {
    if (!initialized) throw new JSONRPCErrorException("'initialize' comes first", INVALID_REQUEST);
  };
  const checkModule = params => {
    const module = field(params, "module", "object");
    field(module, "path", "string");
    field(module, "sha256", "string");
    field(params, "imports", "object");
  };

  const server = new JSONRPCServer({ errorListener: (message, error) => console.error(message, error) });
  server.addMethod("initialize", async params => {
    if (field(params, "protocol", "number") !== PROTOCOL)
      throw new JSONRPCErrorException(`protocol ${params.protocol} is not spoken here, ${PROTOCOL} is`, INVALID_PARAMS);
    field(params, "limits", "object");
    const answer = await backEnd.initialize({ options: {}, ...params });
    initialized = true;
    return answer;
  });
  server.addMethod("resolve", params => {
    ready();
    checkModule(params);
    return backEnd.resolve(params);
  });
  server.addMethod("run", params => {
    ready();
    checkModule(params);
    for (const name of ["kind", "entry", "counterUrl"]) field(params, name, "string");
    return backEnd.run(params, phase => send({ jsonrpc: "2.0", method: "phase", params: { phase } }));
  });
  server.addMethod("shutdown", () => process.exit(0));

  let last = Promise.resolve();
  createInterface({ input: process.stdin })
    .on("line", line => {
      if (line.length > 0) last = last.then(() => server.receiveJSON(line)).then(answer => answer && send(answer));
    })
    .on("close", () => process.exit(0));
}
