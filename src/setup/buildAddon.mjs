// Compiles src/native into build/gyrometric.node with the C++ compiler itself: node-gyp would download headers.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findHeaders } from './addonHeaders.mjs';
import { findCompiler } from './compiler.mjs';
import { addonPath, nativeSources } from './places.mjs';
import { run } from './run.mjs';
import { Unavailable } from './setupError.mjs';
import { withTemporaryFolder } from './temporary.mjs';

const FLAGS = [
  '-std=c++17',
  '-O3',
  '-fPIC',
  '-fvisibility=hidden',
  '-pthread',
  // Fused multiply-add would make results depend on the processor: see targets.h.
  '-ffp-contract=off',
  '-fno-math-errno',
  '-Wall',
  '-Wextra',
  // Vectors wider than the base instruction set only cross inlined calls.
  '-Wno-psabi',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL',
];

/**
 * Builds the addon if its sources, flags or headers changed since the last time. $CXX names the compiler, $CXXFLAGS
 * adds to the flags.
 * @param {{root: string, log?: (line: string) => void}} options the package's folder; where a line of progress goes
 * @returns {Promise<import('./buildAddon.mjs').AddonStatus>} a missing compiler or package and a failed compilation are
 *   'unavailable' with a sentence that says why
 */
export async function buildAddon({ root, log = () => {} }) {
  try {
    if (isAddonCurrent(root)) {
      return { status: 'current', reason: 'sources, flags and headers are those of the last build' };
    }
    return await build(root, log);
  } catch (error) {
    const reason =
      error instanceof Unavailable
        ? `${error.problem}: ${error.remedy}`
        : /** @type {Error} */ (error).message;
    return { status: 'unavailable', reason };
  }
}

/** Whether the addon of the package in `root` is whole and that of its sources. Nothing is compiled or fetched. */
export function isAddonCurrent(/** @type {string} */ root) {
  const output = addonPath(root);
  if (!existsSync(output) || !existsSync(stampPath(output))) return false;
  return readFileSync(stampPath(output), 'utf8') === stampOf(root, output);
}

/**
 * @param {string} root
 * @param {(line: string) => void} log
 * @returns {Promise<import('./buildAddon.mjs').AddonStatus>}
 */
async function build(root, log) {
  const compiler = await findCompiler();
  if (compiler === undefined) {
    throw new Unavailable('no C++ compiler found', 'install g++ or clang++, or set CXX');
  }
  log(`compiling the native addon with ${compiler}`);
  const folder = join(root, 'src', 'native');
  const units = nativeSources(folder).filter((name) => name.endsWith('.cc'));
  const includes = findHeaders(root).folders.flatMap((headers) => ['-isystem', headers]);
  const output = addonPath(root);
  await withTemporaryFolder(dirname(output), async (temporary) => {
    const sources = units.map((name) => join(folder, name));
    const linked = await compile(compiler, sources, [...FLAGS, ...extraFlags(), ...includes], temporary);
    // The old stamp goes first: a new addon beside an old stamp would only be built again.
    rmSync(stampPath(output), { force: true });
    renameSync(linked, output);
    writeFileSync(stampPath(output), stampOf(root, output));
  });
  return { status: 'built', reason: `compiled ${units.length} files with ${compiler}` };
}

function extraFlags() {
  return (process.env.CXXFLAGS ?? '').split(/\s+/).filter(Boolean);
}

function stampPath(/** @type {string} */ output) {
  return `${output}.stamp`;
}

/** Everything that the addon was made of, and its own bytes, so that a damaged one is built again. */
function stampOf(/** @type {string} */ root, /** @type {string} */ output) {
  const { versions } = findHeaders(root);
  const settings = [FLAGS, extraFlags(), versions, process.env.CXX ?? '', process.platform, process.arch];
  const hash = createHash('sha256').update(JSON.stringify(settings)).update(readFileSync(output));
  const folder = join(root, 'src', 'native');
  for (const name of nativeSources(folder)) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}

/** Every file to an object, several at a time, then all of them to one library, whose path is returned. */
async function compile(
  /** @type {string} */ compiler,
  /** @type {string[]} */ units,
  /** @type {string[]} */ flags,
  /** @type {string} */ folder,
) {
  const objects = units.map((_, i) => join(folder, `${i}.o`));
  const waiting = units.map((unit, i) => ['-c', unit, '-o', objects[i], ...flags]);
  const work = async () => {
    for (let args = waiting.shift(); args !== undefined; args = waiting.shift()) await invoke(compiler, args);
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  const linked = join(folder, 'gyrometric.node');
  const loader = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  await invoke(compiler, ['-shared', '-o', linked, ...objects, ...flags, ...loader]);
  return linked;
}

async function invoke(/** @type {string} */ compiler, /** @type {string[]} */ args) {
  const { code, output } = await run(compiler, args);
  if (code === 0) return;
  const errors = output.split('\n').filter((line) => /error|undefined reference/i.test(line));
  const why = errors.slice(0, 5).join('\n') || `${compiler} ended with ${code}`;
  throw new Error(`compiling the native addon failed: ${why}`);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === resolve(process.argv[1])) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const { status, reason } = await buildAddon({ root, log: console.log });
  console.log(`native addon: ${status} (${reason})`);
}
