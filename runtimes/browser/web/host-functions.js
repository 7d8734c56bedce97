// The host functions of a cell: each call is the HTTP request that the manifest declares, and is written down.

/** The counter server could not be asked. */
export class HostCallError extends Error {}

export class HostFunctions {
  /** Calls in order, equal neighbours counted together. */
  calls = [];

  constructor(counterUrl) {
    this.counterUrl = counterUrl;
  }

  /** A function that waits for the answer with a synchronous XMLHttpRequest: works everywhere in a worker, in a start function too. */
  synchronous = host => () => {
    const request = new XMLHttpRequest();
    try {
      request.open(host.method, this.counterUrl + host.path, false);
      request.send();
    } catch (error) {
      throw this.#failed(host, error.message);
    }
    return this.#answered(host, request.status, request.responseText);
  };

  /** A function that suspends the guest until fetch has answered (JavaScript promise integration). */
  suspending = host => new WebAssembly.Suspending(async () => {
    let status, body;
    try {
      const response = await fetch(this.counterUrl + host.path, { method: host.method });
      status = response.status;
      body = await response.text();
    } catch (error) {
      throw this.#failed(host, error.message);
    }
    return this.#answered(host, status, body);
  });

  #answered(host, status, body) {
    // 0 is how Firefox says that nobody answered.
    if (status === 0) throw this.#failed(host, "the counter server does not answer");
    if (status < 200 || status > 299) throw this.#failed(host, `the counter server answered ${status}`);
    if (host.result === null) {
      this.#record(host, null, null);
      return undefined;
    }
    const value = host.returns === "body" ? Number(body.trim() || "x") : 0;
    if (!Number.isSafeInteger(value)) throw this.#failed(host, `the counter server's answer is no number: ${body.slice(0, 80)}`);
    this.#record(host, String(value), null);
    return host.result === "i64" ? BigInt(value) : value;
  }

  #failed(host, problem) {
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
