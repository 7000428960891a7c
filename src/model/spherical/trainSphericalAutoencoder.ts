import { requireFinite, requireInteger, requireLength } from '../../core/checks.js';
import type { StepEvent } from '../../core/records.js';
import { Rng } from '../../core/rng.js';
import type { SphericalAutoencoder } from '../../encoders/spherical/sphericalAutoencoder.js';
import { Network } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import { AdamW } from '../../training/adamW.js';
import { trainingLoop } from '../../training/loop.js';
import { bestWeights, type HeldOutSignals } from './bestWeights.js';
import { TrainedSphericalAutoencoder } from './trainedSphericalAutoencoder.js';

export interface SphericalTrainingOptions {
  /** Of the first weights and of the noise. */
  readonly seed: number;
  readonly steps: number;
  /** The next batch, [n, columns]; the training disposes of it. */
  readonly nextRows: () => tf.Tensor2D;
  /** Of a step, 0-based. */
  readonly learningRate: (step: number) => number;
  /** β of a step; nothing without noise. Default 0. */
  readonly divergenceWeight?: (step: number) => number;
  /** 0 by default. */
  readonly weightDecay?: number;
  /** Largest norm of the gradient; 100 by default, which stops nothing but a broken step. */
  readonly clipNorm?: number;
  /** Steps between two events; 100 by default. */
  readonly reportEvery?: number;
  readonly onEvent?: (event: StepEvent) => void;
  readonly signal?: AbortSignal;
  /** If given, the weights that are best on them are the result, not the last ones. */
  readonly heldOut?: HeldOutSignals;
}

/**
 * Trains an autoencoder of spherical signals by Adam. The caller disposes of the result, which also frees the tables.
 * @throws ShapeError, DomainError for held-out signals of another width or not finite
 * @throws DomainError when the loss diverges, the signal's reason when it aborts; everything is freed then
 */
export async function trainSphericalAutoencoder(
  autoencoder: SphericalAutoencoder,
  options: SphericalTrainingOptions,
): Promise<TrainedSphericalAutoencoder> {
  const { seed, steps, nextRows, learningRate, reportEvery = 100, signal } = options;
  const { divergenceWeight = () => 0, weightDecay = 0, clipNorm = 100, heldOut } = options;
  if (heldOut) requireHeldOut(heldOut, autoencoder.columns);
  const rng = new Rng(seed);
  const network = new Network([autoencoder], rng.split('weights'));
  const optimizer = new AdamW(network.parameters, {
    ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay, clipNorm },
  });
  const noise = rng.split('noise');
  const best = heldOut && bestWeights(autoencoder, network, heldOut);
  const history: StepEvent[] = [];
  let step = 0;
  try {
    await trainingLoop({
      ...{ network, optimizer, steps, reportEvery, learningRate },
      nextBatch: () => ({ rows: nextRows() }),
      objective: (pass, { rows }) =>
        autoencoder.loss(pass, rows, {
          noise: autoencoder.variational ? normalRows(noise, rows.shape[0], autoencoder) : undefined,
          divergenceWeight: divergenceWeight(step),
        }),
      onEvent: (event) => {
        history.push(event);
        options.onEvent?.(event);
      },
      onStep: async (done) => {
        step = done;
        if (heldOut && (done % heldOut.every === 0 || done === steps)) await best?.look();
      },
      ...(signal && { signal }),
    });
    best?.restore();
    return new TrainedSphericalAutoencoder(autoencoder, network, history);
  } catch (error) {
    network.dispose();
    autoencoder.dispose();
    throw error;
  } finally {
    optimizer.dispose();
    best?.dispose();
  }
}

function requireHeldOut({ rows, every }: HeldOutSignals, columns: number): void {
  requireInteger(every, 1, 'trainSphericalAutoencoder heldOut.every');
  requireInteger(rows.rows, 1, 'trainSphericalAutoencoder heldOut rows');
  requireLength(rows.columns, columns, 'trainSphericalAutoencoder heldOut columns');
  requireFinite(rows.data, columns, 'trainSphericalAutoencoder heldOut');
}

function normalRows(rng: Rng, rows: number, { encoder: { codeDim } }: SphericalAutoencoder): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length: rows * codeDim }, () => rng.normal()),
    [rows, codeDim],
  );
}
