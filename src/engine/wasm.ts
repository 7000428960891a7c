import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { installWasmKernels } from './wasmKernels.js';

let registered = false;

/** Registers the WASM backend with the training kernels that it lacks. */
export async function registerWasm(): Promise<void> {
  if (registered) return;
  registered = true;
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  // The bundle looks for its .wasm files in the current folder unless it is told where they are.
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(dirname(entry) + sep);
  installWasmKernels();
}
