import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import {
  type CentroidTripletOptions,
  centroidTripletLoss,
} from '../../../src/losses/pairs/centroidTriplet.js';
import { drawProxies, manifoldLoss } from '../../../src/losses/pairs/manifoldLoss.js';
import { randomWalk } from '../../../src/losses/pairs/randomWalk.js';
import {
  signalToNoiseContrastiveLoss,
  signalToNoiseDistances,
} from '../../../src/losses/pairs/signalToNoise.js';
import { vicRegLoss } from '../../../src/losses/pairs/vicReg.js';
import { avgNonZero, mean, reduceTerms, sum } from '../../../src/losses/reducers.js';
import { midpoint } from '../../../src/manifolds/gyrovector.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import { differences, expectClose, planOf } from './margins.js';

beforeAll(async () => {
  await openEngine();
});

const LABELS = [0, 1, 0, 2, 1, 0, 2, 0, 3];
const N = LABELS.length;
const rng = new Rng(13);
const D = 3;
const POINTS = Float32Array.from({ length: N * D }, () => rng.uniform(-0.5, 0.5));
const points = () => tf.tensor2d(POINTS, [N, D]);
const rowsOf = (x: ArrayLike<number>) =>
  Array.from({ length: N }, (_, i) => Array.from({ length: D }, (_, j) => x[i * D + j]));
const euclidean = metricOn({ kind: 'euclidean', dim: D });
const K = -0.8;
const ball = metricOn({ kind: 'poincare', dim: D, curvature: K });

describe('signalToNoiseDistances', () => {
  const variance = (v: number[]) => {
    const m = v.reduce((a, b) => a + b, 0) / v.length;
    return v.reduce((s, x) => s + (x - m) ** 2, 0) / (v.length - 1);
  };
  const weights = Array.from({ length: N * N }, (_, t) => Math.cos(t));
  const slowly = (x: ArrayLike<number>) => {
    const rows = rowsOf(x);
    const ratio = (i: number, j: number) =>
      variance(rows[i].map((v, c) => v - rows[j][c])) / variance(rows[i]);
    return weights.reduce((total, w, t) => total + w * ratio(Math.floor(t / N), t % N), 0);
  };

  it('are the variance of the difference over that of the anchor, with the gradient to both', () => {
    tf.tidy(() => {
      const f = (t: tf.Tensor) => {
        const x = t as tf.Tensor2D;
        return tf.sum(tf.mul(signalToNoiseDistances(x, x), tf.tensor2d(weights, [N, N]))) as tf.Scalar;
      };
      const { value, grad } = tf.valueAndGrad(f)(points());
      expectClose(value.dataSync()[0], grad.dataSync(), slowly(POINTS), differences(slowly, POINTS));
    });
  });

  it('give nothing finite for an anchor without signal, and refuse rows of another length', () => {
    tf.tidy(() => {
      const flat = tf.tensor2d([[2, 2, 2]]);
      expect(signalToNoiseDistances(flat, points()).dataSync().some(Number.isFinite)).toBe(false);
      expect(() => signalToNoiseDistances(points(), tf.ones([2, 2]))).toThrow(/3 columns, got 2/);
    });
  });

  it('make a loss that is 0 with gradient 0 for a single item, and leave no tensors behind', async () => {
    const one = tf.tensor2d([[0.1, 0.5, -0.2]]);
    const f = (t: tf.Tensor) =>
      reduceTerms(signalToNoiseContrastiveLoss(t as tf.Tensor2D, planOf([0])), avgNonZero);
    tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad(f)(one);
      expect([value, grad].flatMap((t) => Array.from(t.dataSync(), (v) => v + 0))).toEqual([0, 0, 0, 0]);
    });
    expect(await leakedTensors(() => tf.tidy(() => tf.grad(f)(one)))).toBe(0);
    one.dispose();
  });
});

describe('centroidTripletLoss', () => {
  const of = (options: Partial<CentroidTripletOptions>) => (t: tf.Tensor) =>
    reduceTerms(centroidTripletLoss(t as tf.Tensor2D, planOf(LABELS), euclidean, options), avgNonZero);

  it.each([false, true])('compares centroids without and with the item itself, smooth %s', (smooth) => {
    const slowly = (x: ArrayLike<number>) => {
      const rows = rowsOf(x);
      const center = (chosen: number[]) =>
        rows[0].map((_, c) => chosen.reduce((s, i) => s + rows[i][c], 0) / chosen.length);
      const to = (i: number, y: number[]) => Math.hypot(...rows[i].map((v, c) => v - y[c]));
      const values: number[] = [];
      for (let i = 0; i < N; i++) {
        const own = LABELS.flatMap((label, j) => (label === LABELS[i] && j !== i ? [j] : []));
        if (own.length === 0) continue;
        for (const label of new Set(LABELS)) {
          if (label === LABELS[i]) continue;
          const others = LABELS.flatMap((other, j) => (other === label ? [j] : []));
          const v = to(i, center(own)) - to(i, center(others)) + 0.1;
          values.push(smooth ? Math.log1p(Math.exp(v)) : Math.max(0, v));
        }
      }
      const counted = values.filter((v) => v > 0);
      return counted.reduce((a, b) => a + b, 0) / counted.length;
    };
    tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad(of({ margin: 0.1, smooth }))(points());
      expectClose(value.dataSync()[0], grad.dataSync(), slowly(POINTS), differences(slowly, POINTS));
    });
  });

  it('takes the gyromidpoints of a ball', () => {
    const midpoints: CentroidTripletOptions['midpoints'] = (x, w) => midpoint(x, w, K);
    const f = (t: tf.Tensor) =>
      reduceTerms(
        centroidTripletLoss(t as tf.Tensor2D, planOf(LABELS), ball, { margin: 0.3, smooth: true, midpoints }),
        sum,
      );
    const x = points();
    expect(gradientError(f, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    // Two items a class: the centroid of the others is the other, the centroid of both is their midpoint.
    tf.tidy(() => {
      const four = tf.slice(x, 0, 4) as tf.Tensor2D;
      const terms = centroidTripletLoss(four, planOf([0, 0, 1, 1]), ball, {
        margin: 0.3,
        smooth: true,
        midpoints,
      });
      const d = ball.pairwise(four, four).dataSync();
      const middle = midpoint(four, tf.tensor2d([[0, 0, 1, 1]]), K);
      const toMiddle = ball.dist(tf.slice(four, 0, 1) as tf.Tensor2D, middle).dataSync()[0];
      const expected = Math.log1p(Math.exp(d[1] - toMiddle + 0.3));
      // A class has the column of its first item.
      const row = Array.from(terms['triplet'].values.dataSync().subarray(0, 4));
      expect(row.map((v) => v > 0)).toEqual([false, false, true, false]);
      expect(row[2]).toBeCloseTo(expected, 5);
    });
    x.dispose();
  });

  it('is 0 with gradient 0 without positives or without negatives, and refuses a plan of other points', () => {
    tf.tidy(() => {
      for (const labels of [LABELS.map((_, i) => i), LABELS.map(() => 1)]) {
        const f = (t: tf.Tensor) =>
          reduceTerms(centroidTripletLoss(t as tf.Tensor2D, planOf(labels), euclidean), avgNonZero);
        const { value, grad } = tf.valueAndGrad(f)(points());
        expect(value.dataSync()[0]).toBe(0);
        expect(Array.from(grad.dataSync()).every((g) => g + 0 === 0)).toBe(true);
      }
      expect(() => centroidTripletLoss(points(), planOf([0, 1]), euclidean)).toThrow(/9 x 9, got "2 x 2"/);
    });
  });
});

describe('vicRegLoss', () => {
  it('is 0 for equal views with variances above 1 and no covariance', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [2, 2],
        [2, -2],
        [-2, 2],
        [-2, -2],
      ]);
      const value = reduceTerms(vicRegLoss(x, x), mean).dataSync()[0];
      expect(value).toBe(0);
    });
  });

  it('has the value and the gradient of its definition, each part by its own weights', () => {
    const options = { lambda: 2, mu: 3, nu: 5, eps: 1e-4 };
    const other = Float32Array.from(POINTS, (v, t) => 3 * v + 0.4 * Math.sin(t));
    const weights = Array.from({ length: N }, (_, i) => 0.5 + i / N);
    const covariance = (rows: number[][], j: number, k: number) => {
      const mean = (c: number) => rows.reduce((sum, row) => sum + row[c], 0) / N;
      const [a, b] = [mean(j), mean(k)];
      return rows.reduce((sum, row) => sum + (row[j] - a) * (row[k] - b), 0) / (N - 1);
    };
    const slowly = (both: ArrayLike<number>) => {
      const views = [0, 1].map((v) => rowsOf(Array.from(both).slice(v * N * D, (v + 1) * N * D)));
      let total = 0;
      for (let i = 0; i < N; i++)
        for (let j = 0; j < D; j++) total += (2 * weights[i] * (views[0][i][j] - views[1][i][j]) ** 2) / D;
      for (const [v, rows] of views.entries())
        for (let j = 0; j < D; j++) {
          total += 1.5 * (1 + v + j) * Math.max(0, 1 - Math.sqrt(covariance(rows, j, j) + 1e-4));
          for (let k = 0; k < D; k++) if (k !== j) total += 7 * (5 / D) * covariance(rows, j, k) ** 2;
        }
      return total;
    };
    tf.tidy(() => {
      const f = (t: tf.Tensor) => {
        const [x, y] = tf.split(t, 2) as tf.Tensor2D[];
        const { invariance, variance, otherVariance, covariance: last } = vicRegLoss(x, y, options);
        const weighed = [
          tf.mul(invariance.values, tf.tensor1d(weights)),
          tf.mul(variance.values, tf.tensor1d([1, 2, 3])),
          tf.mul(otherVariance.values, tf.tensor1d([2, 3, 4])),
          tf.mul(last.values, 7),
        ];
        return tf.addN(weighed.map((t) => tf.sum(t))) as tf.Scalar;
      };
      const both = tf.concat([points(), tf.tensor2d(other, [N, D])]);
      const { value, grad } = tf.valueAndGrad(f)(both);
      const at = both.dataSync();
      // Some columns of the second view vary by more than 1 and cost nothing, others do.
      const idle = [0, 1, 2].filter((j) => covariance(rowsOf(other), j, j) > 1);
      expect(idle.length).toBeGreaterThan(0);
      expect(idle.length).toBeLessThan(D);
      expectClose(value.dataSync()[0], grad.dataSync(), slowly(at), differences(slowly, at));
    });
  });

  it('of one column is without covariance: by hand', () => {
    tf.tidy(() => {
      // Both views have the variance 0.02; views differ by 0.1.
      const [x, y] = [tf.tensor2d([[0.2], [0.4]]), tf.tensor2d([[0.3], [0.5]])];
      const { covariance, variance, invariance } = vicRegLoss(x, y, { eps: 0.02 });
      expect(covariance.values.dataSync()[0]).toBe(0);
      expect(variance.values.dataSync()[0]).toBeCloseTo(12.5 * (1 - 0.2), 5);
      expect(invariance.values.dataSync()[0]).toBeCloseTo(0.25, 6);
    });
  });

  it('leaves no tensors behind', async () => {
    const x = points();
    const f = (t: tf.Tensor) => reduceTerms(vicRegLoss(t as tf.Tensor2D, tf.mul(t, 2) as tf.Tensor2D), mean);
    expect(await leakedTensors(() => tf.tidy(() => tf.grad(f)(x)))).toBe(0);
    x.dispose();
  });

  it('refuses views of different shapes, one row, and options out of range', () => {
    tf.tidy(() => {
      const x = points();
      expect(() => vicRegLoss(x, tf.ones([2, 2]))).toThrow(/vicRegLoss y.*9 x 3/);
      expect(() => vicRegLoss(tf.ones([1, 2]), tf.ones([1, 2]))).toThrow(/at least 2 rows/);
      expect(() => vicRegLoss(x, x, { eps: 0 })).toThrow(/eps/);
      expect(() => vicRegLoss(x, x, { mu: -1 })).toThrow(/mu.*>= 0/);
    });
  });
});

describe('manifoldLoss', () => {
  it('works on distances of a ball, with its gradient', () => {
    const proxyOf = Int32Array.from([0, 1, 0, 1, 1, 0]);
    // v >= 0 has a corner at its margin; with this one no pair is near it.
    const f = (t: tf.Tensor) =>
      reduceTerms(
        manifoldLoss({ distances: ball.pairwise(t as tf.Tensor2D, t as tf.Tensor2D) }, proxyOf, {
          margin: 0.5,
        }),
        mean,
      );
    const x = tf.slice(points(), 0, 8);
    expect(gradientError(f, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    x.dispose();
  });

  it('with lambdaC 0 has no context, with Infinity nothing else', () => {
    tf.tidy(() => {
      const distances = ball.pairwise(points(), points());
      const proxyOf = drawProxies(6, 3, new Rng(2));
      const parts = (lambdaC: number) => manifoldLoss({ distances }, proxyOf, { lambdaC });
      expect(
        parts(0)
          ['context'].values.dataSync()
          .every((v) => v === 0),
      ).toBe(true);
      expect(Object.keys(parts(Number.POSITIVE_INFINITY))).toEqual(['context']);
      expect(parts(Number.POSITIVE_INFINITY)['context'].values.dataSync()).toEqual(
        parts(1)['context'].values.dataSync(),
      );
    });
  });

  it('refuses a proxy that is none, distances without proxies, and options out of range', () => {
    tf.tidy(() => {
      const distances = ball.pairwise(points(), points());
      expect(() => manifoldLoss({ distances }, Int32Array.from([0, 1, 7, 0, 0, 0]))).toThrow(/0\.\.2, got 7/);
      expect(() => manifoldLoss({ distances }, new Int32Array(N))).toThrow(/at least one proxy/);
      expect(() => manifoldLoss({ distances }, new Int32Array(6), { lambdaC: -1 })).toThrow(/lambdaC/);
      expect(() => manifoldLoss({ distances }, new Int32Array(6), { alpha: 1 })).toThrow(/alpha/);
    });
  });

  it('draws every proxy at least once, the same for a seed', () => {
    const drawn = drawProxies(20, 6, new Rng(4));
    expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(drawn).toEqual(drawProxies(20, 6, new Rng(4)));
    expect(() => drawProxies(3, 4, new Rng(4))).toThrow(/>= 4/);
  });
});

describe('randomWalk', () => {
  it.each([0.05, 0.5, 0.8, 0.99])('times (I - alpha S) is 1 - alpha, alpha %d', (alpha) => {
    tf.tidy(() => {
      const A = tf.exp(tf.neg(ball.pairwise(points(), points()))) as tf.Tensor2D;
      const graph = Float32Array.from(A.dataSync()).map((v, t) => (Math.floor(t / N) === t % N ? 0 : v));
      const degree = Array.from({ length: N }, (_, i) =>
        graph.subarray(i * N, (i + 1) * N).reduce((a, b) => a + b, 0),
      );
      const F = randomWalk(A, alpha).dataSync();
      for (let i = 0; i < N; i++)
        for (let j = 0; j < N; j++) {
          let product = F[i * N + j];
          for (let k = 0; k < N; k++)
            product -= (alpha * graph[i * N + k] * F[k * N + j]) / Math.sqrt(degree[i] * degree[k]);
          expect(Math.abs(product - (i === j ? 1 - alpha : 0))).toBeLessThan(1e-6);
        }
    });
  });

  it('has the gradient of its values', () => {
    const A = tf.tidy(() => tf.exp(tf.neg(ball.pairwise(points(), points()))));
    const w = tf.tensor2d(
      Array.from({ length: N * N }, (_, t) => Math.sin(t)),
      [N, N],
    );
    const f = (t: tf.Tensor) => tf.sum(tf.mul(randomWalk(t as tf.Tensor2D, 0.8), w)) as tf.Scalar;
    expect(gradientError(f, A)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([A, w]);
  });
});
