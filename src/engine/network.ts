import type { Rng } from '../core/rng.js';
import { BATCH_NORM_EPSILON, type BatchStatistics, trainingBatchNorm } from './batchNorm.js';
import { FlatParameters, ones, type ParameterSpec, zeros } from './parameters.js';
import * as tf from './tf.js';

const STATISTICS_MOMENTUM = 0.95;

/** What a module needs to exist: its trained arrays and the widths of its batch norms. */
export interface ModuleSpec {
  readonly parameters: readonly ParameterSpec[];
  readonly batchNorms: readonly { readonly name: string; readonly channels: number }[];
}

/** One forward pass: modules take their weights from it by name. */
export interface Pass {
  readonly training: boolean;
  weight<T extends tf.Tensor = tf.Tensor2D>(name: string): T;
  /** x [batch, height, width, channels] normalised over all axes but the last. */
  batchNorm(name: string, x: tf.Tensor4D): tf.Tensor4D;
}

function specOfNorms(spec: ModuleSpec): ParameterSpec[] {
  return spec.batchNorms.flatMap(({ name, channels }) => [
    { name: `${name}/scale`, shape: [channels], initial: ones },
    { name: `${name}/offset`, shape: [channels], initial: zeros },
  ]);
}

function specOfStatistics(spec: ModuleSpec): ParameterSpec[] {
  return spec.batchNorms.flatMap(({ name, channels }) => [
    { name: `${name}/mean`, shape: [channels], initial: zeros },
    { name: `${name}/variance`, shape: [channels], initial: ones },
  ]);
}

/** The state of a model: trained parameters and the running statistics of its batch norms. */
export class Network {
  readonly parameters: FlatParameters;
  readonly statistics: FlatParameters;

  constructor(modules: readonly ModuleSpec[], rng: Rng) {
    this.parameters = new FlatParameters(
      modules.flatMap((m) => [...m.parameters, ...specOfNorms(m)]),
      rng.split('parameters'),
    );
    this.statistics = new FlatParameters(modules.flatMap(specOfStatistics), rng.split('statistics'));
  }

  /**
   * Value and gradient of `loss` with respect to all parameters; running statistics move on.
   * The caller disposes of both results.
   */
  gradient(loss: (pass: Pass) => tf.Scalar): { value: tf.Scalar; gradient: tf.Tensor1D } {
    const seen = new Map<string, BatchStatistics>();
    const differentiate = tf.valueAndGrad((flat) => loss(this.trainingPass(flat as tf.Tensor1D, seen)));
    const { value, grad } = differentiate(this.parameters.flat);
    this.moveStatistics(seen);
    return { value: value as tf.Scalar, gradient: grad as tf.Tensor1D };
  }

  /** A pass with running statistics in place of the batch's. Call inside tidy. */
  inferencePass(): Pass {
    const weights = this.parameters.views(this.parameters.flat);
    const statistics = this.statistics.views(this.statistics.flat);
    return {
      training: false,
      weight: <T extends tf.Tensor>(name: string) => required(weights, name) as T,
      batchNorm: (name, x) =>
        tf.batchNorm(
          x,
          required(statistics, `${name}/mean`) as tf.Tensor1D,
          required(statistics, `${name}/variance`) as tf.Tensor1D,
          required(weights, `${name}/offset`) as tf.Tensor1D,
          required(weights, `${name}/scale`) as tf.Tensor1D,
          BATCH_NORM_EPSILON,
        ) as tf.Tensor4D,
    };
  }

  /** A pass with the batch's own statistics that leaves the running ones as they are. Call inside tidy. */
  batchStatisticsPass(): Pass {
    const seen = new Map<string, BatchStatistics>();
    const pass = this.trainingPass(this.parameters.flat, seen);
    return {
      ...pass,
      batchNorm: (name, x) => {
        const y = pass.batchNorm(name, x);
        const { mean, variance } = seen.get(name)!;
        tf.dispose([mean, variance]);
        return y;
      },
    };
  }

  private trainingPass(flat: tf.Tensor1D, seen: Map<string, BatchStatistics>): Pass {
    const weights = this.parameters.views(flat);
    return {
      training: true,
      weight: <T extends tf.Tensor>(name: string) => required(weights, name) as T,
      batchNorm: (name, x) =>
        trainingBatchNorm(
          x,
          required(weights, `${name}/scale`) as tf.Tensor1D,
          required(weights, `${name}/offset`) as tf.Tensor1D,
          (statistics) => seen.set(name, statistics),
        ),
    };
  }

  private moveStatistics(seen: ReadonlyMap<string, BatchStatistics>): void {
    if (seen.size === 0) return;
    const norms = [...new Set(this.statistics.specs.map(({ name }) => name.slice(0, name.lastIndexOf('/'))))];
    tf.tidy(() => {
      const batch = tf.concat(
        norms.flatMap((name) => {
          const { mean, variance } = seen.get(name)!;
          return [mean, variance];
        }),
      );
      const { flat } = this.statistics;
      flat.assign(
        tf.add(tf.mul(flat, STATISTICS_MOMENTUM), tf.mul(batch, 1 - STATISTICS_MOMENTUM)) as tf.Tensor1D,
      );
    });
    for (const statistics of seen.values()) tf.dispose([statistics.mean, statistics.variance]);
  }

  dispose(): void {
    this.parameters.dispose();
    this.statistics.dispose();
  }
}

function required(tensors: ReadonlyMap<string, tf.Tensor>, name: string): tf.Tensor {
  const tensor = tensors.get(name);
  if (!tensor)
    throw new Error(`network: no array named ${name}; a module asked for one that it did not declare`);
  return tensor;
}
