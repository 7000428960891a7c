import {
  geometricSchedule,
  type Matrix32,
  type Multiplicities,
  matrix,
  Rng,
  sphericalAutoencoder,
  type TrainedSphericalAutoencoder,
  tf,
  trainSphericalAutoencoder,
} from '../../src/index.js';
import type { NetworkSettings } from './settings.js';

/** An autoencoder of coefficients, and the root mean square of its training data that all are divided by. */
export interface Codec {
  readonly model: TrainedSphericalAutoencoder;
  readonly size: number;
}

/** Trained on rows of coefficients, without labels. Dispose of its model when done. */
export async function trainCodec(
  coefficients: Matrix32,
  multiplicities: Multiplicities,
  settings: NetworkSettings,
  seed: number,
): Promise<Codec> {
  const { mixed, blocks, codeDim, errorWeight, batch, epochs, learningRate, weightDecay } = settings;
  const size = Math.sqrt(coefficients.data.reduce((sum, v) => sum + v * v, 0) / coefficients.data.length);
  const autoencoder = sphericalAutoencoder({
    ...{ multiplicities, mixed, blocks, codeDim, errorWeight, variational: false },
  });
  const steps = Math.max(1, Math.round((epochs * coefficients.rows) / batch));
  const { data, columns } = scaled(coefficients, size);
  const rng = new Rng(seed).split('batches');
  let order = rng.permutation(coefficients.rows);
  let at = 0;
  const nextRows = () => {
    if (at + batch > order.length) {
      order = rng.permutation(order.length);
      at = 0;
    }
    const rows = order.subarray(at, at + batch);
    at += batch;
    const values = new Float32Array(rows.length * columns);
    rows.forEach((row, i) => {
      values.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
    });
    return tf.tensor2d(values, [rows.length, columns]);
  };
  const model = await trainSphericalAutoencoder(autoencoder, {
    ...{ seed, steps, nextRows, weightDecay, reportEvery: Math.max(1, Math.floor(steps / 10)) },
    learningRate: (step) =>
      geometricSchedule(step, { from: learningRate, to: learningRate / 10, until: 1, steps }),
    onEvent: ({ step, seconds, parts }) =>
      console.error(
        `  step ${step} of ${steps}, ${seconds.toFixed(0)} s: error ${parts['error'].toPrecision(3)}`,
      ),
  });
  return { model, size };
}

/** Codes of coefficients, and each row's 1 - cosine to what is drawn of its code. */
export async function encoded(
  { model, size }: Codec,
  coefficients: Matrix32,
): Promise<{ readonly codes: Matrix32; readonly cosineLoss: number[] }> {
  const items = scaled(coefficients, size);
  const { codes, frames } = await model.encode(items);
  const drawn = await model.decode(codes, frames);
  const cosineLoss = Array.from({ length: items.rows }, (_, i) => {
    let [xy, xx, yy] = [0, 0, 0];
    for (let at = i * items.columns; at < (i + 1) * items.columns; at++) {
      xy += items.data[at] * drawn.data[at];
      xx += items.data[at] ** 2;
      yy += drawn.data[at] ** 2;
    }
    return 1 - xy / Math.sqrt(xx * yy);
  });
  return { codes, cosineLoss };
}

function scaled({ data, rows, columns }: Matrix32, size: number): Matrix32 {
  return matrix(
    data.map((value) => value / size),
    rows,
    columns,
  );
}
