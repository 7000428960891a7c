import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stopwatch } from './progress.mjs';
import { run } from './run.mjs';
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
  const { command, before } = npm();
  const { code, missing, output } = await run(command, [...before, ...ARGUMENTS], {
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

/** The npm that started us, else the one that came with this Node, else the one on the PATH. */
function npm() {
  const besideNode = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(besideNode, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(besideNode, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  // npm_execpath may be yarn or pnpm, which read other locks.
  const script = candidates.find((path) => path && basename(path) === 'npm-cli.js' && existsSync(path));
  return script ? { command: process.execPath, before: [script] } : { command: 'npm', before: [] };
}

function npmReason(/** @type {string} */ output) {
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!)/.test(line));
  const text = lines.map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  return text.find((line) => line && !/^(code|syscall|errno|network This)/.test(line)) ?? 'no reason given';
}

function remedy(/** @type {string} */ output) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/.test(output)
    ? 'check the network or proxy (npm config get proxy) and run this again'
    : 'mend that and run this again';
}
