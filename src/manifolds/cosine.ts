import * as tf from '../engine/tf.js';
import { checkedMetric } from './checked.js';
import { closedForm } from './closed/closedForm.js';
import { pairwiseDistance } from './distance/pairwise.js';
import { productDistance } from './distance/products.js';
import { rowDistance } from './distance/rows.js';
import type { Metric } from './manifold.js';

const SMALL_NORM = 1e-6;

/** Each row divided by its norm; a row of norm below 1e-6 is divided by that instead. */
export function normalizeRows(x: tf.Tensor2D): tf.Tensor2D {
  const squaresOf = (rows: tf.Tensor2D) => tf.sum(tf.square(rows), 1, true);
  const inverseNorms = (squares: tf.Tensor) => tf.rsqrt(tf.maximum(squares, SMALL_NORM ** 2));
  return tf.tidy(() =>
    closedForm(
      [x] as const,
      (rows) => tf.mul(rows, inverseNorms(squaresOf(rows))) as tf.Tensor2D,
      (rows) => {
        const squares = squaresOf(rows);
        const inverse = inverseNorms(squares);
        const value: tf.Tensor2D = tf.mul(rows, inverse);
        return { value, kept: [value, squares, inverse] };
      },
      (dy, _, [unit, squares, inverse]) => {
        // A row that is too small is multiplied by a constant.
        const varies = tf.cast(tf.greaterEqual(squares, SMALL_NORM ** 2), 'float32');
        const along = tf.mul(tf.sum(tf.mul(unit, dy), 1, true), varies);
        return [tf.mul(inverse, tf.sub(dy, tf.mul(unit, along)))];
      },
    ),
  );
}

/**
 * 1 - cos of the angle between rows. 'unit': rows have norm 1, as `normalizeRows` gives them, and 1 - x·y is all there
 * is to do; the gradient is that of the product, for rows of other norms too. 'any': rows of any norm but 0.
 */
export function cosineSpace(dim: number, rows: 'unit' | 'any' = 'unit'): Metric {
  const space = { kind: 'cosine', dim } as const;
  if (rows === 'any') return flatMetric(space);
  return checkedMetric({
    space,
    pairwise: (x, y) => tf.tidy(() => productDistance(x, y, 1)),
    dist: (x, y) => tf.sub(1, tf.sum(tf.mul(x, y), 1)),
  });
}

/** -x·y, which is no metric: nearest is where the inner product is largest. */
export function innerProductSpace(dim: number): Metric {
  return flatMetric({ kind: 'innerProduct', dim });
}

function flatMetric(space: { readonly kind: 'cosine' | 'innerProduct'; readonly dim: number }): Metric {
  return checkedMetric({
    space,
    pairwise: (x, y, options) => pairwiseDistance(space, x, y, undefined, options),
    dist: (x, y) => rowDistance(space, x, y),
  });
}
