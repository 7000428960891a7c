import { expectation, UsageError } from '../core/errors.js';
import type { NamedTensor } from '../core/safetensors.js';
import type { FlatParameters } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { adamStep, movingMean } from './adamRule.js';
import { type Assignment, assignmentOf, decayOfEach, describeSpace, isCurved } from './assignment.js';
import { type AdamRates, unbiased } from './biasCorrection.js';
import type { Optimizer } from './optimizer.js';
import { findState, readState } from './optimizerState.js';

export interface AdamWOptions extends AdamRates {
  readonly weightDecay: number;
  /** Gradients of a larger norm are scaled down to it. */
  readonly clipNorm: number;
}

/**
 * Adam with decoupled weight decay on one flat vector. Arrays of rank 1 (scales, offsets) do not decay; the others
 * shrink by learningRate * weightDecay a step.
 * @source Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2
 */
export class AdamW implements Optimizer {
  readonly assignment: Assignment;
  private readonly first: tf.Variable<tf.Rank.R1>;
  private readonly second: tf.Variable<tf.Rank.R1>;
  private readonly decays: tf.Tensor1D;
  private steps = 0;

  /** @throws UsageError for an array whose rows are points of a curved space: adding to them would leave it */
  constructor(
    private readonly parameters: FlatParameters,
    private readonly options: AdamWOptions,
  ) {
    this.assignment = assignmentOf(parameters.specs);
    requireFlat(this.assignment);
    const decays = decayOfEach(this.assignment, options.weightDecay);
    this.first = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([parameters.size]), false));
    this.second = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([parameters.size]), false));
    this.decays = tf.tidy(() => tf.keep(tf.tensor1d(decays)));
  }

  apply(gradient: tf.Tensor1D, learningRate: number): void {
    const { beta1, beta2, clipNorm } = this.options;
    this.steps++;
    tf.tidy(() => {
      const norm = tf.sqrt(tf.sum(tf.square(gradient)));
      const g: tf.Tensor1D = tf.mul(gradient, tf.div(clipNorm, tf.maximum(norm, clipNorm)));
      this.first.assign(movingMean<tf.Tensor1D>(this.first, g, beta1));
      this.second.assign(movingMean<tf.Tensor1D>(this.second, tf.square(g), beta2));
      const { rate, epsilon } = unbiased(learningRate, this.steps, this.options);
      const step = adamStep(this.first, this.second, rate, epsilon);
      const { flat } = this.parameters;
      const decay = tf.mul(tf.mul(flat, this.decays), learningRate);
      flat.assign(tf.sub(flat, tf.add(step, decay)) as tf.Tensor1D);
    });
  }

  read(): Promise<NamedTensor[]> {
    return readState('adamW', { first: this.first, second: this.second }, [this.steps]);
  }

  write(tensors: readonly NamedTensor[]): void {
    const { size } = this.parameters;
    const { first, second, steps } = findState(tensors, 'adamW', { first: size, second: size, steps: 1 });
    tf.tidy(() => {
      this.first.assign(tf.tensor1d(first));
      this.second.assign(tf.tensor1d(second));
    });
    this.steps = steps[0];
  }

  dispose(): void {
    tf.dispose([this.first, this.second, this.decays]);
  }
}

function requireFlat(assignment: Assignment): void {
  const curved = assignment.find(({ space }) => isCurved(space));
  if (!curved) return;
  const who = `AdamW parameter ${curved.name}`;
  throw new UsageError(
    expectation(who, 'a euclidean array', describeSpace(curved.space), 'take RiemannianAdam'),
  );
}
