// The host functions' side of the main thread: does the requests of the cell that runs.
import { HostCalls } from "./shared/host-calls.js";

/** The requests of one cell. */
export class Counter {
  #calls = new HostCalls();

  constructor({ counterUrl, imports }) {
    this.url = counterUrl;
    this.hosts = imports;
  }

  get calls() {
    return this.#calls.calls;
  }

  /** Does the request of a host function by its place; { returned } as decimal text or null, or { error }. */
  async call(index) {
    const host = this.hosts[index];
    try {
      return { returned: this.#calls.answered(host, ...(await this.#send(host))) };
    } catch (error) {
      return { error: error.message };
    }
  }

  async #send(host) {
    try {
      const response = await fetch(this.url + host.path, { method: host.method, redirect: "manual" });
      return [response.status, await response.text()];
    } catch (error) {
      throw this.#calls.failed(host, error.cause?.message ?? error.message);
    }
  }
}
