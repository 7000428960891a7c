import { expectation, ShapeError } from '../../core/errors.js';
import { lendFloats } from '../../core/floatPool.js';
import type { MixedRows, NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';
import type { CouplingTerms } from './couplings.js';

/** Products of signals with themselves, and the matrices that mix them. */
export interface MixedProductsCall {
  /** From rows of signals to rows of products: degree by degree, in it m by m, in it path by path. */
  readonly plan: CouplingTerms;
  /** By degree: how many paths lead there. */
  readonly paths: Int32Array;
  readonly channels: number;
  readonly outputs: number;
  readonly batch: number;
}

export interface NativeMixedProducts {
  /**
   * Products divided by their norm over the item, √(1e-8 + Σ squares / (2l + 1)), and mixed degree by degree.
   * @param x [rows, channels, batch] @param kernels [Σ paths x channels, outputs]
   * @returns values [(l + 1)², outputs, batch]; norms [batch], 1 over the norm of each item
   * @throws ShapeError for other lengths
   */
  forward(
    call: MixedProductsCall,
    x: Float32Array,
    kernels: Float32Array,
    threads?: number,
  ): { readonly values: Float32Array; readonly norms: Float32Array };
  /** Gradients of x and the kernels from that of the values. @throws ShapeError for other lengths */
  backward(
    call: MixedProductsCall,
    x: Float32Array,
    kernels: Float32Array,
    result: { readonly values: Float32Array; readonly norms: Float32Array },
    dy: Float32Array,
    threads?: number,
  ): { readonly x: Float32Array; readonly kernels: Float32Array };
}

export function nativeMixedProducts(binding: NativeBinding): NativeMixedProducts {
  return {
    forward(call, x, kernels, threads) {
      const rows = mixedRows(call, x, kernels);
      const values = lendFloats(call.paths.length ** 2 * call.outputs * call.batch);
      const norms = new Float32Array(call.batch);
      binding.mixRows(...rows, threadCount(threads), values, norms);
      return { values, norms };
    },
    backward(call, x, kernels, { values, norms }, dy, threads) {
      const rows = mixedRows(call, x, kernels);
      requireSize('values', values, call.paths.length ** 2 * call.outputs * call.batch);
      requireSize('dy', dy, values.length);
      const gradients = { x: lendFloats(x.length), kernels: lendFloats(kernels.length) };
      binding.pullMixedRows(
        ...rows,
        threadCount(threads),
        ...([values, norms, dy, gradients.x, gradients.kernels] as const),
      );
      return gradients;
    },
  };
}

function mixedRows(call: MixedProductsCall, x: Float32Array, kernels: Float32Array): MixedRows {
  const { plan, paths, channels, outputs, batch } = call;
  requireSize('x', x, plan.aRows * channels * batch);
  requireSize('kernels', kernels, paths.reduce((sum, count) => sum + count, 0) * channels * outputs);
  const { starts, factors, others, coefficients } = plan;
  return [starts, factors, others, coefficients, paths, x, kernels, channels, outputs, batch];
}

function requireSize(name: string, { length }: Float32Array, expected: number): void {
  if (length === expected) return;
  const remedy = 'pass what belongs to the plan';
  throw new ShapeError(expectation(`mixed products ${name}`, `${expected} values`, length, remedy));
}
