// The SHA-256 of files that are large, used by every run and seldom another, such as Node itself: kept by the file's size and times in the
// folder that the harness names, as long as these are the same. The harness's own programs do likewise.
import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./modules.js";

const FOLDER = process.env.CONFORMANCE_DIGESTS;

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

/** What is kept there, if it is whole and of this stamp: its last line is the digest of those before. */
function read(place, stamp) {
  try {
    const [, content, check] = /^([^]*)\n(.*)$/.exec(readFileSync(place, "utf8")) ?? [];
    return content?.startsWith(stamp) && sha256(content) === check ? content.slice(stamp.length) : null;
  } catch {
    return null;
  }
}

/** Others may write it at once: the last one stays. */
function keep(place, content) {
  try {
    mkdirSync(FOLDER, { recursive: true });
    const beside = `${place}.${process.pid}.new`;
    writeFileSync(beside, `${content}\n${sha256(content)}`);
    renameSync(beside, place);
  } catch {
    // It is read again the next time.
  }
}
