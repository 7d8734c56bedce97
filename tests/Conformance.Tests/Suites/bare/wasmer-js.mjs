// A WASI command on @wasmer/sdk, as its documentation has it; called as node.mjs is, with the SDK's entry as CONFORMANCE_BARE_SDK.
import { readFileSync, writeFileSync } from "node:fs";
import { given } from "./given.mjs";

const { Wasmer } = await import(process.env.CONFORMANCE_BARE_SDK);
const { end, module, args: [name, ...args], env } = given();
const client = new Wasmer({ cache: false });
try {
  const loaded = await client.packages.create({ modules: { guest: readFileSync(module) }, commands: { [name]: { module: "guest" } } });
  const sandbox = await client.sandboxes.create({ packages: [loaded] });
  const guest = await sandbox.command(loaded.command(name), args, { env }).spawn({ stdout: "pipe", stderr: "pipe" });
  const printed = async (stream, target) => {
    for await (const chunk of stream) target.write(chunk);
  };
  await Promise.all([printed(guest.stdout, process.stdout), printed(guest.stderr, process.stderr)]);
  writeFileSync(end, `exit ${(await guest.wait()).exitCode}`);
} catch (error) {
  writeFileSync(end, `stopped ${error}`);
}
// Its threads would keep the process; what is printed is to be out before.
process.stdout.write("", () => process.stderr.write("", () => process.exit()));
