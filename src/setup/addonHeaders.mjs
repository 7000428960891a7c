import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Unavailable } from './setupError.mjs';

/** Packages with headers, and where in them the headers are. */
const HEADERS = [
  ['node-api-headers', 'include'],
  ['node-addon-api', ''],
];

/**
 * Packages are found as Node finds them, so that hoisted ones of a user's project count.
 * @returns {{folders: string[], versions: string[]}} folders with the headers; name@version of each package
 * @throws Unavailable naming the first that is missing
 */
export function findHeaders(/** @type {string} */ root) {
  /** @type {{folders: string[], versions: string[]}} */
  const headers = { folders: [], versions: [] };
  for (const [name, inside] of HEADERS) {
    const folder = installedPackage(root, name);
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
