import { requireFinite, requireLength, requirePositive } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { Matrix } from '../../core/matrix.js';
import { type MinimizeOptions, minimize } from './lbfgs.js';

/** A linear classifier: scores are x weights + offsets. */
export interface LinearClassifier {
  /** The labels that were seen, ascending. */
  readonly classes: Float64Array;
  /** [columns, classes] */
  readonly weights: Float64Array;
  readonly offsets: Float64Array;
}

/**
 * Multinomial logistic regression, float64: the minimum of |weights|² / 2 + inverse Σ -ln p(label). Offsets are free.
 * @param rows [n, columns], n >= 1 @param labels n numbers
 * @param inverse weight of the data against the penalty, > 0: scikit-learn's C
 * @throws ShapeError for other lengths or no row, DomainError naming the row of a value that is not finite
 * @source Hastie, Tibshirani and Friedman 2009, "The elements of statistical learning", section 4.4
 */
export function logisticRegression(
  rows: Matrix,
  labels: ArrayLike<number>,
  inverse: number,
  options: MinimizeOptions = {},
): LinearClassifier {
  requireLength(labels.length, rows.rows, 'logisticRegression labels');
  requirePositive(inverse, 'logisticRegression inverse');
  requireFinite(rows.data, rows.columns, 'logisticRegression rows');
  requireFinite(labels, 1, 'logisticRegression labels');
  if (rows.rows === 0) {
    throw new ShapeError(expectation('logisticRegression rows', 'at least one', 0, 'pass some'));
  }
  const classes = Float64Array.from(new Set(Array.from(labels))).sort();
  const targets = Int32Array.from(labels, (label) => classes.indexOf(label));
  const size = rows.columns * classes.length;
  const found = minimize(
    (x, gradient) => penalized(rows, targets, classes.length, inverse, x, gradient),
    new Float64Array(size + classes.length),
    options,
  );
  return { classes, weights: found.slice(0, size), offsets: found.slice(size) };
}

/** The likeliest label of each row, ties by smaller label. @throws ShapeError for another number of columns */
export function classify({ classes, weights, offsets }: LinearClassifier, rows: Matrix): Float64Array {
  requireLength(rows.columns * classes.length, weights.length, 'classify, weights of all columns');
  const scores = new Float64Array(classes.length);
  return Float64Array.from({ length: rows.rows }, (_, i) => {
    score(rows, i, weights, offsets, scores);
    return classes[scores.indexOf(Math.max(...scores))];
  });
}

function penalized(
  rows: Matrix,
  targets: Int32Array,
  classes: number,
  inverse: number,
  x: Float64Array,
  gradient: Float64Array,
): number {
  const { columns, data } = rows;
  const weights = x.subarray(0, columns * classes);
  const offsets = x.subarray(columns * classes);
  gradient.fill(0);
  let loss = 0;
  const p = new Float64Array(classes);
  for (let i = 0; i < rows.rows; i++) {
    score(rows, i, weights, offsets, p);
    const most = Math.max(...p);
    const own = p[targets[i]];
    let total = 0;
    for (let c = 0; c < classes; c++) {
      p[c] = Math.exp(p[c] - most);
      total += p[c];
    }
    loss += Math.log(total) + most - own;
    for (let c = 0; c < classes; c++) p[c] /= total;
    p[targets[i]] -= 1;
    for (let k = 0; k < columns; k++) {
      const value = data[i * columns + k];
      for (let c = 0; c < classes; c++) gradient[k * classes + c] += value * p[c];
    }
    for (let c = 0; c < classes; c++) gradient[columns * classes + c] += p[c];
  }
  let square = 0;
  for (let k = 0; k < gradient.length; k++) gradient[k] *= inverse;
  for (let k = 0; k < weights.length; k++) {
    square += weights[k] ** 2;
    gradient[k] += weights[k];
  }
  return square / 2 + inverse * loss;
}

function score(
  { data, columns }: Matrix,
  row: number,
  weights: Float64Array,
  offsets: Float64Array,
  out: Float64Array,
): void {
  out.set(offsets);
  const classes = offsets.length;
  for (let k = 0; k < columns; k++) {
    const value = data[row * columns + k];
    for (let c = 0; c < classes; c++) out[c] += value * weights[k * classes + c];
  }
}
