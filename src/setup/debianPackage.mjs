import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireSha256 } from './checksum.mjs';
import { stopwatch } from './progress.mjs';
import { lastLine, run } from './run.mjs';
import { SetupError } from './setupError.mjs';
import { publishFolder, withTemporaryFolder } from './temporary.mjs';

/** @typedef {{name: string, version: string, sha256: string, folder: string, to: string}} DebianData folder: in the package; to: in the cache */

/**
 * One folder of a Debian package, put into the cache if it is not there. apt-get fetches, so that the user's sources and
 * proxy count; nothing is installed, no script of the package is run, and no rights are needed.
 * @param {DebianData} data
 * @param {{cache: string, log: (line: string) => void}} options
 * @returns {Promise<string>} the folder in the cache
 * @throws SetupError if it cannot be had, or is not what was pinned
 */
export async function fetchDebianFolder({ name, version, sha256, folder, to }, { cache, log }) {
  const target = join(cache, to);
  if (existsSync(target)) return target;
  await withTemporaryFolder(cache, async (temporary) => {
    const seconds = stopwatch();
    log(`${name} ${version}: downloading with apt-get`);
    const file = await download(`${name}=${version}`, temporary);
    await requireSha256(file, sha256, `${name} ${version}`, "apt's sources");
    const unpacked = join(temporary, 'unpacked');
    mkdirSync(unpacked);
    const { code, missing, output } = await run('dpkg-deb', ['-x', file, unpacked]);
    if (missing || code !== 0) {
      throw new SetupError(
        `${name}: dpkg-deb could not unpack it (${missing ? 'not found' : lastLine(output)})`,
      );
    }
    publishFolder(join(unpacked, folder), target, existsSync);
    log(`${name} ${version}: unpacked, ${seconds()}`);
  });
  return target;
}

/** @returns {Promise<string>} the file */
async function download(/** @type {string} */ wanted, /** @type {string} */ folder) {
  const { code, missing, output } = await run('apt-get', ['download', wanted], { cwd: folder });
  const file = readdirSync(folder).find((entry) => entry.endsWith('.deb'));
  if (code === 0 && file) return join(folder, file);
  const reason = missing ? 'there is no apt-get here' : lastLine(output);
  throw new SetupError(
    `${wanted}: could not be downloaded (${reason}); on Debian 12, or in a container of it, run apt-get update and try again`,
  );
}
