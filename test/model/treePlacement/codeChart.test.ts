import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { columnsOf, type Space } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { distanceMatrix } from '../../../src/geometry/distance.js';
import { requirePoints } from '../../../src/geometry/points.js';
import { codeChart } from '../../../src/model/treePlacement/codeChart.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const star: Space = { kind: 'star', dim: 1 };
const product = (...spaces: Space[]): Space => ({
  kind: 'product',
  combine: 'sum',
  factors: spaces.map((space) => ({ space, weight: 1.7 })),
});
const SPACES: readonly (readonly [name: string, space: Space, outputs: number])[] = [
  ['euclidean', { kind: 'euclidean', dim: 3 }, 3],
  ['cosine', { kind: 'cosine', dim: 3 }, 3],
  ['poincare', { kind: 'poincare', dim: 3, curvature: -1 }, 3],
  ['poincare of curvature -4', { kind: 'poincare', dim: 2, curvature: -4 }, 2],
  ['lorentz', { kind: 'lorentz', dim: 2, curvature: -1 }, 2],
  ['sphere', { kind: 'sphere', dim: 3, curvature: 2 }, 3],
  ['one factor', product({ kind: 'poincare', dim: 2, curvature: -1 }), 2],
  ['hyperbolic with an offset', product({ kind: 'poincare', dim: 2, curvature: -1 }, star), 3],
  ['Euclidean with an offset', product({ kind: 'euclidean', dim: 2 }, star), 3],
];

const outputsOf = (n: number, columns: number, seed: number) => {
  const rng = new Rng(seed);
  return tf.tensor2d(
    Float32Array.from({ length: n * columns }, () => rng.normal()),
    [n, columns],
  );
};

describe.each(SPACES)('a chart of codes: %s', (_, space, outputs) => {
  const chart = codeChart(space);

  it('makes points of the space from any numbers', async () => {
    expect(chart.outputs).toBe(outputs);
    const raw = outputsOf(9, outputs, 1);
    const points = chart.toPoints(raw);
    const lowered = chart.lower(matrix((await points.data()) as Float32Array, 9, points.shape[1]));
    expect(lowered.columns).toBe(columnsOf(space));
    requirePoints(space, lowered, 'chart');
    tf.dispose([raw, points]);
  });

  it('keeps distances when points are lifted, and brings them back', async () => {
    const raw = outputsOf(9, outputs, 2);
    const points = chart.toPoints(raw);
    const trained = matrix((await points.data()) as Float32Array, 9, points.shape[1]);
    const codes = chart.lower(trained);
    const lifted = chart.lift(codes);
    const expected = distanceMatrix(space, codes, codes);
    const got = distanceMatrix(chart.metric.space, lifted, lifted);
    // Coordinates of a ball are rounded, at radius 3 to 1e-6 of a length.
    got.data.forEach((d, k) => {
      expect(Math.abs(d - expected.data[k])).toBeLessThan(FLOAT32 * Math.max(1, expected.data[k]));
    });
    const largest = trained.data.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
    lifted.data.forEach((x, k) => {
      expect(Math.abs(x - trained.data[k])).toBeLessThan(FLOAT32 * largest);
    });
    tf.dispose([raw, points]);
  });

  it('has a gradient through the distances', () => {
    const [x, y] = [outputsOf(4, outputs, 3), outputsOf(5, outputs, 4)];
    const weights = tf.tensor2d(
      Array.from({ length: 20 }, (_, k) => Math.sin(1 + 3 * k)),
      [4, 5],
    );
    const f = (t: tf.Tensor) => {
      const distances = chart.metric.pairwise(chart.toPoints(t as tf.Tensor2D), chart.toPoints(y));
      return tf.sum(tf.mul(weights, distances)) as tf.Scalar;
    };
    expect(gradientError(f, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([x, y, weights]);
  });

  it('leaves no tensors behind', async () => {
    const raw = outputsOf(4, outputs, 5);
    expect(await leakedTensors(() => chart.toPoints(raw))).toBe(0);
    raw.dispose();
  });
});

describe('a chart of codes', () => {
  it('is refused for inner products', () => {
    const kind = 'innerProduct';
    expect(() => codeChart({ kind, dim: 3 })).toThrow(UsageError);
    expect(() => codeChart(product({ kind, dim: 3 }, star))).toThrow('codeChart space');
  });
});
