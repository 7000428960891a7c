import { expectation, ShapeError } from '../../core/errors.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/** Points whose distances d should come near δ. */
export interface StressCall {
  /** [n, dim] */
  readonly points: Float64Array;
  /** [n, n], δ: symmetric, 0 on the diagonal. */
  readonly delta: Float64Array;
  /** [n, n], symmetric; left out: 1 for all pairs. */
  readonly weights?: Float64Array | undefined;
  readonly n: number;
  /** Default: one a core. No result depends on it. */
  readonly threads?: number;
}

/**
 * Writes Σ_j w (1 - δ/d) (x_i - x_j) to `pull` [n, dim], coincident points left out, and returns Σ_{i<j} w (d - δ)².
 * Done when it returns. @throws ShapeError where a length does not fit
 */
export type NativeStress = (call: StressCall, pull: Float64Array) => number;

export function nativeStress(binding: NativeBinding): NativeStress {
  return ({ points, delta, weights, n, threads }, pull) => {
    const lengths = {
      delta: [delta, n * n],
      weights: [weights ?? delta, n * n],
      pull: [pull, points.length],
    } as const;
    for (const [name, [values, expected]] of Object.entries(lengths)) {
      if (values.length === expected && points.length % n === 0) continue;
      throw new ShapeError(
        expectation(
          `stress ${name}`,
          `${expected} values`,
          values.length,
          'pass one for each pair, or column',
        ),
      );
    }
    const terms = new Float64Array(n);
    binding.stressPull(points, delta, weights ?? null, threadCount(threads), pull, terms);
    return terms.reduce((sum, term) => sum + term, 0) / 2;
  };
}
