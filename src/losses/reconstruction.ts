import type { PointSets } from '../engine/records.js';
import * as tf from '../engine/tf.js';

/** Mean of the squared differences of pixels. */
export function imageError(output: tf.Tensor4D, images: tf.Tensor4D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.square(tf.sub(output, images))) as tf.Scalar);
}

/** Mean of the squared differences of coordinates, over all points of the batch that are there; 0 where none is. */
export function placesError(output: PointSets, clouds: PointSets): tf.Scalar {
  return tf.tidy(() => {
    const each = tf.mean(tf.square(tf.sub(output.points, clouds.points)), 2) as tf.Tensor2D;
    return meanOfPresent(each, clouds.mask);
  });
}

/**
 * Mean cross-entropy of elements, nats, over all of the batch that are there; 0 where none is.
 * @param output `points` are logits @param sets `points` are one-hot, or probabilities
 */
export function elementsError(output: PointSets, sets: PointSets): tf.Scalar {
  return tf.tidy(() => {
    const logits = output.points;
    const hit = tf.sum(tf.mul(logits, sets.points), 2) as tf.Tensor2D;
    return meanOfPresent(tf.sub(tf.logSumExp(logits, 2), hit) as tf.Tensor2D, sets.mask);
  });
}

function meanOfPresent(values: tf.Tensor2D, mask: tf.Tensor2D): tf.Scalar {
  return tf.div(tf.sum(tf.mul(values, mask)), tf.maximum(tf.sum(mask), 1));
}
