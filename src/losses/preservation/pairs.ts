import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import * as tf from '../../engine/tf.js';

/**
 * The layout that all penalties of distances share: [n, n] of a batch with itself, whose diagonal never counts, or [p] of
 * chosen pairs.
 * @throws ShapeError for another rank, a matrix that is not square, or arrays of different shapes
 */
export function requirePairs(who: string, codes: tf.Tensor, inputs: tf.Tensor, weights?: tf.Tensor): void {
  const { shape } = codes;
  if (!(shape.length === 1 || (shape.length === 2 && shape[0] === shape[1]))) {
    const remedy = 'pass distances of a batch with itself, or of a list of pairs';
    throw new ShapeError(expectation(`${who} codes`, '[n, n] or [p] distances', shape, remedy));
  }
  for (const [name, other] of [['inputs', inputs] as const, ['weights', weights] as const]) {
    if (!other || other.shape.join() === shape.join()) continue;
    const remedy = 'compare the same pairs in both spaces';
    throw new ShapeError(expectation(`${who} ${name}`, `shape ${shape.join(' x ')}`, other.shape, remedy));
  }
}

/** 1 for two items, 0 for an item and itself: [n, n], or ones of a list of pairs. Call inside tidy. */
export function differentItems({ shape }: tf.Tensor): tf.Tensor {
  if (shape.length === 1) return tf.fill(shape, 1);
  const index = tf.range(0, shape[0], 1, 'int32');
  return tf.cast(tf.notEqual(tf.reshape(index, [-1, 1]), tf.reshape(index, [1, -1])), 'float32');
}

/** 0 with gradient 0: engines differ in what they make of a sum over nothing. */
export function nothingCompared(codes: tf.Tensor): tf.Scalar {
  const op = tf.customGrad((...args) => ({
    value: tf.scalar(0),
    gradFunc: () => tf.zerosLike(args[0] as unknown as tf.Tensor),
  }));
  return tf.tidy(() => op(codes) as tf.Scalar);
}

/** -1, 0 or 1, and NaN for NaN on every engine. Call inside tidy. */
export function signOf(t: tf.Tensor): tf.Tensor {
  return tf.add(tf.sign(t), tf.mul(t, 0));
}

/** max(0, t), and NaN for NaN on every engine. Call inside tidy. */
export function positivePart(t: tf.Tensor): tf.Tensor {
  return tf.mul(t, tf.step(t));
}

/** Two lists of rows of a batch, for distances row by row. */
export interface PairList {
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/** `count` pairs of different rows below n, each independent and uniform. @throws UsageError for n < 2, count < 1 */
export function samplePairs(n: number, count: number, rng: Rng): PairList {
  requireInteger(n, 2, 'samplePairs n');
  requireInteger(count, 1, 'samplePairs count');
  const first = Int32Array.from({ length: count }, () => rng.below(n));
  return { first, second: first.map((i) => (i + 1 + rng.below(n - 1)) % n) };
}
