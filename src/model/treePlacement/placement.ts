import { requireFinite } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { type Matrix32, matrix } from '../../core/matrix.js';
import type { NamedTensor } from '../../core/safetensors.js';
import { columnsOf, type Space } from '../../core/space.js';
import { heNormal, normal, type ParameterSpec, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { requirePoints } from '../../geometry/points.js';
import { type CodeChart, codeChart } from './codeChart.js';

/** A trained map from features of an item to a point among the codes of a tree. Plain data: nothing to dispose of. */
export interface Placement {
  /** That of the codes. */
  readonly space: Space;
  /** mean and deviation [features] of the training items; hidden/kernel, hidden/bias, output/kernel, output/bias. */
  readonly weights: readonly NamedTensor[];
}

/** Outputs begin this far from 0, so that all items start near the origin. */
const START = 0.1;

/** Arrays of the perceptron features -> hidden, ReLU -> outputs. */
export function perceptronSpecs(features: number, hidden: number, outputs: number): ParameterSpec[] {
  return [
    { name: 'hidden/kernel', shape: [features, hidden], initial: heNormal(features) },
    { name: 'hidden/bias', shape: [hidden], initial: zeros },
    { name: 'output/kernel', shape: [hidden, outputs], initial: normal(START / Math.sqrt(hidden)) },
    { name: 'output/bias', shape: [outputs], initial: zeros },
  ];
}

/** Weights by name. */
export type WeightOf = <T extends tf.Tensor>(name: string) => T;

/** Outputs of the perceptron on standardised features, [n, features] -> [n, outputs]. */
export function perceptron(x: tf.Tensor2D, weight: WeightOf): tf.Tensor2D {
  const hidden: tf.Tensor2D = tf.relu(
    tf.add(tf.matMul(x, weight<tf.Tensor2D>('hidden/kernel')), weight('hidden/bias')),
  );
  return tf.add(tf.matMul(hidden, weight<tf.Tensor2D>('output/kernel')), weight('output/bias'));
}

/** Rows less the mean, over the deviation, column by column. */
export function standardized(x: tf.Tensor2D, weight: WeightOf): tf.Tensor2D {
  return tf.div(tf.sub(x, weight('mean')), weight('deviation'));
}

/** Items placed at a time. */
const BLOCK = 4096;

/**
 * Points of items, to be compared with the codes of the tree by distances of `placement.space`, or put into an index of
 * them.
 * @param inputs [n, features]
 * @returns [n, columnsOf(space)]
 * @throws ShapeError for another number of features, DomainError for a row that is not finite, or that comes to lie
 *   where float32 has no points of the space (beyond radius 17 of a ball of curvature -1)
 */
export async function placeItems({ space, weights }: Placement, inputs: Matrix32): Promise<Matrix32> {
  const chart = codeChart(space);
  const features = weights.find(({ name }) => name === 'mean')?.shape[0];
  if (inputs.columns !== features) {
    const remedy = 'pass vectors of the kind that the placement was trained on';
    throw new ShapeError(expectation('placeItems', `${features} columns`, inputs.columns, remedy));
  }
  requireFinite(inputs.data, inputs.columns, 'placeItems');
  const blocks: Float32Array[] = [];
  for (let from = 0; from < inputs.rows; from += BLOCK) {
    const to = Math.min(inputs.rows, from + BLOCK);
    blocks.push(await placeBlock(chart, weights, inputs, from, to));
  }
  const columns = columnsOf(chart.metric.space);
  const data = new Float32Array(inputs.rows * columns);
  let at = 0;
  for (const block of blocks) {
    data.set(block, at);
    at += block.length;
  }
  const points = chart.lower(matrix(data, inputs.rows, columns));
  requirePoints(space, points, 'placeItems');
  return points;
}

async function placeBlock(
  chart: CodeChart,
  weights: Placement['weights'],
  { data, columns }: Matrix32,
  from: number,
  to: number,
): Promise<Float32Array> {
  const points = tf.tidy(() => {
    const tensors = new Map(weights.map((w) => [w.name, tf.tensor(w.data, [...w.shape])]));
    const weight: WeightOf = <T extends tf.Tensor>(name: string) => tensors.get(name) as T;
    const x = tf.tensor2d(data.subarray(from * columns, to * columns), [to - from, columns]);
    return chart.toPoints(perceptron(standardized(x, weight), weight));
  });
  try {
    return (await points.data()) as Float32Array;
  } finally {
    points.dispose();
  }
}
