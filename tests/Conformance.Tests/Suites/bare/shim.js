// A WASI command on @bjorn3/browser_wasi_shim as its README has it, in a page. `guest` is { wasm, args, env, folders }, bytes in base64.
import { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI } from "/wasi/index.js";

const bytes = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));

const contents = tree => new Map(Object.entries(tree).map(([name, entry]) =>
  [name, typeof entry === "string" ? new File(bytes(entry)) : new Directory(contents(entry))]));

globalThis.bare = async ({ wasm, args, env, folders }) => {
  const printed = ["", ""];
  const decoders = [new TextDecoder(), new TextDecoder()];
  const stream = i => new ConsoleStdout(chunk => (printed[i] += decoders[i].decode(chunk, { stream: true })));
  const wasi = new WASI(args, env, [new OpenFile(new File([])), stream(0), stream(1),
    ...folders.map(({ path, tree }) => new PreopenDirectory(path, contents(tree)))], { debug: false });
  try {
    const { instance } = await WebAssembly.instantiate(bytes(wasm), { wasi_snapshot_preview1: wasi.wasiImport });
    return { end: `exit ${wasi.start(instance)}`, stdout: printed[0], stderr: printed[1] };
  } catch (error) {
    return { end: `stopped ${error}`, stdout: printed[0], stderr: printed[1] };
  }
};
