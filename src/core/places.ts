import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { packageRoot } from './packageRoot.js';

/** Where downloads and compiled addons are kept between checkouts and projects. */
export function cacheFolder(): string {
  const named = process.env['GYROMETRIC_CACHE'];
  return named || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gyrometric');
}

/** Whether the package is a dependency of somebody's, not a checkout. */
export function isInstalled(root: string = packageRoot): boolean {
  return basename(dirname(root)) === 'node_modules';
}

/**
 * The native addon of the package in `root`, built or not. That of a dependency lies in the cache, named by its
 * sources: package managers empty node_modules as they like, and it may not be ours to write to.
 */
export function addonPath(root: string = packageRoot): string {
  if (!isInstalled(root)) return join(root, 'build', 'gyrometric.node');
  const folder = join(root, 'src', 'native');
  const names = existsSync(folder) ? readdirSync(folder, { encoding: 'utf8', recursive: true }) : [];
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const name of names.filter((name) => /\.(cc|h)$/.test(name)).sort()) {
    hash.update(name).update(readFileSync(join(folder, name)));
  }
  return join(cacheFolder(), `addon-${hash.digest('hex').slice(0, 24)}.node`);
}

/** The command that sets up anew what can be compiled or downloaded. */
export function setupCommand(): string {
  return isInstalled() ? 'npx gyrometric engine link' : 'npm run build';
}
