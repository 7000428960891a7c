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

/** An autoencoder of coefficients, and what each column is divided by: a root mean square of its training data. */
export interface Codec {
  readonly model: TrainedSphericalAutoencoder;
  readonly sizes: Float64Array;
}

/** Trained on rows of coefficients, without labels. Dispose of its model when done. */
export async function trainCodec(
  coefficients: Matrix32,
  multiplicities: Multiplicities,
  settings: NetworkSettings,
  seed: number,
  whitened: boolean,
): Promise<Codec> {
  const { mixed, blocks, codeDim, errorWeight, batch, epochs, learningRate, weightDecay } = settings;
  const sizes = sizesOf(coefficients, multiplicities, whitened);
  const autoencoder = sphericalAutoencoder({
    ...{ multiplicities, mixed, blocks, codeDim, errorWeight, variational: false },
  });
  const steps = Math.max(1, Math.round((epochs * coefficients.rows) / batch));
  const { data, columns } = scaled(coefficients, sizes);
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
  return { model, sizes };
}

/** Codes of coefficients, and each row's 1 - cosine to what is drawn of its code, after the division. */
export async function encoded(
  { model, sizes }: Codec,
  coefficients: Matrix32,
): Promise<{ readonly codes: Matrix32; readonly cosineLoss: number[] }> {
  const items = scaled(coefficients, sizes);
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

/** What no rotation changes of the signals between the encoder's layers. */
export const invariantsOf = ({ model, sizes }: Codec, coefficients: Matrix32): Promise<Matrix32> =>
  model.invariants(scaled(coefficients, sizes));

/** Of each column: of all columns together, or of its channel's, so that rotations commute with the division. */
function sizesOf(
  { data, rows, columns }: Matrix32,
  multiplicities: Multiplicities,
  whitened: boolean,
): Float64Array {
  const squares = new Float64Array(columns);
  data.forEach((value, at) => {
    squares[at % columns] += value ** 2 / rows;
  });
  const whole = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / columns);
  if (!whitened) return new Float64Array(columns).fill(whole);
  const sizes = new Float64Array(columns);
  let at = 0;
  multiplicities.forEach((channels, l) => {
    const size = 2 * l + 1;
    for (let channel = 0; channel < channels; channel++, at += size) {
      const square = squares.subarray(at, at + size).reduce((sum, v) => sum + v, 0) / size;
      // A channel without anything stays 0.
      sizes.fill(square > 0 ? Math.sqrt(square) : whole, at, at + size);
    }
  });
  return sizes;
}

function scaled({ data, rows, columns }: Matrix32, sizes: Float64Array): Matrix32 {
  return matrix(
    data.map((value, at) => value / sizes[at % columns]),
    rows,
    columns,
  );
}
