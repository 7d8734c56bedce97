// The SHA-256 of files that are large, used by every run and seldom another, such as Node itself: kept by the file's size and times in the
// folder that the harness names, as long as these are the same. The harness's own programs do likewise.
import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./modules.js";

const FOLDER = process.env.CONFORMANCE_DIGESTS;

/** The end of the name of what is beside a file that is kept. */
const DIGEST = ".sha256";

/** A file that was written this lately may be written again within the same tick of its file system's clock. */
const SETTLED_MS = 10_000;

/** A file's digest: of its content as it is now, or as it was read when the file was last another. */
export function sha256OfFile(path) {
  const file = realpathSync(path);
  const { size, ino, mtimeMs, ctimeMs } = statSync(file);
  const place = FOLDER && join(FOLDER, `${sha256(file).slice(0, 32)}.node`);
  const stamp = `${file}\n${size} ${ino} ${mtimeMs} ${ctimeMs}\n`;
  const known = place && read(place, stamp);
  if (known) return known;
  const digest = sha256(readFileSync(file));
  if (place && Date.now() - ctimeMs > SETTLED_MS) keep(place, stamp + digest);
  return digest;
}

/** What is kept there, if it is whole and of this stamp: like all that is kept, it has its digest beside it. */
function read(place, stamp) {
  try {
    const content = readFileSync(place, "utf8");
    return content.startsWith(stamp) && sha256(content) === readFileSync(place + DIGEST, "utf8") ? content.slice(stamp.length) : null;
  } catch {
    return null;
  }
}

function keep(place, content) {
  try {
    mkdirSync(FOLDER, { recursive: true });
    write(place + DIGEST, sha256(content));
    write(place, content);
  } catch {
    // It is read again the next time.
  }
}

/** Whole or not at all: others may write it at once, and the last one stays. */
function write(path, content) {
  const beside = `${path}.${process.pid}.new`;
  writeFileSync(beside, content);
  renameSync(beside, path);
}
