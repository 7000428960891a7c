import {
  geometricSchedule,
  type Matrix32,
  Rng,
  sphericalAutoencoder,
  type TrainedSphericalAutoencoder,
  takeRows,
  tf,
  trainSphericalAutoencoder,
} from '../../src/index.js';
import type { NetworkSettings } from './settings.js';
import { CHANNELS } from './views.js';

/** An autoencoder of poses, trained without words. Dispose of it when done. */
export function trainCodec(
  rows: Matrix32,
  degree: number,
  { mixed, blocks, codeDim, errorWeight, batch, epochs, learningRate }: NetworkSettings,
  seed: number,
): Promise<TrainedSphericalAutoencoder> {
  const multiplicities = new Array<number>(degree + 1).fill(CHANNELS);
  const steps = Math.max(1, Math.round((epochs * rows.rows) / batch));
  const rng = new Rng(seed).split('batches');
  const autoencoder = sphericalAutoencoder({
    ...{ multiplicities, mixed, blocks, codeDim, errorWeight, variational: false },
  });
  return trainSphericalAutoencoder(autoencoder, {
    ...{ seed, steps, reportEvery: Math.max(1, Math.floor(steps / 10)) },
    nextRows: () => {
      const { data, columns } = takeRows(
        rows,
        Array.from({ length: batch }, () => rng.below(rows.rows)),
      );
      return tf.tensor2d(data, [batch, columns]);
    },
    learningRate: (step) =>
      geometricSchedule(step, { from: learningRate, to: learningRate / 10, until: 1, steps }),
    onEvent: ({ step, seconds, parts }) =>
      console.error(
        `  step ${step} of ${steps}, ${seconds.toFixed(0)} s: error ${parts['error'].toPrecision(3)}`,
      ),
  });
}
