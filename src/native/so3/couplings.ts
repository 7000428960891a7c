import { expectation, ShapeError } from '../../core/errors.js';
import { lendFloats } from '../../core/floatPool.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/** out[r] = Σ_t coefficients[t] a[factors[t]] b[others[t]], t from starts[r] to starts[r + 1]. */
export interface CouplingTerms {
  readonly starts: Int32Array;
  readonly factors: Int32Array;
  readonly others: Int32Array;
  readonly coefficients: Float32Array;
  /** Rows of a and of b. */
  readonly aRows: number;
  readonly bRows: number;
}

/**
 * A sparse bilinear map of rows of `columns` numbers, each column on its own; no result depends on `threads`, by default
 * one a core.
 * @param a [aRows, columns] @param b [bRows, columns]
 * @returns [starts.length - 1, columns]
 * @throws ShapeError for other lengths
 */
export type NativeCouplings = (
  plan: CouplingTerms,
  a: Float32Array,
  b: Float32Array,
  columns: number,
  threads?: number,
) => Float32Array;

export function nativeCouplings(binding: NativeBinding): NativeCouplings {
  return (plan, a, b, columns, threads) => {
    const { starts, factors, others, coefficients } = plan;
    for (const [name, values, rows] of [
      ['a', a, plan.aRows],
      ['b', b, plan.bRows],
    ] as const) {
      if (values.length === rows * columns) continue;
      const expected = `${rows} x ${columns} values`;
      throw new ShapeError(
        expectation(`couplings ${name}`, expected, values.length, 'pass the rows of the plan'),
      );
    }
    const out = lendFloats((starts.length - 1) * columns);
    binding.coupleRows(starts, factors, others, coefficients, a, b, columns, threadCount(threads), out);
    return out;
  };
}
