import { expectation, MissingError, UsageError } from '../core/errors.js';
import { loadNative } from '../native/index.js';
import { installCpuKernels } from './cpuKernels.js';
import { isOnDevice } from './device.js';
import { registerFused } from './fused.js';
import { installGradients } from './gradients.js';
import { installNativeKernels } from './nativeKernels.js';
import { recycleArrays } from './recycling.js';
import { registerTensorflow } from './tensorflow.js';
import * as tf from './tf.js';
import { registerWasm } from './wasm.js';
import { registerWebgpu } from './webgpu.js';

export const ENGINES = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Which backend runs and why. */
export interface Engine {
  readonly name: EngineName;
  /** For instance "TensorFlow 2.21.0". */
  readonly version: string;
  /** One sentence. */
  readonly reason: string;
}

const STARTERS: Readonly<Record<EngineName, () => Promise<string>>> = {
  tensorflow: async () => {
    const version = registerTensorflow();
    recycleArrays();
    installNativeKernels();
    return `TensorFlow ${version}`;
  },
  webgpu: async () => `WebGPU on ${await registerWebgpu()}, tfjs ${tf.version_core}`,
  wasm: async () => {
    await registerWasm();
    return `WebAssembly, tfjs ${tf.version_core}`;
  },
  cpu: async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    installCpuKernels();
    return `JavaScript, tfjs ${tf.version_core}`;
  },
};

async function start(name: EngineName, reason: string): Promise<Engine> {
  const version = await STARTERS[name]();
  if (!(await tf.setBackend(name)))
    throw new MissingError(`engine ${name} did not start; try GYROMETRIC_ENGINE=wasm`);
  await tf.ready();
  // The JavaScript backend advertises another package on first use.
  if (name === 'cpu') (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  installGradients();
  // On WebGPU values come to the host only asynchronously.
  const nearby = isOnDevice() ? undefined : loadNative();
  registerFused('pairs', nearby?.pairs);
  registerFused('classes', nearby?.classes);
  registerFused('rows', nearby?.rows);
  registerFused('angular', nearby?.angular);
  registerFused('couplings', nearby?.couplings);
  registerFused('mixedProducts', nearby?.mixedProducts);
  registerFused('triplets', name === 'webgpu' ? undefined : loadNative()?.triplets);
  return { name, version, reason };
}

function requireEngineName(name: string, who: string): EngineName {
  if ((ENGINES as readonly string[]).includes(name)) return name as EngineName;
  throw new UsageError(expectation(who, `one of ${ENGINES.join(', ')}`, name, 'choose one of these'));
}

/**
 * Starts the tensor engine: the one asked for (argument, else environment GYROMETRIC_ENGINE), else TensorFlow if it
 * is linked, else WebAssembly. An engine that was asked for is never replaced by another.
 * @param onNotice receives one line when the first choice is not to be had
 * @throws UsageError for an unknown name, MissingError when the engine asked for is not installed
 */
export async function openEngine(
  options: { prefer?: string | undefined; onNotice?: (line: string) => void } = {},
): Promise<Engine> {
  if (options.prefer) return start(requireEngineName(options.prefer, 'engine'), 'asked for by the caller');
  const fromEnvironment = process.env['GYROMETRIC_ENGINE'];
  if (fromEnvironment) {
    return start(requireEngineName(fromEnvironment, 'GYROMETRIC_ENGINE'), 'asked for by GYROMETRIC_ENGINE');
  }
  try {
    return await start('tensorflow', 'fastest engine found');
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    options.onNotice?.(`engine: WebAssembly, several times slower. ${error.message}.`);
    return start('wasm', 'TensorFlow is not linked');
  }
}
