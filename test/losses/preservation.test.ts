import { beforeAll, describe, expect, it } from 'vitest';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { loadMnist } from '../../src/data/mnist.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { orientationLoss } from '../../src/losses/orientation.js';
import { distancePreservation } from '../../src/losses/preservation/distancePreservation.js';
import { tensorOrbitDistance } from '../../src/losses/preservation/orbitDistance.js';
import { orbitDistanceMatrix } from '../../src/symmetry/orbitDistance.js';
import { polarSamplingMatrix } from '../../src/symmetry/polar.js';
import { rotateImages } from '../../src/symmetry/rotation.js';
import { gradientError } from '../laws/gradient.js';

beforeAll(async () => {
  await openEngine();
});

const symmetric = (n: number, seed: number) =>
  tf.tidy(() => {
    const half = tf.abs(tf.randomNormal([n, n], 1, 0.5, 'float32', seed));
    return tf.mul(
      tf.add(half, tf.transpose(half)),
      tf.sub(1, tf.oneHot(tf.range(0, n, 1, 'int32'), n)),
    ) as tf.Tensor2D;
  });

describe('distancePreservation', () => {
  it('is 0 when codes are a scaled copy of the inputs', () => {
    const d = symmetric(6, 1);
    expect(tf.tidy(() => distancePreservation(tf.mul(d, 3.7), d).dataSync()[0])).toBeCloseTo(0, 10);
    d.dispose();
  });

  it('does not change with the unit of either distance', () => {
    const [e, d] = [symmetric(6, 2), symmetric(6, 3)];
    const value = (a: number, b: number) =>
      tf.tidy(() => distancePreservation(tf.mul(e, a), tf.mul(d, b)).dataSync()[0]);
    expect(value(5, 0.1)).toBeCloseTo(value(1, 1), 5);
    tf.dispose([e, d]);
  });

  it('falls along its negative gradient', () => {
    const [e, d] = [symmetric(6, 4), symmetric(6, 5)];
    const [before, after] = tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((t) => distancePreservation(t as tf.Tensor2D, d))(e);
      return [value.dataSync()[0], distancePreservation(tf.sub(e, tf.mul(grad, 0.5)), d).dataSync()[0]];
    });
    expect(after).toBeLessThan(before);
    tf.dispose([e, d]);
  });

  it('is 0 with gradient 0 when all inputs are the same point', () => {
    const e = symmetric(4, 6);
    const { value, grad } = tf.valueAndGrad((t) => distancePreservation(t as tf.Tensor2D, tf.zeros([4, 4])))(
      e,
    );
    expect(value.dataSync()[0]).toBe(0);
    expect(Array.from(grad.dataSync()).every((g) => g === 0)).toBe(true);
    tf.dispose([e, value, grad]);
  });
});

describe('orbit distance on tensors', () => {
  const grid = { height: 28, width: 28, radii: 14, angles: 32 };
  const digits = loadMnist('test');
  const count = 12;
  const angles = Float64Array.from({ length: count }, (_, i) => i);
  const pixels = rotateImages(digits.pixels.slice(0, count * 784), count, 28, 28, angles);

  it('agrees with the float64 reference on turned digits', () => {
    const sampling = polarSamplingMatrix(grid);
    const orbit = tensorOrbitDistance(grid);
    const got = tf.tidy(() => orbit.pairwise(tf.tensor2d(pixels, [count, 784])).dataSync());
    const polar = tf.tidy(() =>
      tf.matMul(tf.tensor2d(pixels, [count, 784]), tf.tensor2d(sampling.data, [784, 14 * 32])).dataSync(),
    );
    const exact = orbitDistanceMatrix(
      matrix(polar as Float32Array, count, 448),
      matrix(polar as Float32Array, count, 448),
      grid,
    );
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        // Squares are subtracted in float32, so equal images come out at the root of its rounding.
        const tolerance = i === j ? 0.1 : 1e-3 * exact.data[i * count + j];
        expect(Math.abs(got[i * count + j] - exact.data[i * count + j])).toBeLessThan(tolerance);
      }
    }
    orbit.dispose();
  });

  it('is nearly blind to turns: a digit and itself turned are nearer than different digits', () => {
    const orbit = tensorOrbitDistance(grid);
    const turned = rotateImages(
      pixels,
      count,
      28,
      28,
      angles.map(() => new Rng(3).uniform(0, 6)),
    );
    const d = tf.tidy(() =>
      orbit.pairwise(tf.tensor2d(Float32Array.of(...pixels, ...turned), [2 * count, 784])).arraySync(),
    );
    for (let i = 0; i < count; i++) {
      const others = d[i].filter((_, j) => j !== i && j !== i + count);
      expect(d[i][i + count]).toBeLessThan(Math.min(...others));
    }
    orbit.dispose();
  });
});

describe('orientationLoss', () => {
  it('is 0 for the right angle at any norm and 2 for the opposite one', () => {
    const turns = tf.tensor2d([
      [0, 1],
      [0.6, 0.8],
    ]);
    const loss = (factor: number) =>
      tf.tidy(() => orientationLoss(tf.mul(turns, factor) as tf.Tensor2D, turns).dataSync()[0]);
    expect(loss(13)).toBeCloseTo(0, 6);
    expect(loss(-0.2)).toBeCloseTo(2, 6);
    turns.dispose();
  });

  it('has a finite gradient at a zero vector', () => {
    const turns = tf.tensor2d([[1, 0]]);
    const zero = tf.zeros([1, 2]);
    const gradient = tf.tidy(() =>
      tf
        .grad((t) => orientationLoss(t as tf.Tensor2D, turns))(zero)
        .dataSync(),
    );
    expect(Array.from(gradient).every(Number.isFinite)).toBe(true);
    const near = tf.tensor2d([[0.4, 0.3]]);
    expect(gradientError((t) => orientationLoss(t as tf.Tensor2D, turns), near)).toBeLessThan(5e-3);
    tf.dispose([turns, zero, near]);
  });
});
