import type { Pass } from '../engine/network.js';
import type { Batch, LossReport } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { orientationLoss } from '../losses/orientation.js';
import { distancePreservation } from '../losses/preservation/distancePreservation.js';
import { type TensorOrbitDistance, tensorOrbitDistance } from '../losses/preservation/orbitDistance.js';
import { headDistances, mixedLoss } from './mixedLoss.js';
import type { Model } from './model.js';

/** Polar grid of the orbit distance in the penalty: coarser than the encoder's, it is a target, not a feature. */
const ORBIT_GRID = { radii: 14, angles: 32 };

/** The loss of a config, wired to a model. */
export interface Objective {
  /** Call inside tidy. @param progress share of the training that is done, 0..1 */
  report(pass: Pass, batch: Batch, withStatistics: boolean, progress: number): LossReport;
  dispose(): void;
}

export function buildObjective(model: Model): Objective {
  const { weights, preservationSample } = model.config.loss;
  const orbit: TensorOrbitDistance | undefined =
    weights.preservation > 0
      ? tensorOrbitDistance({ height: model.height, width: model.width, ...ORBIT_GRID })
      : undefined;
  return {
    report(pass, batch, withStatistics, progress) {
      const output = model.forward(pass, batch.rows);
      const distances = headDistances(model, output);
      const others: Record<string, tf.Scalar> = {};
      if (orbit) {
        const sample = Math.min(preservationSample, batch.rows.shape[0]);
        const inputs = orbit.pairwise(tf.slice(batch.rows, [0, 0], [sample, -1]));
        const some = (d: tf.Tensor2D) => tf.slice(d, [0, 0], [sample, sample]);
        others['preservation'] = tf.add(
          distancePreservation(chord(some(distances.euclidean)), inputs),
          distancePreservation(some(distances.poincare), inputs),
        );
      }
      if (weights.orientation > 0 && output.orientation && batch.turns) {
        others['orientation'] = orientationLoss(output.orientation, batch.turns);
      }
      return mixedLoss(model, distances, batch.labels!, { withStatistics, progress, others });
    },
    dispose: () => orbit?.dispose(),
  };
}

/** Cosine distance of unit vectors -> their Euclidean distance, sqrt(2 (1 - cos)), a length as the orbit distance is. */
function chord(cosine: tf.Tensor2D): tf.Tensor2D {
  return tf.sqrt(tf.maximum(tf.mul(cosine, 2), 1e-6));
}
