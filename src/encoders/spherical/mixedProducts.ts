import type { FusedKernels } from '../../engine/fused.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import type { ChannelProduct } from '../../symmetry/so3/channelProduct.js';

/**
 * Products of the channels of signals with themselves, divided by their norm over the item (plus 1e-8 under the root),
 * mixed degree by degree: in one native pass that never holds all products.
 * @param x [(l + 1)², channels, batch] @param kernels [Σ paths x channels, outputs], degree by degree
 * @returns [(l' + 1)², outputs, batch]. Differentiable once in x and the kernels.
 */
export function mixedProducts(
  native: FusedKernels['mixedProducts'],
  { forward, paths }: ChannelProduct,
  x: tf.Tensor3D,
  kernels: tf.Tensor2D,
): tf.Tensor3D {
  const [, channels, batch] = x.shape;
  const outputs = kernels.shape[1];
  const call = { plan: forward, paths: Int32Array.from(paths), channels, outputs, batch };
  const op = tf.customGrad((...args) => {
    const [signal, weights] = args as unknown as [tf.Tensor, tf.Tensor];
    const save = args[2] as unknown as tf.GradSaveFunc;
    const { values, norms } = native.forward(call, borrowFloats(signal), borrowFloats(weights));
    const value = tf.tensor3d(values, [paths.length ** 2, outputs, batch]);
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
