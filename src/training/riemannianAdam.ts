import type { NamedTensor } from '../core/safetensors.js';
import type { FlatParameters } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { requireAdamOptions } from '../geometry/riemannianDescent.js';
import { adamStep, movingMean } from './adamRule.js';
import type { Assignment } from './assignment.js';
import { type AdamRates, unbiased } from './biasCorrection.js';
import { FlatMotion, type FlatMotionOptions } from './flatMotion.js';
import type { Optimizer } from './optimizer.js';
import { findState, readState } from './optimizerState.js';

export interface RiemannianAdamOptions extends AdamRates, FlatMotionOptions {
  /** Divides by the largest second moment so far. Default false. @source Reddi et al. 2018, arXiv:1904.09237 */
  readonly amsgrad?: boolean;
}

/**
 * AdamW on flat parameters of which some arrays are points of manifolds (`ParameterSpec.space`); on the others it
 * makes the same steps as AdamW. A point follows the geodesic of its step, and `Manifold.project` then puts it back
 * on its manifold, after each step and on purpose: `rowsAtRim` counts the points of balls that had come to the rim.
 * Its first moment is transported along; its second is one number a point, a factor of a product, or a Euclidean value.
 * Weight decay is for Euclidean arrays; what would be its like for points, `manifoldDecay`, is off unless asked for.
 * @source Bécigneul and Ganea 2019, arXiv:1810.00760; Loshchilov and Hutter 2019, arXiv:1711.05101, for the decay
 */
export class RiemannianAdam implements Optimizer {
  private readonly motion: FlatMotion;
  private readonly moments: Readonly<Record<string, tf.Variable<tf.Rank.R1>>>;
  private steps = 0;

  /**
   * @throws ShapeError for an array that has not the columns of its space, UsageError for a space that is no manifold,
   *   DomainError for rates out of range
   */
  constructor(
    private readonly parameters: FlatParameters,
    private readonly options: RiemannianAdamOptions,
  ) {
    requireAdamOptions(options);
    this.motion = new FlatMotion('RiemannianAdam', parameters, options);
    const names = ['first', 'second', ...(options.amsgrad ? ['largest'] : [])];
    const zeros = () => tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([parameters.size]), false));
    this.moments = Object.fromEntries(names.map((name) => [name, zeros()]));
  }

  get assignment(): Assignment {
    return this.motion.assignment;
  }

  apply(euclidean: tf.Tensor1D, learningRate: number): void {
    const { beta1, beta2 } = this.options;
    const { first, second, largest } = this.moments;
    this.steps++;
    tf.tidy(() => {
      const { gradient, squares } = this.motion.gradient(euclidean);
      const mean = movingMean<tf.Tensor1D>(first, gradient, beta1);
      second.assign(movingMean<tf.Tensor1D>(second, squares, beta2));
      largest?.assign(tf.maximum(largest, second));
      const { rate, epsilon } = unbiased(learningRate, this.steps, this.options);
      const step = adamStep(mean, largest ?? second, rate, epsilon);
      first.assign(this.motion.move(step, learningRate, mean));
    });
  }

  /** How many points of balls the last step's projection put back: they had come to the rim. */
  rowsAtRim(): Promise<number> {
    return this.motion.rowsAtRim();
  }

  read(): Promise<NamedTensor[]> {
    return readState('riemannianAdam', this.moments, [this.steps]);
  }

  write(tensors: readonly NamedTensor[]): void {
    const sizes = Object.keys(this.moments).map((name) => [name, this.parameters.size]);
    const found = findState(tensors, 'riemannianAdam', { ...Object.fromEntries(sizes), steps: 1 });
    tf.tidy(() => {
      for (const [name, moment] of Object.entries(this.moments)) moment.assign(tf.tensor1d(found[name]));
    });
    this.steps = found['steps'][0];
  }

  dispose(): void {
    tf.dispose(this.moments);
    this.motion.dispose();
  }
}
