import * as tf from '../../engine/tf.js';
import type { ProductLinearTables } from './productLinearTables.js';

/** Under the root of the norm of an item's products, which a signal of zeros has too. */
const EPSILON = 1e-8;

/** Weights of products that are normed and mixed. */
export interface ProductWeights {
  /** [Σ paths x channels, outputs], degree by degree. */
  readonly kernels: tf.Tensor2D;
  /** [output degree + 1], what the normed products of a degree are multiplied by. */
  readonly scale: tf.Tensor1D;
  /** [1], added to the normed products of degree 0. */
  readonly offset: tf.Tensor1D;
}

/**
 * Products of channels with themselves, signal norm, scale and offset, and linear map, for engines that pay for every op
 * rather than for its size: all degrees at once, with the gradient in closed form.
 * A product's row is Σ_i x_i Σ_j c_ij x_j: a gather of the x_i, a matrix of the c_ij, and a sum by segments.
 * @param x [(l + 1)², channels, batch] @returns [(l' + 1)², outputs, batch]. Differentiable once in x and the weights.
 */
export function productsByGroups(
  tables: ProductLinearTables,
  x: tf.Tensor3D,
  { kernels, scale, offset }: ProductWeights,
): tf.Tensor3D {
  const op = tf.customGrad((...args) => {
    const [signal, w, s, o] = args as unknown as [tf.Tensor3D, tf.Tensor2D, tf.Tensor1D, tf.Tensor1D];
    const save = args[4] as unknown as tf.GradSaveFunc;
    const { value, kept } = forward(tables, signal, { kernels: w, scale: s, offset: o });
    save(Object.values(kept));
    const names = Object.keys(kept) as (keyof Kept)[];
    const sizes = { x: signal.shape, kernels: w.shape };
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backward(
          tables,
          dy as tf.Tensor3D,
          Object.fromEntries(names.map((name, k) => [name, saved[k]])) as unknown as Kept,
          sizes,
        ),
    };
  });
  return op(x, kernels, scale, offset) as tf.Tensor3D;
}

/** What the backward pass needs of the forward one. */
interface Kept {
  /** [groups, channels x batch]: x_i, and Σ_j c_ij x_j. */
  readonly factors: tf.Tensor2D;
  readonly sums: tf.Tensor2D;
  /** [rows, paths x channels, batch], before and after norm, scale and offset. */
  readonly products: tf.Tensor3D;
  readonly normed: tf.Tensor3D;
  /** [1, batch]: one over the norm; [rows, 1, 1] the scale; [rows, 1, batch] their product. */
  readonly inverse: tf.Tensor2D;
  readonly spread: tf.Tensor3D;
  readonly share: tf.Tensor3D;
  /** [rows, paths x channels, outputs] */
  readonly mixing: tf.Tensor3D;
}

function forward(
  tables: ProductLinearTables,
  x: tf.Tensor3D,
  { kernels, scale, offset }: ProductWeights,
): { value: tf.Tensor3D; kept: Kept } {
  const { rows, width } = tables;
  const [, channels, batch] = x.shape;
  const { factorOf, rowOf, couplings, squareWeights, degreeOf, kernelRows, ofScalars } = tables.onDevice();
  const flat = tf.reshape(x, [x.shape[0], channels * batch]) as tf.Tensor2D;
  const factors = tf.gather(flat, factorOf) as tf.Tensor2D;
  const sums = tf.matMul(couplings, flat) as tf.Tensor2D;
  const entries = tf.unsortedSegmentSum(tf.mul(factors, sums), rowOf, (rows * width) / channels);
  const products = tf.reshape(entries, [rows, width, batch]) as tf.Tensor3D;
  const squares = tf.reshape(tf.square(products), [rows * width, batch]) as tf.Tensor2D;
  const inverse = tf.rsqrt(tf.add(tf.matMul(squareWeights, squares), EPSILON)) as tf.Tensor2D;
  const spread = tf.gather(scale, degreeOf) as tf.Tensor as tf.Tensor3D;
  const share = tf.mul(spread, inverse) as tf.Tensor3D;
  const normed = tf.add(tf.mul(products, share), tf.mul(ofScalars, offset)) as tf.Tensor3D;
  const mixing = tf.gather(kernels, kernelRows) as tf.Tensor as tf.Tensor3D;
  return {
    value: tf.matMul(mixing, normed, true),
    kept: { factors, sums, products, normed, inverse, spread, share, mixing },
  };
}

function backward(
  tables: ProductLinearTables,
  dy: tf.Tensor3D,
  { factors, sums, products, normed, inverse, spread, share, mixing }: Kept,
  shapes: { x: number[]; kernels: number[] },
): tf.Tensor[] {
  const { rows, width, scalarWidth } = tables;
  const [inRows, channels, batch] = shapes.x;
  const { factorOf, rowOf, couplings, negativeWeights, degreeRows, kernelRowsFlat } = tables.onDevice();
  const dNormed = tf.matMul(mixing, dy);
  const dMixing = tf.reshape(tf.matMul(normed, dy, false, true), [rows * width, -1]) as tf.Tensor2D;
  const dKernels = tf.unsortedSegmentSum(dMixing, kernelRowsFlat, shapes.kernels[0]);
  const dOffset = tf.reshape(tf.sum(tf.slice(dNormed, 0, [1, scalarWidth, batch])), [1]);
  // Through scale and norm: the derivative of 1 / norm along a product is -weight product / norm³.
  const along = tf.mul(tf.sum(tf.mul(products, dNormed), 1, true), inverse);
  const byRow = tf.sum(along, 2) as tf.Tensor2D;
  const dScale = tf.reshape(tf.matMul(degreeRows, byRow), [-1]);
  const throughNorm = tf.mul(tf.sum(tf.mul(along, spread), 0), tf.square(inverse));
  const towards = tf.mul(negativeWeights, throughNorm);
  const dProducts = tf.add(tf.mul(dNormed, share), tf.mul(products, towards));
  const entries = tf.reshape(dProducts, [(rows * width) / channels, channels * batch]);
  const pulled = tf.gather(entries, rowOf) as tf.Tensor2D;
  const toFactors = tf.unsortedSegmentSum(tf.mul(pulled, sums), factorOf, inRows);
  const toSums = tf.matMul(couplings, tf.mul(pulled, factors) as tf.Tensor2D, true);
  return [tf.reshape(tf.add(toFactors, toSums), shapes.x), dKernels, dScale, dOffset];
}
