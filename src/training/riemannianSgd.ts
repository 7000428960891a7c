import type { NamedTensor } from '../core/safetensors.js';
import type { FlatParameters } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { requireSgdOptions } from '../geometry/riemannianDescent.js';
import type { Assignment } from './assignment.js';
import { FlatMotion, type FlatMotionOptions } from './flatMotion.js';
import type { Optimizer } from './optimizer.js';
import { findState, readState } from './optimizerState.js';

export interface MomentumOptions {
  /** In [0, 1); default 0. */
  readonly momentum?: number;
  /** The gradient enters the momentum times 1 - dampening, from the first step on. In [0, 1); default 0. */
  readonly dampening?: number;
  /** Goes where the momentum will lead; needs momentum > 0 and dampening 0. Default false. */
  readonly nesterov?: boolean;
}

export interface RiemannianSgdOptions extends MomentumOptions, FlatMotionOptions {}

/** Momentum behind a step and the direction of the step, which goes against it. */
export function sgdDirection<T extends tf.Tensor>(
  before: T,
  gradient: T,
  { momentum, dampening, nesterov }: Required<MomentumOptions>,
): { momentum: T; direction: T } {
  const kept = tf.add(tf.mul(before, momentum), tf.mul(gradient, 1 - dampening)) as T;
  return { momentum: kept, direction: nesterov ? (tf.add(gradient, tf.mul(kept, momentum)) as T) : kept };
}

export function withMomentumDefaults(options: MomentumOptions): Required<MomentumOptions> {
  const { momentum = 0, dampening = 0, nesterov = false } = options;
  const rates = { momentum, dampening, nesterov };
  requireSgdOptions(rates);
  return rates;
}

/**
 * Stochastic gradient descent with momentum on flat parameters of which some arrays are points of manifolds
 * (`ParameterSpec.space`). A point follows the geodesic of its step and is then put back on its manifold by
 * `Manifold.project`; `rowsAtRim` counts the points of balls that had come to the rim. The momentum, zero at the start,
 * is transported along. Decays as those of RiemannianAdam.
 * @source Bonnabel 2013, arXiv:1111.5280, eq. 2; momentum as in Sutskever et al. 2013, section 2
 */
export class RiemannianSGD implements Optimizer {
  private readonly motion: FlatMotion;
  private readonly rates: Required<MomentumOptions>;
  private readonly momentum: tf.Variable<tf.Rank.R1>;

  /** @throws as RiemannianAdam, and UsageError for nesterov without what it needs */
  constructor(
    private readonly parameters: FlatParameters,
    options: RiemannianSgdOptions = {},
  ) {
    this.rates = withMomentumDefaults(options);
    this.motion = new FlatMotion('RiemannianSGD', parameters, options);
    this.momentum = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([parameters.size]), false));
  }

  get assignment(): Assignment {
    return this.motion.assignment;
  }

  apply(euclidean: tf.Tensor1D, learningRate: number): void {
    tf.tidy(() => {
      const { gradient } = this.motion.gradient(euclidean);
      const { momentum, direction } = sgdDirection<tf.Tensor1D>(this.momentum, gradient, this.rates);
      const step: tf.Tensor1D = tf.mul(direction, learningRate);
      this.momentum.assign(this.motion.move(step, learningRate, momentum));
    });
  }

  /** How many points of balls the last step's projection put back: they had come to the rim. */
  rowsAtRim(): Promise<number> {
    return this.motion.rowsAtRim();
  }

  read(): Promise<NamedTensor[]> {
    return readState('riemannianSgd', { momentum: this.momentum });
  }

  write(tensors: readonly NamedTensor[]): void {
    const found = findState(tensors, 'riemannianSgd', { momentum: this.parameters.size });
    tf.tidy(() => this.momentum.assign(tf.tensor1d(found.momentum)));
  }

  dispose(): void {
    this.momentum.dispose();
    this.motion.dispose();
  }
}
