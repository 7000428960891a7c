import type { Matrix } from '../../core/matrix.js';
import type { SphericalAutoencoder } from '../../encoders/spherical/sphericalAutoencoder.js';
import type { Network } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';

/** Signals that a training does not see, by which its weights are chosen. */
export interface HeldOutSignals {
  /** [n, columns], n >= 1 */
  readonly rows: Matrix;
  /** Steps between two looks at them; the last step is looked at too. */
  readonly every: number;
  /** Of the divergence in the score, as at the end of the training. */
  readonly divergenceWeight: number;
}

const BATCH = 250;

/** Remembers the weights of the lowest score among those it was shown. */
export interface BestWeights {
  /** Scores the weights as they are now: the loss on the held-out signals, codes without noise, running statistics. */
  look(): Promise<number>;
  /** Puts the best weights and running statistics back. */
  restore(): void;
  dispose(): void;
}

export function bestWeights(
  autoencoder: SphericalAutoencoder,
  network: Network,
  { rows, divergenceWeight }: HeldOutSignals,
): BestWeights {
  const state = [network.parameters.flat, network.statistics.flat];
  let best = Number.POSITIVE_INFINITY;
  let kept: tf.Tensor1D[] = [];
  return {
    async look() {
      const score = await lossOn(autoencoder, network, rows, divergenceWeight);
      if (score < best) {
        best = score;
        tf.dispose(kept);
        kept = tf.tidy(() => state.map((variable) => tf.keep(tf.clone(variable))));
      }
      return score;
    },
    restore() {
      kept.forEach((values, i) => {
        state[i].assign(values);
      });
    },
    dispose() {
      tf.dispose(kept);
      kept = [];
    },
  };
}

async function lossOn(
  autoencoder: SphericalAutoencoder,
  network: Network,
  { data, rows, columns }: Matrix,
  divergenceWeight: number,
): Promise<number> {
  let sum = 0;
  for (let from = 0; from < rows; from += BATCH) {
    const count = Math.min(BATCH, rows - from);
    const values = Float32Array.from(data.subarray(from * columns, (from + count) * columns));
    const loss = tf.tidy(
      () =>
        autoencoder.loss(network.inferencePass(), tf.tensor2d(values, [count, columns]), { divergenceWeight })
          .total,
    );
    sum += count * (await loss.data())[0];
    loss.dispose();
  }
  return sum / rows;
}
