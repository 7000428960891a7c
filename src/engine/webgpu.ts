import { MissingError } from '../core/errors.js';

const INSTALL = 'npm i webgpu @tensorflow/tfjs-backend-webgpu';

/** The part of package `webgpu` (Dawn's bindings) that is used here. */
interface Dawn {
  readonly globals: object;
  create(flags: string[]): Gpu;
}

interface Gpu {
  requestAdapter(): Promise<{
    readonly info?: { readonly vendor?: string; readonly description?: string };
  } | null>;
}

let started: Promise<string> | undefined;

/**
 * Starts the WebGPU backend on Dawn, outside of a browser.
 * @returns the name of the GPU
 * @throws MissingError when the packages are not installed or no GPU answers
 */
export function registerWebgpu(): Promise<string> {
  started ??= start();
  return started;
}

async function start(): Promise<string> {
  const { create, globals } = await loadDawn();
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  if (!adapter) {
    throw new MissingError(
      'engine webgpu: expected a GPU with a Vulkan, Metal or Direct3D 12 driver, none answered; use GYROMETRIC_ENGINE=wasm',
    );
  }
  // The backend looks for a browser's globals when it is loaded.
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  // @ts-expect-error: an optional package
  await import('@tensorflow/tfjs-backend-webgpu');
  return adapter.info?.description || adapter.info?.vendor || 'unnamed GPU';
}

async function loadDawn(): Promise<Dawn> {
  try {
    // @ts-expect-error: an optional package
    return (await import('webgpu')) as Dawn;
  } catch (cause) {
    throw new MissingError(`engine webgpu: expected the package webgpu, which is not installed; ${INSTALL}`, {
      cause,
    });
  }
}
