import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fetchPackage } from './npmPackage.mjs';
import { publishFolder, withTemporaryFolder } from './temporary.mjs';

/** The JavaScript between tfjs and TensorFlow, with the C++ sources of its addon. */
const TFJS_NODE = {
  name: '@tensorflow/tfjs-node-gpu',
  version: '4.22.0',
  sha512: 'p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
};
/** What its backend imports, apart from tfjs. */
const PROTOBUF = {
  name: 'google-protobuf',
  version: '3.21.4',
  sha512: 'MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
};

/** Where that of projects without @tensorflow/tfjs-node-gpu lies; src/engine/cachedBackend.ts reads it. */
export function cachedTfjsNode(/** @type {string} */ cache) {
  return join(cache, `tfjs-node-gpu-${TFJS_NODE.version}`);
}

/**
 * The folder of @tensorflow/tfjs-node-gpu: that which Node finds from `root`, else the one in the cache, which is
 * fetched if it is not there.
 * @param {{root: string, cache: string, log: (line: string) => void}} options
 * @returns {Promise<string>}
 * @throws Unavailable if it cannot be had; SetupError if what came is not what was pinned
 */
export async function findTfjsNode({ root, cache, log }) {
  const installed = installedTfjsNode(root);
  if (installed !== undefined) return installed;
  const folder = cachedTfjsNode(cache);
  if (!isComplete(folder)) {
    await withTemporaryFolder(cache, async (temporary) => {
      const unpacked = await fetchPackage(TFJS_NODE, temporary, log);
      const modules = join(unpacked, 'node_modules');
      mkdirSync(modules);
      renameSync(await fetchPackage(PROTOBUF, temporary, log), join(modules, PROTOBUF.name));
      for (const name of ['tfjs', 'tfjs-core']) writeStandIn(join(modules, '@tensorflow', name));
      publishFolder(unpacked, folder, isComplete);
    });
  }
  return folder;
}

/** @returns {string | undefined} */
export function installedTfjsNode(/** @type {string} */ root) {
  try {
    const require = createRequire(join(root, 'package.json'));
    return dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  } catch {
    return undefined;
  }
}

/**
 * An empty module in the place of tfjs. The engine copies its own tfjs-core into it before it loads the backend: a
 * second copy of tfjs-core would be another registry of kernels and backends.
 */
function writeStandIn(/** @type {string} */ folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.js'), 'module.exports = {};\n');
}

function isComplete(/** @type {string} */ folder) {
  return ['package.json', 'binding', 'node_modules/@tensorflow/tfjs-core/index.js'].every((name) =>
    existsSync(join(folder, name)),
  );
}
