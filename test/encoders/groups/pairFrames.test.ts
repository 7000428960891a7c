import { beforeAll, describe, expect, it } from 'vitest';
import { spaceFrames } from '../../../src/encoders/groups/frames.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { gradientError } from '../../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const PULL = [0.3, -1.1, 0.7, 0.9, 0.2, -0.5, -0.8, 1.3, 0.4];

const pulled = (features: tf.Tensor): tf.Scalar =>
  tf.sum(tf.mul(spaceFrames(features as tf.Tensor3D, false), tf.tensor3d(PULL, [1, 3, 3])));

describe('spaceFrames of two vectors', () => {
  it('has the gradient that differences show', () => {
    tf.tidy(() => {
      const features = tf.tensor3d([0.9, -0.4, 1.2, 0.3, 1.5, -0.7, -2, 0.5, 0.1, 1.9, 0.4, 0.6], [2, 2, 3]);
      expect(gradientError(pulled, features, 2e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    });
  });

  it('passes no gradient on where a vector is zero or both lie on a line, and NaN where one is NaN', () => {
    const rows = [
      [0, 0, 0, 1, 2, 3],
      [1, 2, 3, 0, 0, 0],
      [1, 2, 3, -2, -4, -6],
      [0, 0, 0, 0, 0, 0],
      [1, Number.NaN, 3, 2, 0, 1],
    ];
    const gradient = tf.tidy(() => {
      const features = tf.tensor3d(rows.flat(), [rows.length, 2, 3]);
      return tf.grad(pulled)(features).arraySync() as number[][][];
    });
    for (const item of gradient.slice(0, 4)) for (const value of item.flat()) expect(Math.abs(value)).toBe(0);
    for (const value of gradient[4].flat()) expect(value).toBeNaN();
  });
});
