import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNetworkFailure, npmReason, runNpm } from './npm.mjs';
import { stopwatch } from './progress.mjs';
import { SetupError } from './setupError.mjs';

// --no-save leaves package-lock.json as it is committed; the two includes hold against NODE_ENV=production and
// omit=optional, which would leave out the compiler or the native parts of the tools.
const ARGUMENTS = ['install', '--no-audit', '--no-fund', '--no-save', '--include=dev', '--include=optional'];

/**
 * Installs the locked npm packages unless that has been done for this lock on this machine.
 * @param {{root: string, log: (line: string) => void}} options
 * @returns {Promise<{status: 'installed' | 'current'}>}
 * @throws SetupError saying what npm said, if it fails
 */
export async function install({ root, log }) {
  const stamp = join(root, 'node_modules', '.gyrometric-install');
  const wanted = lockKey(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { status: 'current' };
  const seconds = stopwatch();
  log('packages: installing');
  const { code, missing, output } = await runNpm(ARGUMENTS, {
    cwd: root,
    onTick: () => log(`packages: installing, ${seconds()}`),
  });
  if (missing)
    throw new SetupError('npm was not found; install it with Node.js 20 or newer and run this again');
  if (code !== 0) throw new SetupError(`npm install failed (${npmReason(output)}); ${remedy(output)}`);
  writeFileSync(stamp, wanted);
  log(`packages: installed, ${seconds()}`);
  return { status: 'installed' };
}

/** Packages depend on the lock and, through optional native ones, on the platform. */
function lockKey(/** @type {string} */ root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const name of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, name)));
  return hash.digest('hex');
}

function remedy(/** @type {string} */ output) {
  return isNetworkFailure(output)
    ? 'check the network or proxy (npm config get proxy) and run this again'
    : 'mend that and run this again';
}
