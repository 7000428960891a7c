import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { fused, registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { distanceBlocks } from '../../../src/manifolds/distance/distanceBlocks.js';
import { pairwiseDistance } from '../../../src/manifolds/distance/pairwise.js';
import { rowDistance } from '../../../src/manifolds/distance/rows.js';
import { PATHS, randomPoints, usePath, worst } from './points.js';

let registered: ReturnType<typeof fused<'pairs'>>;
beforeAll(async () => {
  await openEngine();
  registered = fused('pairs');
});
afterAll(() => registerFused('pairs', registered));

const BALL = { kind: 'poincare', dim: 2, curvature: -1 } as const;

describe.each(PATHS)('pairwiseDistance by %s', (path) => {
  beforeEach(() => usePath(path));

  it('is ln 3 from the origin to (1/2, 0)', () => {
    // By hand: 2 artanh(1/2) = ln((1 + 1/2) / (1 - 1/2)) = ln 3.
    const d = tf.tidy(() => pairwiseDistance(BALL, tf.zeros([1, 2]), tf.tensor2d([[0.5, 0]])).dataSync()[0]);
    expect(d).toBeCloseTo(Math.log(3), 6);
  });

  it('takes the curvature of the call before that of the space', () => {
    const [x, y] = [tf.tensor2d([[0.1, 0.2]]), tf.tensor2d([[0.3, -0.2]])];
    tf.tidy(() => {
      const expected = pairwiseDistance({ ...BALL, curvature: -2 }, x, y).dataSync();
      expect(pairwiseDistance(BALL, x, y, -2).dataSync()).toEqual(expected);
      expect(worst(pairwiseDistance(BALL, x, y, tf.scalar(-2)).dataSync(), expected)).toBeLessThan(1e-6);
    });
    tf.dispose([x, y]);
  });

  it('adds the offsets of a star, and gives 0 on the diagonal where rows are the same items', () => {
    const star = { kind: 'star', dim: 1 } as const;
    const b = tf.tensor2d([[1], [2]]);
    tf.tidy(() => {
      expect(Array.from(pairwiseDistance(star, b, b).dataSync())).toEqual([2, 3, 3, 4]);
      const same = { same: 'diagonal' } as const;
      expect(Array.from(pairwiseDistance(star, b, b, undefined, same).dataSync())).toEqual([0, 3, 3, 0]);
      const others = tf.clone(b);
      const f = (t: tf.Tensor) => tf.sum(pairwiseDistance(star, t as tf.Tensor2D, others, undefined, same));
      const gradient = tf.grad(f)(b);
      expect(Array.from(gradient.dataSync())).toEqual([1, 1]);
      expect(Array.from(rowDistance(star, b, b).dataSync())).toEqual([2, 4]);
    });
    b.dispose();
  });

  it('has gradients of blocks that add up', () => {
    // 2^22 values a block: 3 rows, of 4.
    const space = { kind: 'euclidean', dim: 32 } as const;
    const [x, y] = [randomPoints(space, 4, 1), randomPoints(space, 40_000, 2)];
    const [p, q] = [tf.tensor2d(x, [4, 32]), tf.tensor2d(y, [40_000, 32])];
    const f = (a: tf.Tensor, b: tf.Tensor) =>
      tf.sum(pairwiseDistance(space, a as tf.Tensor2D, b as tf.Tensor2D));
    const [toX, toY] = tf.grads(f)([p, q]);
    // Every pair pulls both ends alike: the gradients sum to 0 column by column.
    const sums = tf.tidy(() => tf.add(tf.sum(toX, 0), tf.sum(toY, 0)).dataSync());
    for (const sum of sums) expect(Math.abs(sum)).toBeLessThan(0.2);
    const one = tf.tidy(() => {
      const last = tf.slice(p, [3, 0], [1, 32]);
      return tf
        .grad((a) => f(a, q))(last)
        .dataSync();
    });
    expect(worst(toX.dataSync().slice(3 * 32), one)).toBeLessThan(1e-6);
    tf.dispose([p, q, toX, toY]);
  });

  it('comes in blocks of rows too', () => {
    const x = tf.tensor2d(randomPoints(BALL, 5, 1), [5, 2]);
    const whole = tf.tidy(() => pairwiseDistance(BALL, x, x).dataSync());
    const seen: number[] = [];
    for (const { from, distances } of distanceBlocks(BALL, x, x, 2)) {
      expect(from * 5).toBe(seen.length);
      seen.push(...distances.dataSync());
      distances.dispose();
    }
    expect(worst(seen, whole)).toBeLessThan(1e-6);
    expect(() => distanceBlocks(BALL, x, x, 0).next()).toThrow(UsageError);
    x.dispose();
  });

  it('refuses other columns, other row counts, a curvature of the wrong sign, a third derivative', () => {
    const [x, y] = [tf.zeros([2, 3]) as tf.Tensor2D, tf.zeros([2, 2]) as tf.Tensor2D];
    expect(() => pairwiseDistance(BALL, x, y)).toThrow(ShapeError);
    expect(() => rowDistance(BALL, tf.zeros([1, 2]), y)).toThrow(ShapeError);
    for (const K of [0, 1, Number.NaN]) expect(() => pairwiseDistance(BALL, y, y, K)).toThrow(DomainError);
    expect(() => pairwiseDistance({ kind: 'sphere', dim: 2, curvature: 1 }, y, y, -1)).toThrow(DomainError);
    const p = tf.tensor2d([[0.1, 0.2]]);
    const f = (t: tf.Tensor) => tf.sum(pairwiseDistance(BALL, t as tf.Tensor2D, tf.zeros([1, 2])));
    const g = (t: tf.Tensor) => tf.sum(tf.grad(f)(t));
    const h = (t: tf.Tensor) => tf.sum(tf.grad(g)(t));
    expect(() => tf.tidy(() => tf.grad(h)(p))).toThrow(/third derivative/);
    tf.dispose([x, y, p]);
  });
});
