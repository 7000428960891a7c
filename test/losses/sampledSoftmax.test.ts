import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { sampledSoftmax } from '../../src/losses/contrastive/sampledSoftmax.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const NEAR = [0.3, 1.2, 0.7, 2];
const FAR = [
  [1.1, 0.2, 0.9],
  [0.4, 2.2, 1.3],
  [0.6, 0.8, 1],
];
const ANCHORS = [0, 0, 2, 1];
const EXCLUDED = [
  [0, 1, 0],
  [0, 0, 0],
  [0, 0, 1],
];

const anchors = () => tf.tensor1d(ANCHORS, 'int32');
const lossOf = (near: tf.Tensor, far: tf.Tensor, temperature = 0.5) =>
  sampledSoftmax(
    {
      positives: near as tf.Tensor1D,
      negatives: far as tf.Tensor2D,
      anchors: anchors(),
      excluded: tf.tensor2d(EXCLUDED),
    },
    temperature,
  );

describe('sampledSoftmax', () => {
  it('is the loop over pairs', () => {
    const t = 0.5;
    const terms = NEAR.map((d, p) => {
      const own = Math.exp(-d / t);
      const others = FAR[ANCHORS[p]].map((e, k) => (EXCLUDED[ANCHORS[p]][k] === 1 ? 0 : Math.exp(-e / t)));
      return -Math.log(own / (own + others.reduce((a, b) => a + b, 0)));
    });
    const expected = terms.reduce((a, b) => a + b, 0) / NEAR.length;
    const loss = tf.tidy(() => lossOf(tf.tensor1d(NEAR), tf.tensor2d(FAR), t).dataSync()[0]);
    expect(Math.abs(loss - expected)).toBeLessThan(FLOAT32);
  });

  it('has the closed-form gradient to positives and to negatives', () => {
    const near = tf.tensor1d(NEAR);
    const far = tf.tensor2d(FAR);
    expect(gradientError((x) => lossOf(x, far), near)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    expect(gradientError((x) => lossOf(near, x), far)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([near, far]);
  });

  it('adds nothing, and pulls at nothing, where all candidates are excluded', () => {
    const [value, ...gradients] = tf.tidy(() => {
      const f = (near: tf.Tensor1D, far: tf.Tensor2D) =>
        sampledSoftmax(
          {
            positives: near,
            negatives: far,
            anchors: tf.tensor1d([0], 'int32'),
            excluded: tf.ones([1, 2]) as tf.Tensor2D,
          },
          1,
        );
      const result = tf.valueAndGrads(f as (...x: tf.Tensor[]) => tf.Scalar)([
        tf.tensor1d([3]),
        tf.tensor2d([[1, 2]]),
      ]);
      return [result.value, ...result.grads].map((t) => [...t.dataSync()].map((x) => x + 0));
    });
    expect(value).toEqual([0]);
    expect(gradients).toEqual([[0], [0, 0]]);
  });

  it('is NaN where a distance is', () => {
    const loss = tf.tidy(() => lossOf(tf.tensor1d([Number.NaN, 1, 1, 1]), tf.tensor2d(FAR)).dataSync()[0]);
    expect(loss).toBeNaN();
  });

  it('leaves no tensors behind', async () => {
    const inputs = [tf.tensor1d(NEAR), tf.tensor2d(FAR)];
    const grads = tf.grads((near, far) => lossOf(near, far));
    expect(await leakedTensors(() => tf.tidy(() => grads(inputs)))).toBe(0);
    tf.dispose(inputs);
  });

  it('refuses other shapes and temperatures', () => {
    expect(() => tf.tidy(() => lossOf(tf.tensor1d([1]), tf.tensor2d(FAR)))).toThrow(ShapeError);
    expect(() => tf.tidy(() => lossOf(tf.tensor1d(NEAR), tf.tensor2d([[1]])))).toThrow(ShapeError);
    for (const bad of [0, -1, Number.NaN]) {
      expect(() => tf.tidy(() => lossOf(tf.tensor1d(NEAR), tf.tensor2d(FAR), bad))).toThrow(DomainError);
    }
  });
});
