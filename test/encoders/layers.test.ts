import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { ballPoints } from '../../src/encoders/ballPoints.js';
import { biLipschitz, boundedLinear, residual } from '../../src/encoders/biLipschitz.js';
import { linear, perceptron } from '../../src/encoders/dense.js';
import { mlp } from '../../src/encoders/mlp.js';
import { orthogonalDense } from '../../src/encoders/orthogonalDense.js';
import { activation, inSequence, lipschitzBounds, type RowLayer } from '../../src/encoders/rowLayer.js';
import { spectralNormBound } from '../../src/encoders/spectralNorm.js';
import { Network } from '../../src/engine/network.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { manifoldOn } from '../../src/manifolds/manifoldOn.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const WIDTH = 5;
/** A few dozen float32 products one after another. */
const DEEP = 1e-4;

function encoderLayer(hidden: number): RowLayer {
  const encoder = mlp({ columns: WIDTH, hidden });
  return { ...encoder, apply: (pass, x) => encoder.encode(pass, x as tf.Tensor2D).code };
}

const LAYERS: Readonly<Record<string, RowLayer>> = {
  linear: linear('a', WIDTH, 3),
  'perceptron with relu': perceptron('a', [WIDTH, 7, 4]),
  'perceptron with tanh': perceptron('a', [WIDTH, 7, 6, 4], undefined, 'tanh'),
  'perceptron with softplus': perceptron('a', [WIDTH, 7, 4], undefined, 'softplus'),
  'an orthogonal layer': orthogonalDense('a', WIDTH, WIDTH),
  'an orthogonal layer of two mirrors': orthogonalDense('a', WIDTH, WIDTH, { reflections: 2 }),
  'an orthogonal layer that widens': orthogonalDense('a', WIDTH, 8),
  'an orthogonal layer that narrows': orthogonalDense('a', WIDTH, 3, { offset: false }),
  'a bounded linear layer': boundedLinear('a', WIDTH, 4, 0.5),
  'bi-Lipschitz blocks': biLipschitz('a', { width: WIDTH, hidden: 6, blocks: 3, contraction: 0.8 }),
  'a residual layer that is too steep': residual(linear('a', WIDTH, WIDTH)),
  'points of a ball': inSequence([linear('a', WIDTH, 3), ballPoints(3, -0.6)]),
  'the encoder of vectors': encoderLayer(4),
  'the encoder of vectors without units': encoderLayer(0),
};

const moduleOf = ({ parameters }: RowLayer) => ({ parameters, batchNorms: [] });
const networkOf = (layer: RowLayer, seed = 1) => new Network([moduleOf(layer)], new Rng(seed));
const rows = (n: number, columns: number, seed: number) =>
  tf.randomNormal([n, columns], 0, 1, 'float32', seed) as tf.Tensor2D;

describe.each(Object.entries(LAYERS))('%s', (_, layer) => {
  it('has the value of apply where it is linearised', () => {
    const network = networkOf(layer);
    const [a, b] = tf.tidy(() => {
      const [pass, x] = [network.inferencePass(), rows(4, WIDTH, 1)];
      return [layer.apply(pass, x).dataSync(), layer.linearize(pass, x).value.dataSync()];
    });
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i])))).toBeLessThan(FLOAT32);
    network.dispose();
  });

  it('moves directions as differences of its values do, many for each point', () => {
    const network = networkOf(layer);
    const [exact, differences] = tf.tidy(() => {
      const [pass, x] = [network.inferencePass(), rows(4, WIDTH, 1)];
      const v = tf.randomNormal([2, 4, WIDTH], 0, 1, 'float32', 2);
      const step = 1e-2;
      const at = (sign: number) =>
        layer.apply(pass, tf.reshape(tf.add(x, tf.mul(v, sign * step)), [8, WIDTH]));
      const moved = layer.linearize(pass, x).pushforward(v);
      const slope = tf.reshape(tf.div(tf.sub(at(1), at(-1)), 2 * step), moved.shape);
      return [moved.dataSync(), slope.dataSync()];
    });
    const scale = Math.max(...exact.map(Math.abs));
    const error = Math.max(...exact.map((value, i) => Math.abs(value - differences[i])));
    expect(error / scale).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    network.dispose();
  });

  it('has a pullback that is the transpose of its pushforward', () => {
    const network = networkOf(layer);
    const [left, right] = tf.tidy(() => {
      const { value, pushforward, pullback } = layer.linearize(network.inferencePass(), rows(4, WIDTH, 1));
      const v = tf.randomNormal([3, 4, WIDTH], 0, 1, 'float32', 3);
      const u = tf.randomNormal([3, 4, value.shape[1]], 0, 1, 'float32', 4);
      const inner = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b), 2).dataSync();
      return [inner(pushforward(v), u), inner(v, pullback(u))];
    });
    left.forEach((value, i) => {
      expect(Math.abs(value - right[i])).toBeLessThan(DEEP * Math.max(1, Math.abs(value)));
    });
    network.dispose();
  });

  it('stretches random pairs within its bounds', async () => {
    const network = networkOf(layer);
    const { lower, upper } = await lipschitzBounds(layer, network);
    expect(lower).toBeGreaterThanOrEqual(0);
    const ratio = (x: number[], y: number[]) =>
      tf.tidy(() => {
        const inputs = tf.tensor2d([x, y]);
        const length = (t: tf.Tensor) => {
          const [a, b] = tf.unstack(t);
          return Math.sqrt(tf.sum(tf.square(tf.sub(a, b))).dataSync()[0]);
        };
        return length(layer.apply(network.inferencePass(), inputs)) / length(inputs);
      });
    const point = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: WIDTH,
      maxLength: WIDTH,
    });
    fc.assert(
      fc.property(point, point, (x, y) => {
        // Differences shorter than this are rounding.
        fc.pre(Math.hypot(...x.map((a, i) => a - y[i])) > 0.05);
        const stretch = ratio(x, y);
        expect(stretch).toBeGreaterThan(lower * (1 - 1e-3));
        expect(stretch).toBeLessThan(upper * (1 + 1e-3));
      }),
      { seed: 7, numRuns: 60 },
    );
    network.dispose();
  });

  it('has a gradient to its weights, through derivative and bounds, and leaves no tensors behind', async () => {
    const network = networkOf(layer, 2);
    if (network.parameters.size === 0) return network.dispose();
    const loss = (flat: tf.Tensor) => {
      const views = network.parameters.views(flat as tf.Tensor1D);
      const pass = {
        ...network.inferencePass(),
        weight: <T extends tf.Tensor>(name: string) => views.get(name) as T,
      };
      const { value, pushforward } = layer.linearize(pass, rows(3, WIDTH, 5));
      const moved = pushforward(rows(3, WIDTH, 6));
      const sums = [value, moved].map((t) => tf.sum(tf.square(t)));
      return tf.addN([...sums, layer.lipschitz(pass).upper]) as tf.Scalar;
    };
    expect(gradientError(loss, network.parameters.flat, 2e-3)).toBeLessThan(2 * GRADIENT_BY_DIFFERENCES);
    expect(await leakedTensors(() => tf.grad((flat) => loss(flat))(network.parameters.flat))).toBe(0);
    expect(await leakedTensors(async () => void (await lipschitzBounds(layer, network)))).toBe(0);
    network.dispose();
  });
});

describe('orthogonalDense', () => {
  const matrixOf = (layer: RowLayer, network: Network, inputs: number) =>
    tf.tidy(() => {
      const identity = tf.oneHot(tf.range(0, inputs, 1, 'int32'), inputs) as tf.Tensor2D;
      return layer
        .linearize(network.inferencePass(), identity)
        .pushforward(identity)
        .arraySync() as number[][];
    });

  it('is the product of its mirrors, first to last', () => {
    const layer = orthogonalDense('a', WIDTH, WIDTH, { reflections: 3, offset: false });
    const network = networkOf(layer);
    const U = Array.from({ length: 3 }, (_, i) =>
      Array.from(network.parameters.flat.dataSync()).slice(i * WIDTH, (i + 1) * WIDTH),
    );
    let Q = Array.from({ length: WIDTH }, (_, i) => Array.from({ length: WIDTH }, (_, j) => Number(i === j)));
    for (const u of U) {
      const size = u.reduce((sum, x) => sum + x * x, 0);
      Q = Q.map((row) => {
        const along = row.reduce((sum, x, k) => sum + x * u[k], 0);
        return row.map((x, k) => x - (2 * along * u[k]) / size);
      });
    }
    matrixOf(layer, network, WIDTH).forEach((row, i) => {
      row.forEach((x, j) => {
        expect(x).toBeCloseTo(Q[i][j], 5);
      });
    });
    network.dispose();
  });

  it.each([
    ['random', 1],
    ['nearly equal', 1e-3],
  ])('keeps all distances to float32 with 64 mirrors that are %s', (_, spread) => {
    const layer = orthogonalDense('a', 64, 64);
    const network = networkOf(layer);
    const flat = network.parameters.flat;
    tf.tidy(() => flat.assign(tf.add(tf.mul(flat, spread), 1 - spread) as tf.Tensor1D));
    const [before, after] = tf.tidy(() => {
      const x = rows(20, 64, 1);
      const metric = manifoldOn({ kind: 'euclidean', dim: 64 });
      const y = layer.apply(network.inferencePass(), x) as tf.Tensor2D;
      return [metric.pairwise(x, x).dataSync(), metric.pairwise(y, y).dataSync()];
    });
    before.forEach((d, i) => {
      expect(Math.abs(after[i] - d)).toBeLessThan(FLOAT32 * Math.max(1, d));
    });
    network.dispose();
  });

  it('refuses no mirrors, and more than there are directions', () => {
    expect(() => orthogonalDense('a', 3, 3, { reflections: 0 })).toThrow(UsageError);
    expect(() => orthogonalDense('a', 3, 3, { reflections: 4 })).toThrow(UsageError);
    expect(() => orthogonalDense('a', 0, 3)).toThrow(UsageError);
  });
});

describe('spectralNormBound', () => {
  it('is above the largest singular value by no more than its rank allows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 2, maxLength: 6 }),
        (values) => {
          const m = values.length;
          const W = tf.tidy(() => {
            const diagonal = tf.mul(tf.oneHot(tf.range(0, m, 1, 'int32'), m), tf.tensor1d(values));
            const turn = (seed: number) => {
              const network = networkOf(orthogonalDense('a', m, m, { offset: false }), seed);
              const turned = orthogonalDense('a', m, m, { offset: false }).apply(
                network.inferencePass(),
                tf.oneHot(tf.range(0, m, 1, 'int32'), m),
              );
              network.dispose();
              return turned as tf.Tensor2D;
            };
            return tf.matMul(tf.matMul(turn(1), diagonal as tf.Tensor2D), turn(2)) as tf.Tensor2D;
          });
          const bound = tf.tidy(() => spectralNormBound(W).dataSync()[0]);
          const largest = Math.max(...values);
          expect(bound).toBeGreaterThan(largest * (1 - FLOAT32) - 1e-7);
          expect(bound).toBeLessThan(largest * m ** (1 / 256) * (1 + DEEP) + 1e-6);
          W.dispose();
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });

  it('is no larger for a wide kernel than for its transpose, and finite for zeros', () => {
    const [a, b, zero] = tf.tidy(() => {
      const W = rows(3, 9, 1);
      return [W, tf.transpose(W), tf.zeros([2, 3])].map(
        (t) => spectralNormBound(t as tf.Tensor2D).dataSync()[0],
      );
    });
    expect(a).toBeCloseTo(b, 5);
    expect(zero).toBeLessThan(1e-6);
  });
});

describe('biLipschitz', () => {
  it('promises bounds before it has any weights, and keeps them when these are large', async () => {
    const layer = biLipschitz('a', { width: WIDTH, blocks: 3, contraction: 0.6 });
    const network = networkOf(layer);
    const { flat } = network.parameters;
    tf.tidy(() => flat.assign(tf.mul(flat, 100) as tf.Tensor1D));
    const { lower, upper } = await lipschitzBounds(layer, network);
    expect(lower).toBeGreaterThanOrEqual(0.4 ** 3 * (1 - DEEP));
    expect(upper).toBeLessThanOrEqual(1.6 ** 3 * (1 + DEEP));
    network.dispose();
  });

  it('refuses a contraction that keeps no inverse', () => {
    expect(() => biLipschitz('a', { width: 3, contraction: 1 })).toThrow(DomainError);
    expect(() => biLipschitz('a', { width: 3, contraction: 0 })).toThrow(DomainError);
    expect(() => biLipschitz('a', { width: 3, blocks: 0 })).toThrow(UsageError);
    expect(() => boundedLinear('a', 3, 3, 0)).toThrow(DomainError);
  });
});

describe('activation', () => {
  it('relu is flat below 0 and keeps what is above', () => {
    const [value, slope] = tf.tidy(() => {
      const x = tf.tensor2d([[-1, 2]]);
      const { value, pushforward } = activation('relu').linearize({} as never, x);
      return [value.dataSync(), pushforward(tf.tensor2d([[5, 5]])).dataSync()];
    });
    expect([...value, ...slope]).toEqual([0, 2, 0, 5]);
  });
});

describe('ballPoints', () => {
  it('is the exponential map of the ball, at the origin too', () => {
    const [ours, manifold] = tf.tidy(() => {
      const v = tf.concat([rows(3, 4, 1), tf.zeros([1, 4]), tf.fill([1, 4], 1e-8)]) as tf.Tensor2D;
      const { value, pushforward } = ballPoints(4, -0.8).linearize({} as never, v);
      const exp = manifoldOn({ kind: 'poincare', dim: 4, curvature: -0.8 }).exp0(v);
      const atOrigin = tf.slice(pushforward(tf.ones([5, 4])), [3, 0], [2, 4]);
      expect(Math.max(...tf.abs(tf.sub(atOrigin, 1)).dataSync())).toBeLessThan(FLOAT32);
      return [value.dataSync(), exp.dataSync()];
    });
    expect(Math.max(...ours.map((x, i) => Math.abs(x - manifold[i])))).toBeLessThan(FLOAT32);
  });

  it('refuses curvature of the wrong sign', () => {
    expect(() => ballPoints(2, 1)).toThrow(DomainError);
    expect(() => ballPoints(2, Number.NaN)).toThrow(DomainError);
  });
});
