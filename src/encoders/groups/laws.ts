import * as tf from '../../engine/tf.js';
import { AT_INFERENCE, type BatchGroup } from './batchGroup.js';

export interface BatchGroupLawOptions<X, F, G> {
  /** A batch of items. */
  readonly items: X;
  /** Features of as many items, with trivial stabilisers. */
  readonly features: F;
  /** Features too: the elements that act are ψ of these. */
  readonly elements: F;
  readonly actOnFeatures: (g: G, features: F) => F;
}

/** The largest error of each law, relative to the largest number of the items, or to 1 where that is less. */
export interface BatchGroupLawErrors {
  /** g⁻¹ (g x) = x = g (g⁻¹ x) */
  readonly inverse: number;
  /** ψ(g f) x = g (ψ(f) x) */
  readonly equivariance: number;
}

/**
 * How far a group on tensors is from its laws: for the tests of a group of one's own. A NaN anywhere is a NaN here.
 * The caller keeps the tensors of the options.
 */
export async function batchGroupLawErrors<X extends object, F, G>(
  group: BatchGroup<X, F, G>,
  { items, features, elements, actOnFeatures }: BatchGroupLawOptions<X, F, G>,
): Promise<BatchGroupLawErrors> {
  const errors = tf.tidy(() => {
    const { act } = group;
    const g = group.fromFeatures(elements, AT_INFERENCE);
    const back = group.inverse(g);
    const psi = (f: F) => group.fromFeatures(f, AT_INFERENCE);
    return tf.stack([
      furthest(act(back, act(g, items)), items),
      furthest(act(g, act(back, items)), items),
      furthest(act(psi(actOnFeatures(g, features)), items), act(g, act(psi(features), items))),
    ]);
  });
  try {
    const [left, right, equivariance] = await errors.data();
    return { inverse: Math.max(left, right), equivariance };
  } finally {
    errors.dispose();
  }
}

/** Largest difference of two items' numbers over the larger of 1 and the largest number of the second. */
function furthest(x: object, y: object): tf.Scalar {
  const of = (item: object) =>
    tf.concat(
      tf.tensor_util
        .getTensorsInContainer(item as tf.TensorContainer)
        .map((part) => tf.reshape(tf.cast(part, 'float32'), [-1])),
    );
  const [a, b] = [of(x), of(y)];
  return tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.maximum(tf.max(tf.abs(b)), 1));
}
