import { requirePositive, requireWithin } from '../../core/checks.js';
import { expectation, FormatError } from '../../core/errors.js';
import type { NamedTensor } from '../../core/safetensors.js';
import type { Network, Pass } from '../../engine/network.js';
import { releaseTape } from '../../engine/ownTape.js';
import * as tf from '../../engine/tf.js';

export interface GradientBalanceOptions {
  /** Norm of the weighted penalty's gradient over that of the task's, > 0. */
  readonly share: number;
  /** How much of the averaged norms stays at an update, 0 <= decay < 1. Default 0.9. */
  readonly decay?: number;
}

const NAME = 'preservation/norms';

/**
 * The weight of a penalty by gradient norms, share |∇task| / |∇penalty|, both averaged over updates, so that its pull keeps
 * one proportion to the task's whatever its unit. An update takes a backward pass of each and waits for nothing: norms
 * stay on the device. Before the first update, and where the penalty has never had a gradient, the weight is 0. Dispose
 * of it when done.
 * @source Chen et al. 2018, arXiv:1711.02257 (GradNorm), with the ratio set instead of trained
 */
export class GradientBalance {
  private readonly share: number;
  private readonly decay: number;
  /** Moving sums of both norms; what an average divides by cancels in their ratio. */
  private readonly norms: tf.Variable<tf.Rank.R1>;

  /** @throws DomainError for options out of range */
  constructor({ share, decay = 0.9 }: GradientBalanceOptions) {
    requirePositive(share, 'GradientBalance share');
    requireWithin(decay, 0, 'GradientBalance decay', 1 - Number.EPSILON);
    this.share = share;
    this.decay = decay;
    this.norms = tf.tidy(() => tf.variable(tf.zeros([2]) as tf.Tensor1D));
  }

  /** Measures both gradients with the batch's statistics, outside of any tape; the network stays as it is. */
  update(network: Network, task: (pass: Pass) => tf.Scalar, penalty: (pass: Pass) => tf.Scalar): void {
    tf.tidy(() => {
      const now = tf.stack([task, penalty].map((loss) => gradientNorm(network, loss)));
      const kept = tf.mul(this.norms, this.decay);
      this.norms.assign(tf.add(kept, tf.mul(now, 1 - this.decay)) as tf.Tensor1D);
    });
  }

  /** The weight as it is now. Call inside tidy. */
  weight(): tf.Scalar {
    const [task, penalty] = tf.split(this.norms, 2);
    return tf.mul(tf.reshape(tf.divNoNan(task, penalty), []), this.share);
  }

  /** What a training that goes on later needs. */
  async read(): Promise<NamedTensor[]> {
    const data = (await this.norms.data()) as Float32Array;
    return [{ name: NAME, shape: [2], data: data.slice() }];
  }

  /** @throws FormatError unless the arrays that `read` gave are among them */
  write(tensors: readonly NamedTensor[]): void {
    const found = tensors.find(({ name }) => name === NAME);
    if (found?.data.length !== 2) {
      const remedy = 'use the state of a training with the same config';
      throw new FormatError(expectation(NAME, '2 values', found?.data.length ?? 'none', remedy));
    }
    tf.tidy(() => this.norms.assign(tf.tensor1d(Float32Array.from(found.data))));
  }

  dispose(): void {
    this.norms.dispose();
  }
}

function gradientNorm(network: Network, loss: (pass: Pass) => tf.Scalar): tf.Scalar {
  const { flat } = network.parameters;
  try {
    const { grads } = tf.variableGrads(() => loss(network.batchStatisticsPass()), [flat]);
    return tf.sqrt(tf.sum(tf.square(grads[flat.name])));
  } catch (error) {
    releaseTape();
    throw error;
  }
}
