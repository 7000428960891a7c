import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findCompiler } from './compiler.mjs';
import { stopwatch } from './progress.mjs';
import { lastLine, run } from './run.mjs';
import { Unavailable, USE_INSTALLED } from './setupError.mjs';
import { withTemporaryFolder } from './temporary.mjs';

const NAPI_VERSION = 8;
const FLAGS = ['-std=c++17', '-O2', '-shared', '-fPIC', `-DNAPI_VERSION=${NAPI_VERSION}`];
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** Where the glue of tfjs-node looks for its addon. */
export function bindingPath(/** @type {string} */ packageDir) {
  return join(packageDir, 'lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node');
}

/** Changes whenever the addon would come out different: other sources, flags, or another TensorFlow. */
export function bindingKey(/** @type {string} */ packageDir, /** @type {string} */ tensorflow) {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, process.arch, tensorflow]));
  for (const library of LIBRARIES) {
    const { size, mtimeMs } = statSync(join(tensorflow, library));
    hash.update(`${size} ${mtimeMs}`);
  }
  const folder = join(packageDir, 'binding');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 24);
}

/**
 * The addon of tfjs-node compiled against the TensorFlow in `tensorflow`, from the cache if it is there.
 * @param {{packageDir: string, tensorflow: string, cache: string, log: (line: string) => void}} options
 * @returns {Promise<{file: string, version: string}>} version: what the loaded library says of itself
 * @throws Unavailable without a compiler, or if the result does not load on this machine
 */
export async function compileBinding({ packageDir, tensorflow, cache, log }) {
  const prefix = `tfjs-binding-${bindingKey(packageDir, tensorflow)}-`;
  let file = findWhole(cache, prefix);
  if (file === undefined) {
    const compiler = await findCompiler();
    if (!compiler) {
      throw new Unavailable(
        'no C++ compiler was found, which ties TensorFlow to Node',
        'install g++ (on Debian and Ubuntu: apt-get install g++) and set up again',
      );
    }
    const seconds = stopwatch();
    log('TensorFlow: compiling the Node addon, about 15 s');
    file = await withTemporaryFolder(cache, async (temporary) => {
      const result = join(temporary, 'tfjs_binding.node');
      await compile(compiler, packageDir, tensorflow, result);
      const kept = join(cache, `${prefix}${shortHash(result)}.node`);
      renameSync(result, kept);
      return kept;
    });
    log(`TensorFlow: compiled, ${seconds()}`);
  }
  return { file, version: await loadedVersion(file) };
}

/** The compiled addon of that name in the cache. Its own hash is part of the name, so that a damaged one is none. */
function findWhole(/** @type {string} */ cache, /** @type {string} */ prefix) {
  const names = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith(prefix)) : [];
  return names.map((name) => join(cache, name)).find((file) => file.endsWith(`-${shortHash(file)}.node`));
}

function shortHash(/** @type {string} */ file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}

/** Copies the addon to where tfjs-node looks; the old one stays in place until the new one is complete. */
export function installBinding(/** @type {string} */ file, /** @type {string} */ packageDir) {
  const target = bindingPath(packageDir);
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}`;
  copyFileSync(file, temporary);
  renameSync(temporary, target);
}

/**
 * @param {string} compiler
 * @param {string} packageDir
 * @param {string} tensorflow
 * @param {string} result
 */
async function compile(compiler, packageDir, tensorflow, result) {
  const binding = join(packageDir, 'binding');
  const sources = readdirSync(binding).filter((name) => name.endsWith('.cc'));
  const napiHeaders = dirname(createRequire(import.meta.url).resolve('node-api-headers/include/node_api.h'));
  const { code, output } = await run(compiler, [
    ...FLAGS,
    ...['-I', napiHeaders, '-I', join(tensorflow, 'include')],
    ...sources.map((name) => join(binding, name)),
    ...[`-L${tensorflow}`, ...LIBRARIES.map((library) => `-l:${library}`)],
    ...['-Xlinker', '-rpath', '-Xlinker', tensorflow],
    ...['-o', result],
  ]);
  if (code === 0) return;
  const reason = /^.*error.*$/m.exec(output)?.[0] ?? lastLine(output);
  throw new Unavailable(`${compiler} could not compile the TensorFlow addon (${reason})`, USE_INSTALLED);
}

/** In a process of its own: on a processor that TensorFlow was not built for, loading ends the process. */
async function loadedVersion(/** @type {string} */ file) {
  const script = 'process.stdout.write("TensorFlow " + require(process.argv[1]).TF_Version)';
  const { code, output } = await run(process.execPath, ['-e', script, file], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  const version = /TensorFlow (\d+\.\d+\.\S+)/.exec(output)?.[1];
  if (code === 0 && version) return version;
  const reason = /^.*Error: .*$/m.exec(output)?.[0] ?? lastLine(output);
  throw new Unavailable(
    `TensorFlow does not load on this machine (${reason || `exit ${code}`})`,
    USE_INSTALLED,
  );
}
