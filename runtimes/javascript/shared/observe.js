// One cell where JavaScript instantiates: link, start, run, and what was seen of it.
import { decimal, isExecution, linkCode, preciseRunCode, words } from "./outcomes.js";
import { find } from "./imports.js";
import { Code, Phase } from "./vocabulary.js";

/**
 * Runs a module and gives the protocol's answer to `run`. What differs from host to host:
 * imports: the import object; enter(phase); bind(instance): gives WASI the instance, throws where there is no memory; call(function): its
 * value or a promise; bytes(): the module's;
 * exitCode(error): the number of a proc_exit, undefined otherwise; calls, stdout(), stderr(): what was seen.
 */
export async function observe(request, module, milliseconds, host) {
  const seen = {
    phase: Phase.link,
    code: null,
    text: null,
    exit: null,
    result: null,
    timingsMs: { compile: milliseconds, link: null, run: null },
  };
  const enter = phase => {
    seen.phase = phase;
    host.enter(phase);
  };
  let started, exports;
  let binds = false;
  const bind = instance => {
    binds = true;
    host.bind(instance);
    binds = false;
  };
  try {
    enter(Phase.link);
    started = performance.now();
    const instance = await WebAssembly.instantiate(module, host.imports);
    exports = instance.exports;
    seen.timingsMs.link = performance.now() - started;

    if (request.kind === "wasi-reactor" && exports._initialize) {
      enter(Phase.start);
      bind(instance);
      await host.call(exports._initialize);
      enter(Phase.run);
    } else {
      enter(Phase.run);
      bind(instance);
    }

    const entry = exports[request.entry];
    if (typeof entry !== "function") {
      seen.code = Code.noEntry;
      seen.text = `the module exports no function '${request.entry}'`;
    } else if (entry.length > 0) {
      seen.code = Code.noEntry;
      seen.text = `'${request.entry}' takes ${entry.length} parameters: an entry takes none`;
    } else {
      started = performance.now();
      const value = await host.call(entry);
      seen.timingsMs.run = performance.now() - started;
      seen.phase = Phase.observe;
      seen.result = decimal(value);
      if (request.kind === "wasi-command") seen.exit = 0;
    }
  } catch (error) {
    if (seen.phase === Phase.run) seen.timingsMs.run = performance.now() - started;
    const exit = host.exitCode(error);
    if (exit !== undefined) {
      // How a command ends: no failure, whatever the code.
      seen.phase = Phase.observe;
      seen.exit = exit;
    } else {
      if (seen.phase === Phase.link && isExecution(error)) seen.phase = Phase.start;
      seen.code =
        binds && !(exports.memory instanceof WebAssembly.Memory)
          ? Code.noMemory
          : seen.phase === Phase.link
            ? linkCode(error, WebAssembly.Module.imports(module), entry => find(host.imports, entry) !== undefined)
            : await preciseRunCode(error, host.bytes);
      seen.text = words(error);
    }
  }
  return { ...seen, hostCalls: host.calls, stdout: host.stdout(), stderr: host.stderr() };
}
