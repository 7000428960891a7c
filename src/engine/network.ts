import type { Rng } from '../core/rng.js';
import { BATCH_NORM_EPSILON, trainingBatchNorm } from './batchNorm.js';
import { releaseTape } from './ownTape.js';
import { FlatParameters, ones, type ParameterSpec, zeros } from './parameters.js';
import * as tf from './tf.js';

const STATISTICS_MOMENTUM = 0.95;

/**
 * What a module needs to exist: its trained arrays, the widths of its batch norms, and other running
 * averages.
 */
export interface ModuleSpec {
  readonly parameters: readonly ParameterSpec[];
  readonly batchNorms: readonly { readonly name: string; readonly channels: number }[];
  /** What `Pass.statistic` averages; `initial` holds until the first training step. */
  readonly statistics?: readonly ParameterSpec[];
}

/** One forward pass: modules take their weights from it by name. */
export interface Pass {
  readonly training: boolean;
  weight<T extends tf.Tensor = tf.Tensor2D>(name: string): T;
  /** x [batch, height, width, channels] normalised over all axes but the last. */
  batchNorm(name: string, x: tf.Tensor4D): tf.Tensor4D;
  /**
   * In training the batch's value, with its gradient, and the running average of that name moves on towards
   * it; at inference the running average. The average is a linear one: of points, average their tangent
   * vectors at the origin.
   */
  statistic<T extends tf.Tensor>(name: string, ofBatch: () => T): T;
}

function specOfNorms(spec: ModuleSpec): ParameterSpec[] {
  return spec.batchNorms.flatMap(({ name, channels }) => [
    { name: `${name}/scale`, shape: [channels], initial: ones },
    { name: `${name}/offset`, shape: [channels], initial: zeros },
  ]);
}

function specOfStatistics(spec: ModuleSpec): ParameterSpec[] {
  const ofNorms = spec.batchNorms.flatMap(({ name, channels }) => [
    { name: `${name}/mean`, shape: [channels], initial: zeros },
    { name: `${name}/variance`, shape: [channels], initial: ones },
  ]);
  return [...ofNorms, ...(spec.statistics ?? [])];
}

/** The state of a model: trained parameters and running statistics. */
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
    const seen: BatchValues = new Map();
    const differentiate = tf.valueAndGrad((flat) => loss(this.trainingPass(flat as tf.Tensor1D, seen)));
    try {
      const { value, grad } = differentiate(this.parameters.flat);
      this.moveStatistics(seen);
      return { value: value as tf.Scalar, gradient: grad as tf.Tensor1D };
    } catch (error) {
      releaseTape();
      disposeAll(seen);
      throw error;
    }
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
      statistic: <T extends tf.Tensor>(name: string) => required(statistics, name) as T,
    };
  }

  /** A pass with the batch's own statistics that leaves the running ones as they are. Call inside tidy. */
  batchStatisticsPass(): Pass {
    const seen: BatchValues = new Map();
    const pass = this.trainingPass(this.parameters.flat, seen);
    return {
      ...pass,
      batchNorm: (name, x) => {
        const y = pass.batchNorm(name, x);
        disposeAll(seen);
        return y;
      },
      statistic: (_, ofBatch) => ofBatch(),
    };
  }

  private trainingPass(flat: tf.Tensor1D, seen: BatchValues): Pass {
    const weights = this.parameters.views(flat);
    const see = (name: string, kept: tf.Tensor) => {
      seen.get(name)?.dispose();
      seen.set(name, kept);
    };
    return {
      training: true,
      weight: <T extends tf.Tensor>(name: string) => required(weights, name) as T,
      batchNorm: (name, x) =>
        trainingBatchNorm(
          x,
          required(weights, `${name}/scale`) as tf.Tensor1D,
          required(weights, `${name}/offset`) as tf.Tensor1D,
          ({ mean, variance }) => {
            see(`${name}/mean`, mean);
            see(`${name}/variance`, variance);
          },
        ),
      statistic: (name, ofBatch) => {
        const value = ofBatch();
        see(name, tf.keep(tf.clone(value)));
        return value;
      },
    };
  }

  private moveStatistics(seen: BatchValues): void {
    if (seen.size === 0) return;
    tf.tidy(() => {
      const batch = tf.concat(
        this.statistics.specs.map(({ name, shape }) => {
          const value = required(seen, name);
          return shape.length === 1 ? (value as tf.Tensor1D) : tf.reshape<tf.Rank.R1>(value, [-1]);
        }),
      );
      const { flat } = this.statistics;
      flat.assign(
        tf.add(tf.mul(flat, STATISTICS_MOMENTUM), tf.mul(batch, 1 - STATISTICS_MOMENTUM)) as tf.Tensor1D,
      );
    });
    disposeAll(seen);
  }

  dispose(): void {
    this.parameters.dispose();
    this.statistics.dispose();
  }
}

/** Statistics of one training batch by name, kept: whoever takes them disposes of them. */
type BatchValues = Map<string, tf.Tensor>;

function disposeAll(values: BatchValues): void {
  for (const tensor of values.values()) tensor.dispose();
  values.clear();
}

function required(tensors: ReadonlyMap<string, tf.Tensor>, name: string): tf.Tensor {
  const tensor = tensors.get(name);
  if (!tensor)
    throw new Error(
      `network: no array named ${name}; a module declared one and used another, or left it out`,
    );
  return tensor;
}
