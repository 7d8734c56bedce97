// The host functions' side of the main thread: does the requests of the cell that runs.
import { Agent, request } from "node:http";
import { HostCalls } from "./shared/host-calls.js";

const agent = new Agent({ keepAlive: true });

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

  /** [status, body]. By node:http: fetch takes three times as long, the first request and each. */
  #send(host) {
    return new Promise((answer, fail) => {
      const failed = error => fail(this.#calls.failed(host, error.message || error.code));
      request(this.url + host.path, { method: host.method, agent }, response => {
        let body = "";
        response
          .setEncoding("utf8")
          .on("data", text => (body += text))
          .on("end", () => answer([response.statusCode, body]))
          .on("error", failed);
      }).on("error", failed).end();
    });
  }
}
