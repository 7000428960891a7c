// The twin of src/core/places.ts, for setting up before anything is compiled; a test holds the two together.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** Where downloads and compiled addons are kept between checkouts and projects. */
export function cacheFolder(env = process.env, home = homedir()) {
  if (env.GYROMETRIC_CACHE) return env.GYROMETRIC_CACHE;
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'gyrometric');
}

/** Whether the package in `root` is a dependency of somebody's, not a checkout. */
export function isInstalled(/** @type {string} */ root) {
  return basename(dirname(resolve(root))) === 'node_modules';
}

/**
 * The native addon of the package in `root`. That of a dependency lies in the cache, named by its sources: package
 * managers empty node_modules as they like, and it may not be ours to write to.
 */
export function addonPath(/** @type {string} */ root, cache = cacheFolder()) {
  if (!isInstalled(root)) return join(root, 'build', 'gyrometric.node');
  const folder = join(root, 'src', 'native');
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const name of nativeSources(folder)) hash.update(name).update(readFileSync(join(folder, name)));
  return join(cache, `addon-${hash.digest('hex').slice(0, 24)}.node`);
}

/** Names of the C++ files in `folder` and below, sorted. */
export function nativeSources(/** @type {string} */ folder) {
  const names = existsSync(folder) ? readdirSync(folder, { encoding: 'utf8', recursive: true }) : [];
  return names.filter((name) => /\.(cc|h)$/.test(name)).sort();
}

/** The command that sets up anew what can be compiled or downloaded. */
export function setupCommand(/** @type {string} */ root) {
  return isInstalled(root) ? 'npx gyrometric engine link' : 'npm run build';
}
