import { requireInteger } from '../../core/checks.js';
import type { Matrix, Matrix32 } from '../../core/matrix.js';
import type { StepEvent } from '../../core/records.js';
import { Rng } from '../../core/rng.js';
import type { InvariantAutoencoder } from '../../encoders/invariantAutoencoder.js';
import { Network } from '../../engine/network.js';
import type * as tf from '../../engine/tf.js';
import { AdamW } from '../../training/adamW.js';
import { trainingLoop } from '../../training/loop.js';
import { warmupCosine } from '../../training/schedule.js';
import { TrainedAutoencoder } from './trainedAutoencoder.js';

export interface AutoencoderTrainingOptions {
  /** Of the first weights. */
  readonly seed: number;
  readonly steps: number;
  /** The next batch, [n, columns] as the layout says; the training disposes of it. */
  readonly nextRows: () => tf.Tensor2D;
  /** Highest rate of Adam; it rises to it over `warmup` steps and falls on a cosine to 0. */
  readonly learningRate: number;
  /** 50 by default. */
  readonly warmup?: number;
  /** 0 by default. */
  readonly weightDecay?: number;
  /** Largest norm of the gradient; 0.5 by default, as the paper's code has it. */
  readonly clipNorm?: number;
  /** Decay of the mean square of gradients, 0..1; 0.999 by default. */
  readonly beta2?: number;
  /** Steps between two events; 100 by default. */
  readonly reportEvery?: number;
  readonly onEvent?: (event: StepEvent) => void;
  /**
   * Called before the first step, after every `watchEvery` of them and at the end, with what gives the codes of rows as the
   * weights stand: for monitors such as neighborRecallMonitor.
   */
  readonly watch?: (codes: (rows: Matrix) => Promise<Matrix32>, step: number) => Promise<unknown>;
  /** 500 by default. */
  readonly watchEvery?: number;
  readonly signal?: AbortSignal;
}

/**
 * Trains an autoencoder by its own loss. The caller disposes of the result, which also frees the autoencoder's tables.
 * @throws DomainError when the loss diverges, the signal's reason when it aborts; everything is freed then
 */
export async function trainAutoencoder<X, F, G>(
  autoencoder: InvariantAutoencoder<X, F, G>,
  options: AutoencoderTrainingOptions,
): Promise<TrainedAutoencoder<X, F, G>> {
  const { seed, steps, nextRows, learningRate: peak, signal, reportEvery = 100 } = options;
  const { warmup = 50, watch, watchEvery = 500, weightDecay = 0, clipNorm = 0.5, beta2 = 0.999 } = options;
  requireInteger(watchEvery, 1, 'trainAutoencoder watchEvery');
  const network = new Network([autoencoder], new Rng(seed).split('weights'));
  const optimizer = new AdamW(network.parameters, {
    ...{ beta1: 0.9, beta2, epsilon: 1e-8, weightDecay, clipNorm },
  });
  const history: StepEvent[] = [];
  let step = 0;
  const model = new TrainedAutoencoder(autoencoder, network, history);
  const codes = (rows: Matrix) => model.codes(rows);
  try {
    await watch?.(codes, 0);
    await trainingLoop({
      ...{ network, optimizer, steps, reportEvery },
      learningRate: (at) => warmupCosine(at, { peak, warmup, steps }),
      nextBatch: () => ({ rows: nextRows() }),
      objective: (pass, { rows }) => autoencoder.loss(pass, rows, step / Math.max(1, steps - 1)),
      onEvent: (event) => {
        history.push(event);
        options.onEvent?.(event);
      },
      onStep: async (done) => {
        step = done;
        if (done % watchEvery === 0 || done === steps) await watch?.(codes, done);
      },
      ...(signal && { signal }),
    });
    return model;
  } catch (error) {
    network.dispose();
    autoencoder.dispose();
    throw error;
  } finally {
    optimizer.dispose();
  }
}
