import {
  type CodedTree,
  columnsOf,
  concatColumns,
  type Matrix32,
  manifoldOn,
  matrix,
  type Space,
  sliceColumns,
  takeRows,
  tf,
} from '../../src/index.js';
import type { WordTree } from '../wordTree.js';

/**
 * A linear map from word vectors to the codes of the words' nodes, by ridge regression on the coordinates of the space:
 * tangent vectors at the origin, where it is hyperbolic. Offsets of words are 0: they do not change which code is nearest.
 * @returns what places words: points of the codes' space
 */
export async function placeByRidge(
  task: WordTree,
  train: Int32Array,
  { space, vectors }: CodedTree,
  penalty: number,
): Promise<(words: Int32Array) => Promise<Matrix32>> {
  const own = space.kind === 'product' ? space.factors[0].space : space;
  const coordinates = await mapped(own, 'log0', sliceColumns(vectors, 0, columnsOf(own)));
  const nodes = train.map((word) => task.nodes[word]);
  const [inputs, targets] = [takeRows(task.vectors, train), takeRows(coordinates, nodes)];
  const [meanInput, meanTarget] = [meanOf(inputs), meanOf(targets)];
  const weights = ridge(shifted(inputs, meanInput), shifted(targets, meanTarget), penalty);
  return async (words) => {
    const linear = product(shifted(takeRows(task.vectors, words), meanInput), weights, meanTarget);
    const points = await mapped(own, 'exp0', linear);
    const offsets = matrix(new Float32Array(words.length), words.length, 1);
    return vectors.columns > points.columns ? concatColumns([points, offsets]) : points;
  };
}

/**
 * W [columns of X, columns of Y] with the least |XW - Y|² + penalty |W|².
 * @param X [n, columns] @param Y [n, targets] @param penalty > 0
 * @source Hoerl and Kennard 1970, "Ridge regression", eq. 2.1; solved by Cholesky decomposition
 */
export function ridge(X: Matrix32, Y: Matrix32, penalty: number): Float64Array {
  const [p, q] = [X.columns, Y.columns];
  const A = crossProduct(X, X);
  for (let i = 0; i < p; i++) A[i * p + i] += penalty;
  const W = crossProduct(X, Y);
  decompose(A, p);
  for (let column = 0; column < q; column++) solve(A, p, W, q, column);
  return W;
}

/** XᵀY, [columns of X, columns of Y]. */
function crossProduct(X: Matrix32, Y: Matrix32): Float64Array {
  const [p, q] = [X.columns, Y.columns];
  const result = new Float64Array(p * q);
  for (let i = 0; i < X.rows; i++) {
    for (let a = 0; a < p; a++) {
      const x = X.data[i * p + a];
      for (let b = 0; b < q; b++) result[a * q + b] += x * Y.data[i * q + b];
    }
  }
  return result;
}

/** The lower triangle of A becomes L with L Lᵀ = A. */
function decompose(A: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = A[i * n + j];
      for (let k = 0; k < j; k++) sum -= A[i * n + k] * A[j * n + k];
      A[i * n + j] = i === j ? Math.sqrt(sum) : sum / A[j * n + j];
    }
  }
}

/** A column of B becomes that of (L Lᵀ)⁻¹ B. */
function solve(L: Float64Array, n: number, B: Float64Array, columns: number, column: number): void {
  const at = (i: number) => i * columns + column;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) B[at(i)] -= L[i * n + k] * B[at(k)];
    B[at(i)] /= L[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) B[at(i)] -= L[k * n + i] * B[at(k)];
    B[at(i)] /= L[i * n + i];
  }
}

/** XW + bias. */
function product(X: Matrix32, W: Float64Array, bias: Float64Array): Matrix32 {
  const [p, q] = [X.columns, bias.length];
  const data = new Float32Array(X.rows * q);
  for (let i = 0; i < X.rows; i++) {
    for (let b = 0; b < q; b++) {
      let sum = bias[b];
      for (let a = 0; a < p; a++) sum += X.data[i * p + a] * W[a * q + b];
      data[i * q + b] = sum;
    }
  }
  return matrix(data, X.rows, q);
}

function meanOf({ data, rows, columns }: Matrix32): Float64Array {
  const mean = new Float64Array(columns);
  data.forEach((value, k) => {
    mean[k % columns] += value / rows;
  });
  return mean;
}

function shifted({ data, rows, columns }: Matrix32, mean: Float64Array): Matrix32 {
  return matrix(
    data.map((value, k) => value - mean[k % columns]),
    rows,
    columns,
  );
}

async function mapped(space: Space, map: 'log0' | 'exp0', rows: Matrix32): Promise<Matrix32> {
  const result = tf.tidy(() => manifoldOn(space)[map](tf.tensor2d(rows.data, [rows.rows, rows.columns])));
  try {
    return matrix((await result.data()) as Float32Array, rows.rows, rows.columns);
  } finally {
    result.dispose();
  }
}
