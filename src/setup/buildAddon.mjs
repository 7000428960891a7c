// Compiles src/native into build/gyrometric.node with the C++ compiler itself: node-gyp would download headers.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCompiler } from './compiler.mjs';
import { run } from './run.mjs';
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
  // Without it hnswlib prefetches one link past the end of a list, and reads memory that is not its own for that.
  '-DNO_MANUAL_VECTORIZATION',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL',
];

/** Packages with headers, and where in them the headers are. */
const HEADERS = [
  ['node-api-headers', 'include'],
  ['node-addon-api', ''],
  ['hnswlib-node', 'src/hnswlib'],
];

/**
 * Builds the addon if its sources, flags or headers changed since the last time. $CXX names the compiler, $CXXFLAGS
 * adds to the flags.
 * @param {{root: string, log?: (line: string) => void}} options the package's folder; where a line of progress goes
 * @returns {Promise<{status: 'built' | 'current' | 'unavailable', reason: string}>} a missing compiler or package and
 *   a failed compilation are 'unavailable' with a sentence that says why, never a rejection
 */
export async function buildAddon({ root, log = () => {} }) {
  const headers = findHeaders(root);
  if (headers.missing !== undefined) {
    return unavailable(`the npm package ${headers.missing} is not installed: run npm install`);
  }
  const extra = (process.env.CXXFLAGS ?? '').split(/\s+/).filter(Boolean);
  const includes = headers.folders.flatMap((folder) => ['-isystem', folder]);
  const flags = [...FLAGS, ...extra, ...includes];
  const folder = join(root, 'src', 'native');
  const sources = readdirSync(folder)
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort();

  const build = join(root, 'build');
  const output = join(build, 'gyrometric.node');
  const stampFile = `${output}.stamp`;
  const stamp = stampOf(folder, sources, [flags, headers.versions, process.env.CXX ?? '']);
  if (existsSync(output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    return { status: 'current', reason: 'sources, flags and headers are those of the last build' };
  }
  const compiler = await findCompiler();
  if (compiler === undefined) {
    return unavailable('no C++ compiler found: install g++ or clang++, or set CXX');
  }
  log(`compiling the native addon with ${compiler}`);
  const units = sources.filter((name) => name.endsWith('.cc')).map((name) => join(folder, name));
  try {
    await withTemporaryFolder(build, async (temporary) => {
      const linked = await compile(compiler, units, flags, temporary);
      // The old stamp goes first: a new addon beside an old stamp would only be built again.
      rmSync(stampFile, { force: true });
      renameSync(linked, output);
      writeFileSync(stampFile, stamp);
    });
  } catch (error) {
    return unavailable(`compiling the native addon failed: ${/** @type {Error} */ (error).message}`);
  }
  return { status: 'built', reason: `compiled ${units.length} files with ${compiler}` };
}

/** @returns {{status: 'unavailable', reason: string}} */
function unavailable(/** @type {string} */ reason) {
  return { status: 'unavailable', reason };
}

/** Packages are found as Node finds them, so that hoisted ones of a user's project count. */
function findHeaders(/** @type {string} */ root) {
  const require = createRequire(join(resolve(root), 'package.json'));
  /** @type {{folders: string[], versions: string[], missing?: string}} */
  const headers = { folders: [], versions: [] };
  for (const [name, inside] of HEADERS) {
    try {
      const manifest = require.resolve(`${name}/package.json`);
      headers.versions.push(`${name}@${JSON.parse(readFileSync(manifest, 'utf8')).version}`);
      headers.folders.push(join(dirname(manifest), inside));
    } catch {
      return { ...headers, missing: name };
    }
  }
  return headers;
}

function stampOf(
  /** @type {string} */ folder,
  /** @type {string[]} */ sources,
  /** @type {unknown[]} */ settings,
) {
  const hash = createHash('sha256').update(JSON.stringify([settings, process.platform, process.arch]));
  for (const name of sources) hash.update(name).update(readFileSync(join(folder, name)));
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
  throw new Error(errors.slice(0, 5).join('\n') || `${compiler} ended with ${code}`);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === resolve(process.argv[1])) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const { status, reason } = await buildAddon({ root, log: console.log });
  console.log(`native addon: ${status} (${reason})`);
}
