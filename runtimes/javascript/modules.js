// Modules as the harness names them: a path and the hash of what was there when the run began.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export const sha256 = bytes => createHash("sha256").update(bytes).digest("hex");

/** A module's bytes, if they are still the ones that were hashed. */
export function readModule({ path, sha256: expected }) {
  const bytes = readFileSync(path);
  if (sha256(bytes) !== expected) throw new Error(`${path} has changed since the run began`);
  return bytes;
}
