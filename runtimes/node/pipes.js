// The standard streams of guests as pipes, as a shell gives them: what node:wasi does with a file is something else (a poll of one is
// refused, and it can be sought in). Named pipes, for Node has no others that one of its own threads could have both ends of. Each end is
// opened anew for each cell: an open waits for the other end's, and the end of a stream is that all who write have closed it.
import { execFileSync } from "node:child_process";
import { constants, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAMES = ["stdin", "stdout", "stderr"];

/** Linux's O_PATH: a name for the pipe, and neither of its ends. */
const PATH_ONLY = 0x200000;

/** Makes the three; { stdin, stdout, stderr }, by the paths that open them. On Linux, nothing of them is left in the file system. */
export function makePipes() {
  const folder = mkdtempSync(join(tmpdir(), "conformance-pipes-"));
  const paths = NAMES.map(name => join(folder, name));
  execFileSync("mkfifo", ["-m", "600", ...paths]);
  if (process.platform !== "linux") {
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    return Object.fromEntries(NAMES.map((name, i) => [name, paths[i]]));
  }
  const pipes = Object.fromEntries(NAMES.map((name, i) => [name, `/proc/self/fd/${openSync(paths[i], PATH_ONLY)}`]));
  rmSync(folder, { recursive: true });
  return pipes;
}

/** In the guest's thread: the guest's ends. */
export const guestEnds = pipes => [openSync(pipes.stdin, "r"), openSync(pipes.stdout, "w"), openSync(pipes.stderr, "w")];

/** In the main thread, when the guest's thread opens its ends: gives it a file's bytes, or none. */
export async function feed(pipes, stdinPath) {
  const pipe = await open(pipes.stdin, "w");
  try {
    if (stdinPath) await pipe.writeFile(readFileSync(stdinPath));
  } catch (error) {
    // The guest has not read it all.
    if (error.code !== "EPIPE") throw error;
  } finally {
    await pipe.close();
  }
}

/** Likewise: what is printed, cut at a limit, when its end has come. */
export async function drain(path, limit) {
  const pipe = await open(path, constants.O_RDONLY);
  const kept = [];
  let bytes = 0;
  try {
    for (;;) {
      const { bytesRead, buffer } = await pipe.read(Buffer.alloc(65536), 0, 65536);
      if (bytesRead === 0) break;
      if (bytes < limit) kept.push(buffer.subarray(0, Math.min(bytesRead, limit - bytes)));
      bytes += bytesRead;
    }
  } finally {
    await pipe.close();
  }
  return { text: Buffer.concat(kept).toString("utf8"), bytes, truncated: bytes > limit };
}
