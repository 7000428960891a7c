import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { divisor, mean, reduceTerms } from '../../src/losses/reducers.js';
import {
  centerInvariant,
  lpNorm,
  radius,
  regularFace,
  sparseCenters,
  zeroMean,
} from '../../src/losses/regularizers.js';
import type { Terms } from '../../src/losses/terms.js';
import { cosineSpace } from '../../src/manifolds/cosine.js';
import { manifoldOn } from '../../src/manifolds/manifoldOn.js';
import { poincareBall } from '../../src/manifolds/poincare.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { chords, expectPeer, peer, peerCase } from './pairs/margins.js';

beforeAll(async () => {
  await openEngine();
});

const cosines = (x: tf.Tensor2D) => ({ distances: cosineSpace(x.shape[1], 'any').pairwise(x, x), zero: 1 });
const PEER: [string, (x: tf.Tensor2D) => Terms][] = [
  ['centerInvariant', (x) => centerInvariant(x)],
  ['lp', (x) => lpNorm(x)],
  ['lp3', (x) => lpNorm(x, { p: 3, power: 1.5 })],
  ['lp1', (x) => lpNorm(x, { p: 1, power: 2 })],
  ['regularFace', (x) => regularFace(cosines(x))],
  ['sparseCenters', (x) => sparseCenters(chords(x), 5, 4)],
  ['zeroMean', zeroMean],
];

describe.each(PEER)('%s', (name, regularizer) => {
  const loss = (x: tf.Tensor2D) =>
    reduceTerms({ regularizer: regularizer(x) }, name === 'sparseCenters' ? divisor : mean);

  it('has the value and gradient of the peer', () => {
    expectPeer(loss, peer.embeddings, peerCase(name, peer.regularizers));
  });

  it('leaves no tensors behind', async () => {
    const x = tf.tensor2d(peer.embeddings);
    expect(await leakedTensors(() => tf.tidy(() => tf.grad((t) => loss(t as tf.Tensor2D))(x)))).toBe(0);
    x.dispose();
  });
});

it.each<[string, (x: tf.Tensor2D) => Terms]>([
  ['centerInvariant', (x) => centerInvariant(x)],
  ['lpNorm', (x) => lpNorm(x, { p: 3, power: 1.5 })],
  ['regularFace', (distances) => regularFace({ distances })],
  ['sparseCenters', (distances) => sparseCenters(distances, 2, 2)],
  ['zeroMean', zeroMean],
])('%s gives NaN for NaN', (_, regularizer) => {
  tf.tidy(() => {
    const x = tf.fill([4, 4], 1) as tf.Tensor2D;
    const bad = tf.concat([tf.fill([1, 4], Number.NaN), tf.slice(x, 0, 3)]) as tf.Tensor2D;
    expect(reduceTerms({ regularizer: regularizer(x) }, mean).dataSync()[0]).not.toBeNaN();
    expect(reduceTerms({ regularizer: regularizer(bad) }, mean).dataSync()[0]).toBeNaN();
  });
});

describe('in hyperbolic space', () => {
  const ball = poincareBall(2, -1);

  it('radius is the distance to the origin', () => {
    tf.tidy(() => {
      // By hand: 2 artanh(1/2) = ln 3.
      const x = tf.tensor2d([
        [0.5, 0],
        [0, 0],
      ]);
      const { values } = radius(x, ball);
      expect(values.dataSync()[0]).toBeCloseTo(Math.log(3), 6);
      expect(values.dataSync()[1]).toBe(0);
      expect(radius(x, ball, 3).values.dataSync()[0]).toBeCloseTo(Math.log(3) ** 3, 5);
    });
  });

  it('radius and centerInvariant have the gradient of their values, on a hyperboloid too', () => {
    const hyperboloid = manifoldOn({ kind: 'lorentz', dim: 2, curvature: -1 });
    const v = tf.tensor2d([
      [0.3, -0.2],
      [0.1, 0.4],
      [-0.5, 0.2],
    ]);
    const of = (terms: (x: tf.Tensor2D) => Terms) => (t: tf.Tensor) =>
      reduceTerms({ regularizer: terms(t as tf.Tensor2D) }, mean);
    const lifted = (t: tf.Tensor2D) => hyperboloid.exp0(tf.concat([tf.zeros([3, 1]), t], 1) as tf.Tensor2D);
    for (const f of [
      of((x) => radius(x, ball, 2)),
      of((x) => centerInvariant(x, ball)),
      of((x) => radius(lifted(x), hyperboloid, 1.5)),
    ]) {
      expect(gradientError(f, v)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    }
    v.dispose();
  });

  it('regularFace and sparseCenters are of distances', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [0, 0],
        [0.5, 0],
        [0, 0.2],
        [0, -0.2],
      ]);
      const distances = ball.pairwise(x, x);
      const near = 2 * Math.atanh(0.2);
      const faces = regularFace({ distances }).values.dataSync();
      expect(faces[0]).toBeCloseTo(-near, 6);
      expect(faces[1]).toBeCloseTo(-Math.log(3), 5);
      // Pairs (0, 1) and (2, 3), over twice their number.
      const value = reduceTerms({ centers: sparseCenters(distances, 2, 2) }, divisor).dataSync()[0];
      expect(value).toBeCloseTo((Math.log(3) + 2 * near) / 4, 5);
    });
  });
});

describe('degenerate rows', () => {
  it('of zeros have norm 0 with gradient 0', () => {
    tf.tidy(() => {
      for (const options of [{}, { p: 1 }, { p: 3, power: 1.5 }]) {
        const f = (x: tf.Tensor) => tf.sum(lpNorm(x as tf.Tensor2D, options).values);
        const { value, grad } = tf.valueAndGrad(f)(tf.zeros([2, 3]));
        expect(value.dataSync()[0]).toBe(0);
        expect(Array.from(grad.dataSync(), (g) => g + 0)).toEqual(Array(6).fill(0));
      }
    });
  });

  it('that are equal push the first of the nearest classes alone', () => {
    tf.tidy(() => {
      const distances = tf.tensor2d([
        [0, 1, 1],
        [1, 0, 2],
        [1, 2, 0],
      ]);
      const f = (t: tf.Tensor) => tf.sum(regularFace({ distances: t as tf.Tensor2D }).values);
      expect(Array.from(tf.grad(f)(distances).dataSync(), (g) => g + 0)).toEqual([
        0, -1, 0, -1, 0, 0, -1, 0, 0,
      ]);
    });
  });

  it('are refused with options out of range', () => {
    tf.tidy(() => {
      const x = tf.ones([4, 4]) as tf.Tensor2D;
      expect(() => lpNorm(x, { p: 0.5 })).toThrow(/lpNorm p/);
      expect(() => lpNorm(x, { power: 0 })).toThrow(/lpNorm power/);
      expect(() => regularFace({ distances: tf.ones([1, 1]) })).toThrow(/k >= 2/);
      expect(() => sparseCenters(x, 4, 1)).toThrow(/centersPerClass/);
      expect(() => sparseCenters(x, 3, 2)).toThrow(/6 x 6/);
    });
  });
});
