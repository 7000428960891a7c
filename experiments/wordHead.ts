import { type ModuleSpec, type Pass, type Rng, takeRows, tf } from '../src/index.js';
import type { WordTree } from './wordTree.js';

/** Numbers of a perceptron of one hidden layer, and the deviation of its outputs' weights at the start. */
export interface HeadShape {
  readonly features: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly spread: number;
}

export function headParameters({ features, hidden, outputs, spread }: HeadShape): ModuleSpec['parameters'] {
  return [
    { name: 'hidden/kernel', shape: [features, hidden], initial: normal(Math.sqrt(2 / features)) },
    { name: 'hidden/bias', shape: [hidden], initial: zeros },
    { name: 'output/kernel', shape: [hidden, outputs], initial: normal(spread) },
    { name: 'output/bias', shape: [outputs], initial: zeros },
  ];
}

/** features -> hidden, ReLU -> outputs: [n, features] -> [n, outputs] */
export function headOutputs(pass: Pick<Pass, 'weight'>, x: tf.Tensor2D): tf.Tensor2D {
  const hidden: tf.Tensor2D = tf.relu(
    tf.add(tf.matMul(x, pass.weight('hidden/kernel')), pass.weight('hidden/bias')),
  );
  return tf.add(tf.matMul(hidden, pass.weight('output/kernel')), pass.weight('output/bias'));
}

/** Vectors of words less the mean of the training words, over their deviation. The caller's to dispose of. */
export function standardized({ vectors }: WordTree, train: Int32Array, words: Int32Array): tf.Tensor2D {
  return tf.tidy(() => {
    const [x, known] = [words, train].map((rows) =>
      tf.tensor2d(takeRows(vectors, rows).data, [rows.length, vectors.columns]),
    );
    const { mean, variance } = tf.moments(known, 0);
    return tf.div(tf.sub(x, mean), tf.sqrt(variance)) as tf.Tensor2D;
  });
}

function normal(deviation: number): (rng: Rng, size: number) => Float32Array {
  return (rng, size) => Float32Array.from({ length: size }, () => deviation * rng.normal());
}

function zeros(_: Rng, size: number): Float32Array {
  return new Float32Array(size);
}
