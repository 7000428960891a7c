import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { findCompiler } from './compiler.mjs';
import { installCommand } from './installCommand.mjs';
import { cacheFolder, setupCommand } from './places.mjs';
import { run } from './run.mjs';
import { isTensorflow, stateOfCache } from './tensorflowWheel.mjs';

/** @typedef {import('./machine.mjs').Finding} Finding */

/**
 * What setting up needs of this machine. No network is asked and nothing is written.
 * @type {typeof import('./machine.mjs').examineMachine}
 */
export async function examineMachine(root) {
  const [python, compiler] = await Promise.all([examinePython(), examineCompiler()]);
  return [python, compiler, ...examineCache(root)];
}

/** @returns {Promise<Finding>} */
async function examinePython() {
  const python = await run('python3', ['--version']);
  const problem = {
    name: 'python',
    ok: false,
    cost: 'TensorFlow cannot be fetched; one that is in the cache already goes on working',
    remedy: installCommand('python'),
  };
  if (python.missing || python.code !== 0) return { ...problem, found: 'no python3 on the PATH' };
  const pip = await run('python3', ['-m', 'pip', '--version']);
  const version = python.output.trim();
  if (pip.code !== 0) return { ...problem, found: `${version}, but no pip` };
  return { name: 'python', ok: true, found: `${version}, ${/pip \S+/.exec(pip.output)?.[0] ?? 'pip'}` };
}

/** @returns {Promise<Finding>} */
async function examineCompiler() {
  const compiler = await findCompiler();
  if (compiler !== undefined) {
    const { output } = await run(compiler, ['--version']);
    return { name: 'compiler', ok: true, found: output.split('\n', 1)[0].trim() };
  }
  const named = process.env.CXX;
  return {
    name: 'compiler',
    ok: false,
    found: named ? `CXX is ${named}, which does not run` : 'no g++, c++ or clang++ on the PATH',
    cost: 'neither the native addon nor the link to TensorFlow can be built; what is built goes on working',
    remedy: named ? 'unset CXX' : installCommand('compiler'),
  };
}

/** @returns {Finding[]} */
function examineCache(/** @type {string} */ root) {
  const cache = cacheFolder();
  const remedy = setupCommand(root);
  const folder = { name: 'cache', ok: isWritable(cache), found: cache };
  const findings = [
    folder.ok
      ? folder
      : {
          ...folder,
          found: `${cache} cannot be written to`,
          cost: 'nothing can be fetched or compiled',
          remedy: 'export GYROMETRIC_CACHE=FOLDER, one that can be written to',
        },
  ];
  return [...findings, examineLibraries(cache, remedy)];
}

/** @returns {Finding} */
function examineLibraries(/** @type {string} */ cache, /** @type {string} */ remedy) {
  const name = 'libraries';
  const cost = 'WebAssembly runs in the place of TensorFlow, several times slower';
  const named = process.env.GYROMETRIC_TENSORFLOW;
  if (named) {
    return isTensorflow(named)
      ? { name, ok: true, found: `${named}, named by GYROMETRIC_TENSORFLOW` }
      : {
          name,
          ok: false,
          found: `GYROMETRIC_TENSORFLOW is ${named}, no TensorFlow`,
          cost,
          remedy: 'unset GYROMETRIC_TENSORFLOW',
        };
  }
  const { state, folder } = stateOfCache(cache);
  const why = {
    whole: folder,
    damaged: `${folder} is damaged`,
    absent: `${folder} does not exist`,
    unpinned: `no TensorFlow is pinned for ${process.platform}-${process.arch}`,
  };
  if (state === 'whole') return { name, ok: true, found: why[state] };
  const mend = state === 'unpinned' ? `GYROMETRIC_TENSORFLOW=FOLDER ${remedy}` : remedy;
  return { name, ok: false, found: why[state], cost, remedy: mend };
}

/** Whether files can be made in it, or it itself in the nearest folder above that is there. */
function isWritable(/** @type {string} */ folder) {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
