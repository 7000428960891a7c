import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../core/places.js';
import * as tf from './tf.js';

const require = createRequire(import.meta.url);

interface BackendModule {
  readonly NodeJSKernelBackend: new (binding: object, packageName: string) => tf.KernelBackend;
}

/**
 * Registers the backend of the tfjs-node-gpu that setup keeps in the cache (src/setup/tfjsNode.mjs), with our own
 * tfjs-core in the place of its own. Its entry file is left out: that wants the whole of tfjs and an installer.
 * @throws Error if it is not there, or does not load
 */
export function registerCachedBackend(): void {
  const folder = join(cacheFolder(), 'tfjs-node-gpu-4.22.0');
  if (!existsSync(folder)) throw new Error(`${folder} does not exist`);
  const load = createRequire(join(folder, 'package.json'));
  const binding = load('./lib/napi-v8/tfjs_binding.node') as object;
  for (const name of ['@tensorflow/tfjs', '@tensorflow/tfjs-core']) {
    Object.assign(load(name) as object, require('@tensorflow/tfjs-core'));
  }
  load('./dist/register_all_kernels.js');
  const { NodeJSKernelBackend } = load('./dist/nodejs_kernel_backend.js') as BackendModule;
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu'), 3);
}
