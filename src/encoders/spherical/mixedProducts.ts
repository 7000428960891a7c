import { fused } from '../../engine/fused.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import { channelProducts } from './channelProducts.js';
import type { ProductTables } from './productTables.js';

/** Under the root of the norm of an item's products, which a signal of zeros has too. */
const EPSILON = 1e-8;

/**
 * Products of the channels of signals with themselves, divided by their norm over the item, mixed degree by degree.
 * On the host in one native pass that never holds all products, on a device by matrices.
 * @param x [(l + 1)², channels, batch] @param kernels [Σ paths x channels, outputs], degree by degree
 * @returns [(l' + 1)², outputs, batch]. Differentiable once in x and the kernels.
 */
export function mixedProducts(tables: ProductTables, x: tf.Tensor3D, kernels: tf.Tensor2D): tf.Tensor3D {
  return fused('mixedProducts') ? onHost(tables, x, kernels) : onDevice(tables, x, kernels);
}

function onHost({ product, counts }: ProductTables, x: tf.Tensor3D, kernels: tf.Tensor2D): tf.Tensor3D {
  const native = fused('mixedProducts')!;
  const [, channels, batch] = x.shape;
  const outputs = kernels.shape[1];
  const call = { plan: product.forward, paths: counts, channels, outputs, batch };
  const op = tf.customGrad((...args) => {
    const [signal, weights] = args as unknown as [tf.Tensor, tf.Tensor];
    const save = args[2] as unknown as tf.GradSaveFunc;
    const { values, norms } = native.forward(call, borrowFloats(signal), borrowFloats(weights));
    const value = tf.tensor3d(values, [counts.length ** 2, outputs, batch]);
    save([signal, weights, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [sx, sw, sy] = saved.map(borrowFloats);
        const pulled = native.backward(call, sx, sw, { values: sy, norms }, borrowFloats(dy));
        return [tf.tensor3d(pulled.x, x.shape), tf.tensor2d(pulled.kernels, kernels.shape)];
      },
    };
  });
  return op(x, kernels) as tf.Tensor3D;
}

function onDevice(tables: ProductTables, x: tf.Tensor3D, kernels: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const [rows, channels, batch] = x.shape;
    const products = channelProducts(tables, tf.reshape(x, [rows, channels * batch]));
    const squares = tf.square(tf.reshape(products, [-1, batch])) as tf.Tensor2D;
    const norms = tf.rsqrt(tf.add(tf.matMul(tables.normWeights(), squares), EPSILON));
    return tf.mul(mixed(tables, products, kernels, batch), tf.expandDims(norms, 0));
  });
}

function mixed(
  { product: { paths }, channels }: ProductTables,
  products: tf.Tensor2D,
  kernels: tf.Tensor2D,
  batch: number,
): tf.Tensor3D {
  const parts = splitRows(
    products,
    paths.map((count, l) => (2 * l + 1) * count),
  );
  const each = splitRows(
    kernels,
    paths.map((count) => count * channels),
  );
  const turned = parts.map((part, l) =>
    mixedByOne(each[l], tf.reshape(part, [2 * l + 1, paths[l] * channels, batch])),
  );
  return turned.length === 1 ? turned[0] : tf.concat(turned, 0);
}

/** tfjs has no gradient for a split into one part. */
function splitRows(x: tf.Tensor2D, sizes: number[]): tf.Tensor2D[] {
  return sizes.length === 1 ? [x] : tf.split(x, sizes);
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
