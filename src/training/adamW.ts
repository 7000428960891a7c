import { expectation, FormatError } from '../core/errors.js';
import type { NamedTensor } from '../core/safetensors.js';
import type { FlatParameters } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients of a larger norm are scaled down to it. */
  readonly clipNorm: number;
}

/**
 * Adam with decoupled weight decay on one flat vector. Arrays of rank 1 (scales, offsets) do not decay; the others
 * shrink by learningRate * weightDecay a step.
 * @source Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2
 */
export class AdamW {
  private readonly first: tf.Variable<tf.Rank.R1>;
  private readonly second: tf.Variable<tf.Rank.R1>;
  private readonly decays: tf.Tensor1D;
  private steps = 0;

  constructor(
    private readonly parameters: FlatParameters,
    private readonly options: AdamWOptions,
  ) {
    const mask = new Float32Array(parameters.size);
    let offset = 0;
    for (const { shape } of parameters.specs) {
      const size = shape.reduce((a, b) => a * b, 1);
      if (shape.length > 1) mask.fill(options.weightDecay, offset, offset + size);
      offset += size;
    }
    this.first = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([parameters.size]), false));
    this.second = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([parameters.size]), false));
    this.decays = tf.tidy(() => tf.keep(tf.tensor1d(mask)));
  }

  /** Moves the parameters against `gradient` [size]. */
  apply(gradient: tf.Tensor1D, learningRate: number): void {
    const { beta1, beta2, epsilon, clipNorm } = this.options;
    this.steps++;
    tf.tidy(() => {
      const norm = tf.sqrt(tf.sum(tf.square(gradient)));
      const g = tf.mul(gradient, tf.div(clipNorm, tf.maximum(norm, clipNorm)));
      this.first.assign(tf.add(tf.mul(this.first, beta1), tf.mul(g, 1 - beta1)));
      this.second.assign(tf.add(tf.mul(this.second, beta2), tf.mul(tf.square(g), 1 - beta2)));
      // Both bias corrections in one factor, as Kingma and Ba 2015 do, section 2; epsilon takes its share of it.
      const unbias = Math.sqrt(1 - beta2 ** this.steps);
      const rate = (learningRate * unbias) / (1 - beta1 ** this.steps);
      const step = tf.mul(tf.div(this.first, tf.add(tf.sqrt(this.second), epsilon * unbias)), rate);
      const { flat } = this.parameters;
      const decay = tf.mul(tf.mul(flat, this.decays), learningRate);
      flat.assign(tf.sub(flat, tf.add(step, decay)) as tf.Tensor1D);
    });
  }

  async read(): Promise<NamedTensor[]> {
    const array = async (name: string, tensor: tf.Tensor) => ({
      name,
      shape: tensor.shape,
      data: (await tensor.data()) as Float32Array,
    });
    return [
      await array('adamW/first', this.first),
      await array('adamW/second', this.second),
      { name: 'adamW/steps', shape: [1], data: Float32Array.of(this.steps) },
    ];
  }

  /** @throws FormatError unless the arrays have this optimiser's size; nothing is changed then */
  write(tensors: readonly NamedTensor[]): void {
    const [first, second, steps] = ['first', 'second', 'steps'].map((part) => {
      const found = tensors.find(({ name }) => name === `adamW/${part}`);
      const size = part === 'steps' ? 1 : this.parameters.size;
      if (found?.data.length === size) return found.data;
      throw new FormatError(
        expectation(
          `adamW/${part}`,
          `${size} values`,
          found?.data.length,
          'use the state that belongs to this config',
        ),
      );
    });
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
