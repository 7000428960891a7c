import * as tf from '../../engine/tf.js';
import { channelProducts } from './channelProducts.js';
import type { ProductTables } from './productTables.js';

/** Under the root of the norm of an item's products, which a signal of zeros has too. */
const EPSILON = 1e-8;

/**
 * Products of the channels of signals with themselves, divided by their norm over the item, mixed degree by degree.
 * @param x [(l + 1)², channels, batch] @param kernels a degree, [paths x channels, outputs]
 * @returns [(l' + 1)², outputs, batch]. Differentiable once in x and the kernels.
 */
export function mixedProducts(
  tables: ProductTables,
  x: tf.Tensor3D,
  kernels: readonly tf.Tensor2D[],
): tf.Tensor3D {
  return tf.tidy(() => {
    const [rows, channels, batch] = x.shape;
    const products = channelProducts(tables, tf.reshape(x, [rows, channels * batch]));
    const squares = tf.square(tf.reshape(products, [-1, batch]));
    const norms = tf.rsqrt(tf.add(tf.matMul(tables.normWeights(), squares), EPSILON));
    return tf.mul(mixed(tables, products, kernels, batch), tf.expandDims(norms, 0));
  });
}

function mixed(
  { product: { paths }, channels }: ProductTables,
  products: tf.Tensor2D,
  kernels: readonly tf.Tensor2D[],
  batch: number,
): tf.Tensor3D {
  const sizes = paths.map((count, l) => (2 * l + 1) * count);
  // tfjs has no gradient for a split into one part.
  const parts = sizes.length === 1 ? [products] : tf.split(products, sizes);
  const turned = parts.map((part, l) =>
    mixedByOne(kernels[l], tf.reshape(part, [2 * l + 1, paths[l] * channels, batch])),
  );
  return turned.length === 1 ? turned[0] : tf.concat(turned, 0);
}

/** kernelᵀ x of each matrix x: [inputs, outputs], [n, inputs, batch] -> [n, outputs, batch]. */
function mixedByOne(kernel: tf.Tensor2D, x: tf.Tensor3D): tf.Tensor3D {
  // The gradient that tfjs has for a product of one matrix with several does not add them up.
  const op = tf.customGrad((...args) => {
    const [w, several] = args as unknown as [tf.Tensor2D, tf.Tensor3D];
    const save = args[2] as unknown as tf.GradSaveFunc;
    save([w, several]);
    return {
      value: tf.matMul(tf.expandDims(w, 0) as tf.Tensor3D, several, true),
      gradFunc: (dy: tf.Tensor, [savedW, savedX]: tf.Tensor[]) => [
        tf.sum(tf.matMul(savedX as tf.Tensor3D, dy as tf.Tensor3D, false, true), 0),
        tf.matMul(tf.expandDims(savedW, 0) as tf.Tensor3D, dy as tf.Tensor3D),
      ],
    };
  });
  return op(kernel, x) as tf.Tensor3D;
}
