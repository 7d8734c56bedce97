// The host functions of a cell: each call is the HTTP request that the manifest declares. What they were given is judged and written down
// here; how the
// request is sent is the host's.

/** The counter server could not be asked. */
export class HostCallError extends Error {}

export class HostCalls {
  /** Calls in order, equal neighbours counted together. */
  calls = [];

  /** Takes the server's answer; what the guest is given, as decimal text, or null where it asks for nothing. */
  answered(host, status, body) {
    // 0 is how Firefox says that nobody answered.
    if (status === 0) throw this.failed(host, "the counter server does not answer");
    if (status < 200 || status > 299) throw this.failed(host, `the counter server answered ${status}`);
    if (host.result === null) {
      this.#record(host, null, null);
      return null;
    }
    const value = host.returns === "body" ? Number(body.trim() || "x") : 0;
    if (!Number.isSafeInteger(value)) throw this.failed(host, `the counter server's answer is no number: ${body.slice(0, 80)}`);
    this.#record(host, String(value), null);
    return String(value);
  }

  /** The request did not come to an answer; what to throw. */
  failed(host, problem) {
    const text = `${host.method} ${host.path}: ${problem}`;
    this.#record(host, null, text);
    return new HostCallError(text);
  }

  #record({ module, name }, returned, error) {
    const last = this.calls.at(-1);
    if (last && last.module === module && last.name === name && last.returned === returned && last.error === error) last.times++;
    else this.calls.push({ module, name, times: 1, returned, error });
  }
}

/** What a call gave, as the value that the module's declared type asks for. */
export const given = (host, returned) => returned === null ? undefined : host.result === "i64" ? BigInt(returned) : Number(returned);
