import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { cachedPackage, packageFolder } from './npmPackage.mjs';
import { cacheFolder } from './places.mjs';
import { Unavailable } from './setupError.mjs';

/** Packages with headers, and where in them the headers are. */
const HEADERS = [
  ['node-api-headers', 'include'],
  ['node-addon-api', ''],
  ['hnswlib-node', 'src/hnswlib'],
];
/** No dependency of ours, as its install script would compile what we do not use: setup fetches its files itself. */
const HNSWLIB = {
  name: 'hnswlib-node',
  version: '3.0.0',
  sha512: 'fypn21qvVORassppC8/qNfZ5KAOspZpm/IbUkAtlqvbtDNnF5VVk5RWF7O5V6qwr7z+T3s1ePej6wQt5wRQ4Cg==',
};

/** Fetches into the cache the headers that are not installed. @throws Unavailable, SetupError as cachedPackage does */
export async function fetchHeaders(/** @type {string} */ root, /** @type {(line: string) => void} */ log) {
  if (installedPackage(root, HNSWLIB.name) === undefined) {
    await cachedPackage(HNSWLIB, { cache: cacheFolder(), log });
  }
}

/**
 * Packages are found as Node finds them, so that hoisted ones of a user's project count, or in the cache.
 * @returns {{folders: string[], versions: string[]}} folders with the headers; name@version of each package
 * @throws Unavailable naming the first that is missing
 */
export function findHeaders(/** @type {string} */ root) {
  /** @type {{folders: string[], versions: string[]}} */
  const headers = { folders: [], versions: [] };
  for (const [name, inside] of HEADERS) {
    const folder =
      installedPackage(root, name) ??
      (name === HNSWLIB.name ? packageFolder(HNSWLIB, cacheFolder()) : undefined);
    if (folder === undefined) {
      throw new Unavailable(`the npm package ${name} is not installed`, 'run npm install');
    }
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    headers.versions.push(`${name}@${version}`);
    headers.folders.push(join(folder, inside));
  }
  return headers;
}

function installedPackage(/** @type {string} */ root, /** @type {string} */ name) {
  const require = createRequire(join(resolve(root), 'package.json'));
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
