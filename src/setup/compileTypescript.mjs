import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stopwatch } from './progress.mjs';
import { run } from './run.mjs';

const SOURCES = ['src', 'indices', 'experiments'];

/**
 * Runs tsc into dist/ unless no source has changed since it last succeeded.
 * @param {{root: string, log: (line: string) => void}} options
 * @returns {Promise<{status: 'built' | 'current'} | {status: 'failed', reason: string}>} reason: what tsc printed
 */
export async function compileTypescript({ root, log }) {
  const stamp = join(root, 'dist', '.gyrometric-build');
  const wanted = sourceKey(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { status: 'current' };
  const seconds = stopwatch();
  log('TypeScript: compiling');
  rmSync(stamp, { force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', join(root, 'tsconfig.json')], {
    cwd: root,
    onTick: () => log(`TypeScript: compiling, ${seconds()}`),
  });
  if (code !== 0) return { status: 'failed', reason: output.trim() };
  copySetup(root);
  writeFileSync(stamp, wanted);
  log(`TypeScript: compiled, ${seconds()}`);
  return { status: 'built' };
}

/** tsc copies no .mjs, and the command line imports src/setup at run time. */
function copySetup(/** @type {string} */ root) {
  const target = join(root, 'dist', 'src', 'setup');
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(join(root, 'src', 'setup'))) {
    if (name.endsWith('.mjs')) copyFileSync(join(root, 'src', 'setup', name), join(target, name));
  }
}

function sourceKey(/** @type {string} */ root) {
  const hash = createHash('sha256');
  const files = ['tsconfig.json', 'node_modules/typescript/package.json'];
  for (const folder of SOURCES) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (/\.m?ts$|\.mjs$/.test(name)) files.push(join(folder, name));
    }
  }
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
