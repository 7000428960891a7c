import {
  geometricSchedule,
  linearRamp,
  type Matrix32,
  matrix,
  Rng,
  singleChannels,
  sphericalAutoencoder,
  type TrainedSphericalAutoencoder,
  tf,
  trainSphericalAutoencoder,
} from '../../src/index.js';
import type { Arm, Settings, Size } from './settings.js';

/** Trains an autoencoder on the first digits of a task. */
export async function trainArm(
  settings: Settings,
  size: Size,
  arm: Arm,
  coefficients: Matrix32,
  seed: number,
): Promise<TrainedSphericalAutoencoder> {
  const { errorWeight, divergenceWeight: peak, learningRate } = settings;
  const { batch, fit, heldOut, rateUntil, divergence } = size;
  const { blocks, codeDim, epochs } = { ...size, ...arm.network };
  const autoencoder = sphericalAutoencoder({
    multiplicities: singleChannels(settings.degree),
    ...{ blocks, codeDim, errorWeight, variational: arm.variational },
  });
  const every = Math.floor(fit / batch);
  const steps = epochs * every;
  const data = tf.tidy(() =>
    tf.keep(tf.tensor2d(coefficients.data, [coefficients.rows, coefficients.columns])),
  );
  const order = Array.from({ length: fit }, (_, i) => i);
  const rng = new Rng(seed).split('batches');
  let at = fit;
  const nextRows = () => {
    if (at + batch > fit) {
      rng.shuffle(order);
      at = 0;
    }
    const rows = Int32Array.from(order.slice(at, at + batch));
    at += batch;
    return tf.tidy(() => tf.gather(data, tf.tensor1d(rows, 'int32')));
  };
  try {
    return await trainSphericalAutoencoder(autoencoder, {
      ...{ seed, steps, nextRows, reportEvery: Math.max(1, Math.floor(steps / 20)) },
      learningRate: (step) => geometricSchedule(step, { ...learningRate, until: rateUntil, steps }),
      divergenceWeight: (step) => linearRamp(step, { ...divergence, peak, steps }),
      ...(heldOut > 0 && {
        heldOut: { rows: rowsBehind(coefficients, fit, heldOut), every, divergenceWeight: peak },
      }),
      onEvent: ({ step, seconds, parts }) => {
        const shown = Object.entries(parts).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
        console.error(`  step ${step} of ${steps}, ${seconds.toFixed(0)} s: ${shown.join(', ')}`);
      },
    });
  } finally {
    data.dispose();
  }
}

function rowsBehind({ data, columns }: Matrix32, first: number, count: number): Matrix32 {
  return matrix(data.slice(first * columns, (first + count) * columns), count, columns);
}
