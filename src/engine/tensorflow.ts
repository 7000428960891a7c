import { createRequire } from 'node:module';
import { MissingError } from '../core/errors.js';
import { setupCommand } from '../core/places.js';
import { loadNative } from '../native/index.js';
import { registerCachedBackend } from './cachedBackend.js';
import * as tf from './tf.js';

const require = createRequire(import.meta.url);

/** Node 23 removed helpers of node:util that the package's glue still calls. */
function restoreUtil(): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

function isInstalled(): boolean {
  try {
    require.resolve('@tensorflow/tfjs-node-gpu');
    return true;
  } catch {
    return false;
  }
}

/**
 * Loads TensorFlow's C library through tfjs-node-gpu, installed or in setup's cache; its kernels register as backend "tensorflow".
 * @returns TensorFlow's version
 * @throws MissingError with the command that links it
 */
export function registerTensorflow(): string {
  // Lines of greeting otherwise, at every start; two of them come while the library is loaded, before it can be told.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const load = isInstalled() ? () => require('@tensorflow/tfjs-node-gpu') : registerCachedBackend;
  const native = loadNative();
  restoreUtil();
  try {
    if (native) native.quietly(load);
    else load();
  } catch (cause) {
    throw new MissingError(`TensorFlow is not linked (${firstLine(cause)}); run \`${setupCommand()}\``, {
      cause,
    });
  }
  const backend = tf.findBackend('tensorflow') as unknown as { binding: { TF_Version: string } };
  return backend.binding.TF_Version;
}

function firstLine(error: unknown): string {
  return String((error as Error).message ?? error)
    .split('\n', 1)[0]
    .trim();
}
