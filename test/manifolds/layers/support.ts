import { expect } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { type ModuleSpec, Network, type Pass } from '../../../src/engine/network.js';
import { zeros } from '../../../src/engine/parameters.js';
import * as tf from '../../../src/engine/tf.js';
import type { Layer } from '../../../src/manifolds/layers/layer.js';
import { FLOAT32 } from '../../laws/tolerance.js';

/** An array of a fixture. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export const tensor = <T extends tf.Tensor = tf.Tensor2D>({ shape, data }: Values): T =>
  tf.tensor(data as number[], shape as number[], 'float32') as T;

/** Points of the ball of curvature -c, up to `reach` of its radius. */
export function ballPoints(shape: readonly number[], c: number, reach: number, seed: number): Values {
  const rng = new Rng(seed);
  const dim = shape[shape.length - 1];
  const data: number[] = [];
  for (let i = 0; i < shape.slice(0, -1).reduce((a, b) => a * b, 1); i++) {
    const direction = Array.from({ length: dim }, () => rng.normal());
    const radius = rng.uniform(0.05, reach) / Math.sqrt(c) / Math.hypot(...direction);
    data.push(...direction.map((value) => Math.fround(value * radius)));
  }
  return { shape, data };
}

/** Two more weights beside those of a layer, some of which have none or one. */
const spare: ModuleSpec = {
  parameters: ['spare', 'unused'].map((name) => ({ name, shape: [1], initial: zeros })),
  batchNorms: [],
};

/** A network with these weights in place of the initial ones; the others stay. */
export async function networkWith(
  module: ModuleSpec,
  weights: Readonly<Record<string, Values>> = {},
): Promise<Network> {
  const network = new Network([module, spare], new Rng(5));
  const tensors = await network.parameters.read();
  network.parameters.write(
    tensors.map((own) => {
      const given = weights[own.name];
      return given ? { ...own, data: Float32Array.from(given.data) } : own;
    }),
    'test',
  );
  return network;
}

/** What the layer makes of x with these weights, with the batch's own statistics. */
export async function applied<X extends tf.Tensor, Y extends tf.Tensor>(
  layer: Layer<X, Y>,
  x: Values,
  weights: Readonly<Record<string, Values>> = {},
): Promise<Values> {
  const network = await networkWith(layer, weights);
  const [shape, data] = tf.tidy(() => {
    const y = layer.apply(network.batchStatisticsPass(), tensor<X>(x));
    return [y.shape, Array.from(y.dataSync())];
  });
  network.dispose();
  return { shape, data };
}

/** Largest difference of equal shapes, relative to max(1, |expected|). */
export function difference(actual: Values, expected: Values): number {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.data).toHaveLength(expected.data.length);
  return Math.max(
    ...actual.data.map((value, i) => {
      const off = Math.abs(value - expected.data[i]) / Math.max(1, Math.abs(expected.data[i]));
      return Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    }),
  );
}

export function expectNear(actual: Values, expected: Values, tolerance = FLOAT32): void {
  expect(difference(actual, expected)).toBeLessThan(tolerance);
}

/** A fixed weighting of all values, so that no gradient cancels. */
export function weighted(y: tf.Tensor): tf.Scalar {
  const weights = tf.add(tf.cos(tf.range(0, y.size)), 0.3);
  return tf.sum(tf.mul(tf.reshape(y, [-1]), weights)) as tf.Scalar;
}

/** The weighted values, and a part of the weight `spare`. */
export function lossOf<X extends tf.Tensor, Y extends tf.Tensor>(
  layer: Layer<X, Y>,
  pass: Pass,
  x: X,
): tf.Scalar {
  return tf.add(weighted(layer.apply(pass, x)), tf.sum(pass.weight('spare')));
}

/** The layer as a function of its input alone. */
export function asFunction<X extends tf.Tensor, Y extends tf.Tensor>(
  layer: Layer<X, Y>,
  pass: Pass,
): (x: tf.Tensor) => tf.Scalar {
  return (x) => weighted(layer.apply(pass, x as X));
}

/** Weights away from their starting values, at which some gradients are 0. */
export const somewhere = (layer: ModuleSpec): Record<string, Values> =>
  Object.fromEntries(
    layer.parameters.map(({ name, shape }, k) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const data = Array.from({ length: size }, (_, i) => 0.6 * Math.sin(3 * i + k + 1) + 0.1);
      return [name, { shape, data }];
    }),
  );
