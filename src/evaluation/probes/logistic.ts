import { requireFinite, requireInteger, requireLength, requirePositive } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { type Matrix, type Matrix64, matrix, row } from '../../core/matrix.js';
import { type DescentOptions, lbfgs } from './lbfgs.js';

export interface LogisticOptions extends DescentOptions {
  /** Classes; default: the largest label and 1. */
  readonly classes?: number;
  /** C > 0: what the sum of all losses weighs against half the squared weights. Default 1. */
  readonly c?: number;
}

/** A linear map to the log-probabilities of classes, but for a constant a row. */
export interface Logistic {
  readonly classes: number;
  /** [columns] that the training rows had, and what they are divided by, 1 for a constant column. */
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  /** [classes, columns + 1], the bias last, of standardised columns. */
  readonly weights: Matrix64;
}

/**
 * Multinomial logistic regression with L2 penalty in float64, on columns that are standardised first: minimises
 * C Σ cross-entropy + |W|² / 2, the biases free. Convex, so that the start does not matter.
 * @param vectors [n, columns], n >= 1 @param labels n whole numbers 0 .. classes - 1
 * @throws ShapeError for another number of labels or none; DomainError naming a row that is not finite, or for C;
 *   UsageError for a label out of range
 */
export function trainLogistic(
  vectors: Matrix,
  labels: ArrayLike<number>,
  { classes: given, c = 1, ...descent }: LogisticOptions = {},
): Logistic {
  const who = 'trainLogistic';
  requireLength(labels.length, vectors.rows, `${who} labels`);
  if (vectors.rows === 0) throw new ShapeError(expectation(who, 'rows', 'none', 'pass some'));
  requireFinite(vectors.data, vectors.columns, who);
  requirePositive(c, `${who} c`);
  const classes = given ?? Array.from(labels).reduce((most, label) => Math.max(most, label), 0) + 1;
  requireInteger(classes, 1, `${who} classes`);
  for (let i = 0; i < labels.length; i++) requireInteger(labels[i], 0, `${who} label ${i}`, classes - 1);
  const { mean, scale } = momentsOf(vectors);
  const x = standardized(vectors, mean, scale);
  const width = vectors.columns + 1;
  const penalty = 1 / (c * vectors.rows);
  const { x: weights } = lbfgs(
    (w, gradient) => meanLoss(x, labels, w, gradient, { classes, penalty }),
    new Float64Array(classes * width),
    descent,
  );
  return { classes, mean, scale, weights: matrix(weights, classes, width) };
}

/** Log-probabilities, [n, classes]. @throws ShapeError for other columns, DomainError naming a row that is not finite */
export function logisticScores({ classes, mean, scale, weights }: Logistic, vectors: Matrix): Matrix64 {
  requireLength(vectors.columns, mean.length, 'logisticScores columns');
  requireFinite(vectors.data, vectors.columns, 'logisticScores');
  const x = standardized(vectors, mean, scale);
  const out = matrix(new Float64Array(vectors.rows * classes), vectors.rows, classes);
  for (let i = 0; i < vectors.rows; i++) logSoftmax(row(x, i), weights.data, row(out, i));
  return out;
}

/** The most probable class of each row, the smallest of equals. @throws as logisticScores */
export function predictLogistic(model: Logistic, vectors: Matrix): Int32Array {
  const scores = logisticScores(model, vectors);
  return Int32Array.from({ length: vectors.rows }, (_, i) => {
    const values = row(scores, i);
    return values.reduce((best, value, k) => (value > values[best] ? k : best), 0);
  });
}

/** Mean cross-entropy and penalty |W|² / 2 times `penalty`; fills the gradient. */
function meanLoss(
  x: Matrix64,
  labels: ArrayLike<number>,
  w: Float64Array,
  gradient: Float64Array,
  { classes, penalty }: { readonly classes: number; readonly penalty: number },
): number {
  const { rows, columns: width } = x;
  const logs = new Float64Array(classes);
  gradient.fill(0);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const values = row(x, i);
    logSoftmax(values, w, logs);
    loss -= logs[labels[i]] / rows;
    for (let k = 0; k < classes; k++) {
      const error = (Math.exp(logs[k]) - Number(k === labels[i])) / rows;
      const at = k * width;
      for (let j = 0; j < width; j++) gradient[at + j] += error * values[j];
    }
  }
  for (let at = 0; at < w.length; at++) {
    if (at % width === width - 1) continue;
    loss += (penalty * w[at] ** 2) / 2;
    gradient[at] += penalty * w[at];
  }
  return loss;
}

function logSoftmax(x: Float64Array, w: Float64Array, out: Float64Array): void {
  const width = x.length;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < out.length; k++) {
    let sum = 0;
    const at = k * width;
    for (let j = 0; j < width; j++) sum += w[at + j] * x[j];
    out[k] = sum;
    if (sum > most) most = sum;
  }
  let total = 0;
  for (let k = 0; k < out.length; k++) total += Math.exp(out[k] - most);
  const shift = most + Math.log(total);
  for (let k = 0; k < out.length; k++) out[k] -= shift;
}

function momentsOf({ data, rows, columns }: Matrix): { mean: Float64Array; scale: Float64Array } {
  const mean = new Float64Array(columns);
  const scale = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) mean[at % columns] += data[at] / rows;
  for (let at = 0; at < data.length; at++) scale[at % columns] += (data[at] - mean[at % columns]) ** 2 / rows;
  // A column that is constant but for rounding stays near 0 instead of becoming noise.
  return { mean, scale: scale.map((v, j) => (v > (1e-12 * mean[j]) ** 2 ? Math.sqrt(v) : 1)) };
}

/** With a column of ones behind. */
function standardized({ data, rows, columns }: Matrix, mean: Float64Array, scale: Float64Array): Matrix64 {
  const out = new Float64Array(rows * (columns + 1)).fill(1);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      out[i * (columns + 1) + j] = (data[i * columns + j] - mean[j]) / scale[j];
    }
  }
  return matrix(out, rows, columns + 1);
}
