import { requireInteger } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import type { NativeBinding } from './binding.js';
import { threadCount } from './control.js';

/** Distances of some anchors to all items, and what is asked of them. */
export interface NegativesCall {
  /** Rows of as many values as there are classes; row i - first belongs to item i. */
  readonly distances: Float32Array;
  /** One an item. */
  readonly classes: Int32Array;
  /** Items, ascending; each with another item of its class and one of another class. */
  readonly anchors: Int32Array;
  /** The item of the first row. */
  readonly first: number;
  readonly depth: number;
  readonly quantile: number;
  readonly temperatures: readonly number[];
  /** Default: one a core. No result depends on it. */
  readonly threads?: number;
}

/** Columns of a scan (evaluation/negatives), one row an anchor. */
export interface NegativesResult {
  /** [anchors, depth], -1 beyond the last */
  readonly nearest: Int32Array;
  /** [anchors, depth], NaN beyond the last */
  readonly distances: Float64Array;
  /** [anchors]; NaN where a distance is not finite. */
  readonly variance: Float64Array;
  readonly expected: Float64Array;
  /** [anchors, 3]: negatives, those nearer than the nearest positive, those within reach. */
  readonly counts: Int32Array;
  /** [anchors, temperatures, 4]: p, mass, effective, entropyEffective. */
  readonly sums: Float64Array;
}

/** The statistics of negatives in float64, done when it returns. @throws ShapeError where a length does not fit */
export type NativeNegatives = (call: NegativesCall) => NegativesResult;

export function nativeNegatives(binding: NativeBinding): NativeNegatives {
  return ({ distances, classes, anchors, first, depth, quantile, temperatures, threads }) => {
    const rows = distances.length / classes.length;
    if (!Number.isInteger(rows)) {
      const expected = `rows of ${classes.length} values`;
      throw new ShapeError(
        expectation('negatives distances', expected, distances.length, 'pass one an item'),
      );
    }
    for (const anchor of anchors) {
      requireInteger(anchor, first, 'negatives anchor', Math.min(classes.length, first + rows) - 1);
    }
    const n = anchors.length;
    const result = {
      nearest: new Int32Array(n * depth),
      distances: new Float64Array(n * depth),
      variance: new Float64Array(n),
      expected: new Float64Array(n),
      counts: new Int32Array(3 * n),
      sums: new Float64Array(4 * n * temperatures.length),
    };
    binding.negatives(
      distances,
      classes,
      anchors,
      first,
      depth,
      quantile,
      Float64Array.from(temperatures),
      threadCount(threads),
      result.nearest,
      result.distances,
      result.variance,
      result.expected,
      result.counts,
      result.sums,
    );
    return result;
  };
}
