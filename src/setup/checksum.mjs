import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SetupError } from './setupError.mjs';

/**
 * @param {string} file
 * @param {string} expected
 * @param {string} what for the message
 * @param {string} source where it came from, for the message
 * @throws SetupError naming both hashes if they differ
 */
export async function requireSha256(file, expected, what, source) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const got = hash.digest('hex');
  if (got === expected) return;
  throw new SetupError(
    `${what}: expected sha256 ${expected}, got ${got}; do not use this download: check ${source}`,
  );
}
