import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildAddon } from './buildAddon.mjs';
import { compileTypescript } from './compileTypescript.mjs';
import { install } from './install.mjs';
import { linkTensorflow } from './linkTensorflow.mjs';
import { log, stopwatch } from './progress.mjs';
import { SetupError } from './setupError.mjs';

/** The folder of package.json. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Brings packages, dist/, the addon and the TensorFlow link up to date; silent where they are. Missing TensorFlow or
 * a missing addon is one line, no failure.
 * @returns {Promise<{typescript: Awaited<ReturnType<typeof compileTypescript>>}>}
 * @throws SetupError if nothing can run
 */
export async function prepare() {
  requireNode();
  await install({ root, log });
  // The link waits for a download, then for one compiler; tsc and the addon keep the other core busy meanwhile.
  const [ours, tensorflow] = await Promise.allSettled([compileOurs(), linkIfWanted()]);
  if (tensorflow.status === 'rejected') throw tensorflow.reason;
  if (ours.status === 'rejected') throw ours.reason;
  return ours.value;
}

async function compileOurs() {
  const typescript = await compileTypescript({ root, log });
  const seconds = stopwatch();
  const addon = await buildAddon({ root, log });
  if (addon.status === 'built') log(`addon: built, ${seconds()}`);
  if (addon.status === 'unavailable') log(`addon: ${addon.reason}`);
  return { typescript };
}

async function linkIfWanted() {
  const engine = process.env.GYROMETRIC_ENGINE;
  if (engine && engine !== 'tensorflow') return;
  const { status, version, library, reason } = await linkTensorflow({ root, log });
  if (status === 'linked') log(`TensorFlow: ${version} linked, from ${library}`);
  if (status === 'unavailable') log(`TensorFlow: ${reason}`);
}

function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = engines.node.replace('>=', '');
  const [major, minor] = wanted.split('.').map(Number);
  const [a, b] = process.versions.node.split('.').map(Number);
  if (a > major || (a === major && b >= minor)) return;
  throw new SetupError(
    `Node.js: expected ${wanted} or newer, got ${process.versions.node}; install a newer one`,
  );
}

/** Runs `main`, ends the process with the code it returns; a SetupError is one line and code 1. */
export async function runMain(/** @type {() => Promise<number>} */ main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    log(error.message);
    process.exitCode = 1;
  }
}

/** @throws SetupError with tsc's words, if it failed */
export function requireCompiled(/** @type {Awaited<ReturnType<typeof prepare>>} */ { typescript }) {
  if (typescript.status !== 'failed') return;
  throw new SetupError(`${typescript.reason}\nTypeScript: does not compile; correct the lines above`);
}

/**
 * Sets up what is missing, then runs a compiled program in this process, so that Ctrl-C and the exit code are its own.
 * @param {string} path in dist
 * @param {readonly string[]} args
 */
export async function runCompiled(path, args = process.argv.slice(2)) {
  await runMain(async () => {
    requireCompiled(await prepare());
    const program = join(root, 'dist', path);
    process.argv = [process.argv[0], program, ...args];
    await import(pathToFileURL(program).href);
    return Number(process.exitCode ?? 0);
  });
}
