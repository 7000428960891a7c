import { expectation, UsageError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { composeElements, elementsOf, type PlaneElement, type PlaneGroup } from '../steerable/planeGroup.js';
import { turning } from '../steerable/representation.js';
import { affineImages } from './affineImages.js';
import type { BatchGroup } from './batchGroup.js';

/** A finite group on images; it keeps tables on the device. */
export interface FiniteImageGroup extends BatchGroup<tf.Tensor4D, tf.Tensor2D, tf.Tensor2D> {
  dispose(): void;
}

/**
 * C_N or D_N on images [n, height, width, channels] about their centre, bilinear, zero outside. Features are one regular field
 * [n, order]; ψ takes the element of its largest number, the first of equal ones. Elements are one-hot [n, order], in the
 * order of `elementsOf`; the gradient is that of a softmax. What an element other than the chosen one would have given
 * is part of that gradient: an action turns the images by all of them.
 * @throws UsageError for SO(2) and O(2)
 */
export function finiteImageGroup(group: PlaneGroup): FiniteImageGroup {
  if (!Number.isFinite(group.rotations))
    throw new UsageError(
      expectation('finiteImageGroup', 'cyclic(N) or dihedral(N)', group.name, 'take imageRotations'),
    );
  const elements = elementsOf(group, 0);
  const order = elements.length;
  const tables = tf.tidy(() => ({
    maps: tf.keep(tf.tensor(elements.flatMap(sourceMap), [order, 1, 2, 3])),
    inverses: tf.keep(tf.tensor2d(inversesOf(elements), [order, order])),
  }));
  return {
    name: `${group.name} on images`,
    fromFeatures: (scores) => largestOf(scores),
    act(g, images) {
      const [n, height, width, channels] = images.shape;
      const copies = tf.broadcastTo(tf.expandDims(images, 0), [order, n, height, width, channels]);
      const maps = tf.reshape(tf.broadcastTo(tables.maps, [order, n, 2, 3]), [
        order * n,
        2,
        3,
      ]) as tf.Tensor3D;
      const flat = tf.reshape(copies, [order * n, height, width, channels]) as tf.Tensor4D;
      const turned = tf.reshape(affineImages(flat, maps), [order, n, height, width, channels]);
      return tf.sum(tf.mul(turned, tf.reshape(tf.transpose(g), [order, n, 1, 1, 1])), 0) as tf.Tensor4D;
    },
    inverse: (g) => tf.matMul(g, tables.inverses),
    dispose: () => tf.dispose(tables),
  };
}

/** Row by row, from target to source: the inverse of the element's orthogonal matrix, without a shift. */
function sourceMap(g: PlaneElement): number[] {
  const [m00, m01, m10, m11] = turning(1, g);
  return [m00, m10, 0, m01, m11, 0];
}

/** [order, order]: 1 where the column's element is the inverse of the row's. */
function inversesOf(elements: readonly PlaneElement[]): Float32Array {
  const isIdentity = ({ angle, mirrored }: PlaneElement) => !mirrored && Math.cos(angle) > 1 - 1e-9;
  return Float32Array.from(
    elements.flatMap((g) => elements.map((h) => Number(isIdentity(composeElements(g, h))))),
  );
}

/** One-hot of each row's largest number; its gradient is that of softmax. NaN where the row is not finite. */
function largestOf(scores: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([tf.softmax(input)]);
    const chosen = tf.cast(tf.oneHot(tf.argMax(input, 1) as tf.Tensor1D, input.shape[1]), 'float32');
    return {
      value: tf.add(chosen, tf.mul(input, 0)),
      gradFunc: (dy: tf.Tensor, [soft]: tf.Tensor[]) =>
        tf.mul(soft, tf.sub(dy, tf.sum(tf.mul(dy, soft), 1, true))),
    };
  });
  return op(scores) as tf.Tensor2D;
}
