import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bindingKey, bindingPath, compileBinding, installBinding } from './compileBinding.mjs';
import { cacheFolder } from './places.mjs';
import { SetupError, Unavailable } from './setupError.mjs';
import { cachedTensorflow, isTensorflow } from './tensorflowWheel.mjs';
import { findTfjsNode } from './tfjsNode.mjs';

/**
 * Compiles the addon of @tensorflow/tfjs-node-gpu against a current TensorFlow and puts it where that package looks:
 * the TensorFlow that GYROMETRIC_TENSORFLOW names, else the one linked before, else the pinned wheel.
 * @type {typeof import('./linkTensorflow.mjs').linkTensorflow}
 */
export async function linkTensorflow({ root, log, packageDir, again = false }) {
  try {
    const folder = packageDir ?? (await findTfjsNode({ root, cache: cacheFolder(), log }));
    return await link(folder, log, again);
  } catch (error) {
    // A wheel that is not the pinned one is no matter of convenience: it stops the setup.
    if (error instanceof SetupError) throw error;
    return { status: 'unavailable', reason: reasonOf(error) };
  }
}

function reasonOf(/** @type {unknown} */ error) {
  if (error instanceof Unavailable) return error.message;
  const { message } = /** @type {Error} */ (error);
  return new Unavailable(message, 'mend that, or set GYROMETRIC_CACHE to a folder that can be written')
    .message;
}

/**
 * @param {string} packageDir
 * @param {(line: string) => void} log
 * @param {boolean} again
 * @returns {Promise<import('./linkTensorflow.mjs').LinkResult>}
 */
async function link(packageDir, log, again) {
  const recorded = readRecord(packageDir);
  const named = namedTensorflow();
  const linked = recorded && isLinked(packageDir, recorded) ? recorded : undefined;
  if (linked && (named === linked.tensorflow || (named === undefined && !again))) {
    return { status: 'current', version: linked.version, library: linked.tensorflow };
  }
  const cache = cacheFolder();
  const tensorflow = named ?? realpathSync(await cachedTensorflow({ log, cache }));
  const { file, version } = await compileBinding({ packageDir, tensorflow, cache, log });
  installBinding(file, packageDir);
  const record = { tensorflow, version, key: bindingKey(packageDir, tensorflow), sha256: sha256(file) };
  writeFileSync(recordPath(packageDir), `${JSON.stringify(record, null, 2)}\n`);
  return { status: 'linked', version, library: tensorflow };
}

function namedTensorflow() {
  const named = process.env.GYROMETRIC_TENSORFLOW;
  if (!named) return undefined;
  if (isTensorflow(named)) return realpathSync(named);
  throw new Unavailable(
    `GYROMETRIC_TENSORFLOW is ${named}, which has no libtensorflow_cc.so.2 and headers`,
    'set it to a folder like .../site-packages/tensorflow, or unset it to have one fetched',
  );
}

/** @typedef {{tensorflow: string, version: string, key: string, sha256: string}} LinkRecord */

function isLinked(/** @type {string} */ packageDir, /** @type {LinkRecord} */ record) {
  const file = bindingPath(packageDir);
  return (
    existsSync(file) &&
    isTensorflow(record.tensorflow) &&
    record.sha256 === sha256(file) &&
    record.key === bindingKey(packageDir, record.tensorflow)
  );
}

function recordPath(/** @type {string} */ packageDir) {
  return join(dirname(bindingPath(packageDir)), 'gyrometric-link.json');
}

/** @returns {LinkRecord | undefined} */
function readRecord(/** @type {string} */ packageDir) {
  try {
    return JSON.parse(readFileSync(recordPath(packageDir), 'utf8'));
  } catch {
    return undefined;
  }
}

function sha256(/** @type {string} */ file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
