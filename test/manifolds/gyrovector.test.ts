import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.js';
import { matrix } from '../../src/core/matrix.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { karcherMean } from '../../src/geometry/karcherMean.js';
import { conformalFactor, dist } from '../../src/geometry/stereographic.js';
import * as exact from '../../src/geometry/stereographicGyrovector.js';
import * as gyro from '../../src/manifolds/gyrovector.js';
import { mobiusAdd } from '../../src/manifolds/stereographic.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import {
  CURVATURES,
  DIM,
  expectClose,
  expectGradients,
  expectValues,
  type Operation,
  points,
  ROWS,
  rowsOf,
} from './stereographicSupport.js';

beforeAll(async () => {
  await openEngine();
});

const MATRIX = [
  [0.4, -0.3, 0.2, 0.5],
  [-0.1, 0.6, 0.3, -0.2],
  [0.2, 0.1, -0.5, 0.3],
];
const EACH = [0.5, -0.7, 1.1, 0.2];
const flatMatrix = matrix(Float64Array.from(MATRIX.flat()), 3, DIM);

const OPERATIONS: Readonly<Record<string, Operation>> = {
  mobiusSub: {
    tensor: (x, y, _, K) => gyro.mobiusSub(x, y, K),
    twin: (x, y, _, K) => exact.mobiusSub(x, y, K),
  },
  coadd: { tensor: (x, y, _, K) => gyro.coadd(x, y, K), twin: (x, y, _, K) => exact.coadd(x, y, K) },
  cosub: { tensor: (x, y, _, K) => gyro.cosub(x, y, K), twin: (x, y, _, K) => exact.cosub(x, y, K) },
  gyration: {
    tensor: (x, y, u, K) => gyro.gyration(x, y, u, K),
    twin: (x, y, u, K) => exact.gyration(x, y, u, K),
  },
  mobiusScalarMul: {
    tensor: (x, _, __, K) => gyro.mobiusScalarMul(0.7, x, K),
    twin: (x, _, __, K) => exact.mobiusScalarMul(0.7, x, K),
  },
  mobiusPointwiseMul: {
    tensor: (x, _, __, K) => gyro.mobiusPointwiseMul(tf.tensor1d(EACH), x, K),
    twin: (x, _, __, K) => exact.mobiusPointwiseMul(EACH, x, K),
  },
  mobiusMatvec: {
    tensor: (x, _, __, K) => gyro.mobiusMatvec(tf.tensor2d(MATRIX), x, K),
    twin: (x, _, __, K) => exact.mobiusMatvec(flatMatrix, x, K),
  },
  mobiusApply: {
    tensor: (x, _, __, K) => gyro.mobiusApply((v) => tf.square(v), x, K),
    twin: (x, _, __, K) => exact.mobiusApply((v) => v.map((a) => a * a), x, K),
  },
};

describe.each(Object.keys(OPERATIONS))('%s', (name) => {
  it.each(CURVATURES)('has the values of float64 at K = %f, given or learned', (K) => {
    expectValues(OPERATIONS[name], K, false);
    expectValues(OPERATIONS[name], K, true);
  });

  it.each(CURVATURES)('has the gradients of float64 at K = %f, to K too', (K) => {
    expectGradients(OPERATIONS[name], K);
  });
});

const WEIGHTS = [
  [1, 2, 0.5, 0, 3, 1],
  [0, 0, 1, 0, 0, 0],
];
const sets = (K: number, seed = 1) => {
  const data = points(ROWS, DIM, K, seed, 0.7);
  return { data, rows: rowsOf(data, DIM), x: tf.tensor2d(data, [ROWS, DIM]), w: tf.tensor2d(WEIGHTS) };
};
describe.each(CURVATURES)('means at K = %f', (K) => {
  it('midpoint has the values of float64 for each row of weights', () => {
    const { data, x, w } = sets(K);
    for (const k of [K, tf.scalar(K)]) {
      const got = rowsOf(gyro.midpoint(x, w, k).dataSync() as Float32Array, DIM);
      WEIGHTS.forEach((weights, i) => {
        expectClose(got[i], exact.midpoint(matrix(data, ROWS, DIM), weights, K), FLOAT32);
      });
    }
  });

  it('frechetMean is the Karcher mean, within π / (4√K) on a sphere', () => {
    const { rows, w } = sets(K);
    const space = { kind: 'stereographic', dim: DIM, curvature: K } as const;
    const near = rows.map((row) => row.map((a) => Math.fround(a * (K > 0 ? 0.4 : 1))));
    const set = matrix(Float32Array.from(near.flatMap((row) => Array.from(row))), ROWS, DIM);
    const got = gyro.frechetMean(tf.tensor2d(set.data, [ROWS, DIM]), w, K).dataSync() as Float32Array;
    WEIGHTS.forEach((weights, i) => {
      expectClose(rowsOf(got, DIM)[i], karcherMean(space, set, weights), FLOAT32);
    });
  });

  it('frechetVariance is the weighted mean of squared distances', () => {
    const { rows, x, w } = sets(K);
    const means = points(2, DIM, K, 5, 0.5);
    const squares = rowsOf(means, DIM).map((mean) => rows.map((row) => dist(mean, row, K) ** 2));
    const average = (values: number[], weights: number[]) =>
      values.reduce((sum, value, j) => sum + value * weights[j], 0) / weights.reduce((a, b) => a + b, 0);
    const tensor = tf.tensor2d(means, [2, DIM]);
    const weighted = squares.map((values, i) => average(values, WEIGHTS[i]));
    expectClose(gyro.frechetVariance(x, tensor, K, w).dataSync(), weighted, FLOAT32);
    const one = gyro.frechetVariance(x, tf.slice(tensor, [1, 0], [1, DIM]), tf.scalar(K));
    expectClose(one.dataSync(), [average(squares[1], [1, 1, 1, 1, 1, 1])], FLOAT32);
  });
});

describe.each([-1, 0, 0.3])('gradients of means at K = %f', (K) => {
  const x = () => tf.tensor2d(points(ROWS, DIM, K, 1, 0.6), [ROWS, DIM]);
  const w = () => tf.tensor2d(WEIGHTS);
  const uneven = (t: tf.Tensor) =>
    tf.sum(tf.mul(t, tf.reshape(tf.range(1, t.size + 1), t.shape))) as tf.Scalar;

  it.each([
    ['midpoint', gyro.midpoint],
    ['frechetMean', gyro.frechetMean],
    [
      'frechetVariance',
      (p: tf.Tensor2D, v: tf.Tensor2D, k: number | tf.Scalar) =>
        gyro.frechetVariance(p, gyro.midpoint(p, v, k), k, v),
    ],
  ] as const)('%s: to points, weights and K', (_, mean) => {
    expect(gradientError((t) => uneven(mean(t as tf.Tensor2D, w(), K)), x(), 3e-3)).toBeLessThan(
      GRADIENT_BY_DIFFERENCES,
    );
    // Weights of 0 cannot be lowered: their mean has a corner there for K < 0.
    const positive = tf.add(w(), 0.5) as tf.Tensor2D;
    expect(gradientError((t) => uneven(mean(x(), t as tf.Tensor2D, K)), positive)).toBeLessThan(
      GRADIENT_BY_DIFFERENCES,
    );
    const byK = (k: tf.Tensor) => uneven(mean(x(), positive, k as tf.Scalar));
    expect(gradientError(byK, tf.scalar(K))).toBeLessThan(GRADIENT_BY_DIFFERENCES);
  });

  it('the mean of one point, and of equal points, is that point, with a finite gradient', () => {
    const one = tf.tensor2d([0.3, -0.2, 0.1, 0.4, 0.3, -0.2, 0.1, 0.4], [2, DIM]);
    for (const mean of [gyro.midpoint, gyro.frechetMean]) {
      const f = (t: tf.Tensor) => tf.sum(mean(t as tf.Tensor2D, tf.tensor2d([[1, 3]]), K)) as tf.Scalar;
      expectClose(mean(one, tf.tensor2d([[1, 3]]), K).dataSync(), one.dataSync().subarray(0, DIM), FLOAT32);
      // Each point pulls in proportion to its weight.
      expectClose(tf.grad(f)(one).dataSync(), [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75], FLOAT32);
    }
  });
});

describe('midpoint of a single point near the rim', () => {
  it.each([1e-2, 1e-3])('is off by at most 1e-7 λ² at a share %f of the radius from it', (gap) => {
    const at = Float32Array.of((1 - gap) * 0.6, (1 - gap) * 0.8);
    const got = gyro.midpoint(tf.tensor2d(at, [1, 2]), tf.tensor2d([[2]]), -1).dataSync();
    expect(dist(got, at, -1)).toBeLessThan(1e-7 * conformalFactor(at, -1) ** 2);
  });
});

describe.each([-1.2, 0, 0.8])('laws at K = %f', (K) => {
  const scene = () => [1, 2, 3].map((seed) => tf.tensor2d(points(ROWS, DIM, K, seed, 0.6), [ROWS, DIM]));
  const same = (a: tf.Tensor, b: tf.Tensor) => expectClose(a.dataSync(), b.dataSync(), FLOAT32);

  it('left cancellation, gyroassociativity and gyrocommutativity hold', () => {
    const [x, y, z] = scene();
    same(mobiusAdd(tf.neg(x), mobiusAdd(x, y, K), K), y);
    const right = mobiusAdd(mobiusAdd(x, y, K), gyro.gyration(x, y, z, K), K);
    same(mobiusAdd(x, mobiusAdd(y, z, K), K), right);
    same(mobiusAdd(x, y, K), gyro.gyration(x, y, mobiusAdd(y, x, K), K));
  });

  it('the coaddition commutes and its difference cancels', () => {
    const [x, y] = scene();
    same(gyro.coadd(x, y, K), gyro.coadd(y, x, K));
    same(mobiusAdd(gyro.cosub(x, y, K), y, K), x);
  });

  it('scalars distribute and a factor a row is taken', () => {
    const [x] = scene();
    same(
      mobiusAdd(gyro.mobiusScalarMul(0.3, x, K), gyro.mobiusScalarMul(0.5, x, K), K),
      gyro.mobiusScalarMul(0.8, x, K),
    );
    same(gyro.mobiusScalarMul(tf.fill([ROWS, 1], 2) as tf.Tensor2D, x, K), mobiusAdd(x, x, K));
  });
});

interface Peers {
  readonly x: number[][];
  readonly p: number[][];
  readonly a: number[][];
  readonly z: number[][];
  readonly r: number[];
  readonly dist2plane: { K: number; signed: number[][]; unsigned: number[][]; scaled: number[][] }[];
  readonly hyperplaneDists: { K: number; offset: number[][]; through: number[][] }[];
  readonly midpoint: { K: number; weights: number[]; midpoint: number[] }[];
  readonly variance: { K: number; mean: number[]; variance: number }[];
}

describe('values of geoopt 0.5.1 and hypll 0.1.1 in float64', () => {
  const peers = JSON.parse(readFileSync(new URL('./gyrovectorPeers.json', import.meta.url), 'utf8')) as Peers;
  const x = () => tf.tensor2d(peers.x);

  it.each(peers.dist2plane)(
    'distanceToHyperplane agrees with dist2plane at K = $K',
    ({ K, signed, unsigned, scaled }) => {
      const distances = (options?: gyro.HyperplaneDistanceOptions) =>
        gyro.distanceToHyperplane(x(), tf.tensor2d(peers.p), tf.tensor2d(peers.a), K, options).dataSync();
      expectClose(distances(), signed.flat(), FLOAT32);
      expectClose(distances({ signed: false }), unsigned.flat(), FLOAT32);
      expectClose(distances({ scaled: true }), scaled.flat(), FLOAT32);
    },
  );

  it.each(peers.hyperplaneDists)(
    'hyperplaneScores agrees with hyperplane_dists at K = $K',
    ({ K, offset, through }) => {
      const z = tf.tensor2d(peers.z);
      expectClose(gyro.hyperplaneScores(x(), z, tf.tensor1d(peers.r), K).dataSync(), offset.flat(), FLOAT32);
      expectClose(gyro.hyperplaneScores(x(), z, null, K).dataSync(), through.flat(), FLOAT32);
    },
  );

  it.each(peers.midpoint)('midpoint agrees with weighted_midpoint at K = $K', ({ K, weights, midpoint }) => {
    expectClose(gyro.midpoint(x(), tf.tensor2d([weights]), K).dataSync(), midpoint, FLOAT32);
  });

  it.each(peers.variance)(
    'frechetVariance agrees with frechet_variance at K = $K',
    ({ K, mean, variance }) => {
      expectClose(gyro.frechetVariance(x(), tf.tensor2d([mean]), K).dataSync(), [variance], FLOAT32);
    },
  );
});

describe('wrong shapes are named', () => {
  const x = () => tf.zeros([3, 2]) as tf.Tensor2D;
  it.each<[string, () => unknown]>([
    ['midpoint weights', () => gyro.midpoint(x(), tf.ones([1, 2]), -1)],
    ['frechetMean weights', () => gyro.frechetMean(x(), tf.ones([1, 2]), -1)],
    ['frechetVariance weights', () => gyro.frechetVariance(x(), x(), -1, tf.ones([1, 3]))],
    ['mobiusMatvec x', () => gyro.mobiusMatvec(tf.ones([2, 3]), x(), -1)],
    ['distanceToHyperplane x', () => gyro.distanceToHyperplane(x(), tf.ones([1, 3]), tf.ones([1, 3]), -1)],
    ['hyperplaneScores r', () => gyro.hyperplaneScores(x(), tf.ones([2, 4]), tf.ones([3]), -1)],
    ['coadd', () => gyro.coadd(x(), tf.ones([2, 2]), -1)],
  ])('%s', (who, wrong) => {
    expect(wrong).toThrow(ShapeError);
    expect(wrong).toThrow(who);
  });

  it('as are iterations that are no whole number', () => {
    expect(() => gyro.frechetMean(x(), tf.ones([1, 3]), -1, 1.5)).toThrow(UsageError);
  });
});

it('nothing leaves tensors behind, nor do gradients', async () => {
  const [x, p, w, z, r, K] = [
    tf.tensor2d(points(3, 2, -1, 1), [3, 2]),
    tf.tensor2d(points(2, 2, -1, 2), [2, 2]),
    tf.ones([2, 3]),
    tf.ones([2, 2]),
    tf.ones([2]),
    tf.scalar(-1),
  ] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Scalar];
  for (const f of [
    (k: tf.Scalar) => gyro.midpoint(x, w, k),
    (k: tf.Scalar) => gyro.frechetMean(x, w, k, 3),
    (k: tf.Scalar) => gyro.frechetVariance(x, p, k, w),
    (k: tf.Scalar) => gyro.distanceToHyperplane(x, p, z, k),
    (k: tf.Scalar) => gyro.hyperplaneScores(x, z, r, k),
    (k: tf.Scalar) => gyro.mobiusMatvec(z, x, k),
    (k: tf.Scalar) => gyro.coadd(x, x, k),
    (k: tf.Scalar) => gyro.gyration(x, x, x, k),
  ]) {
    expect(await leakedTensors(() => f(K))).toBe(0);
    expect(await leakedTensors(() => tf.grad((k) => tf.sum(f(k as tf.Scalar)))(K))).toBe(0);
  }
  tf.dispose([x, p, w, z, r, K]);
});
