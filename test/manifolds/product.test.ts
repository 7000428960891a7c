import { beforeAll, describe, expect, it } from 'vitest';
import type { ProductSpace, Space } from '../../src/core/space.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { distance } from '../../src/geometry/distance.js';
import { manifoldOn, metricOn } from '../../src/manifolds/manifoldOn.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { expectRows, normalRows } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const POINCARE = { kind: 'poincare', dim: 2, curvature: -1 } as const;
const product = (combine: 'sum' | 'l2', ...factors: [Space, number][]): ProductSpace => ({
  kind: 'product',
  combine,
  factors: factors.map(([space, weight]) => ({ space, weight })),
});
const line = { kind: 'euclidean', dim: 1 } as const;
const star = { kind: 'star', dim: 1 } as const;

/** Points of cosine (3 columns), Poincaré (2), star (1) side by side. */
function mixedRows(n: number, seed: number): tf.Tensor2D {
  return tf.tidy(() =>
    tf.concat(
      [
        metricRows(n, seed),
        manifoldOn(POINCARE).exp0(normalRows(n, 2, 0.5, seed + 1)),
        tf.square(normalRows(n, 1, 1, seed + 2)) as tf.Tensor2D,
      ],
      1,
    ),
  );
}
function metricRows(n: number, seed: number): tf.Tensor2D {
  const rows = normalRows(n, 3, 1, seed);
  return tf.div(rows, tf.norm(rows, 2, 1, true));
}

describe.each(['sum', 'l2'] as const)('a product with combine "%s" on tensors', (combine) => {
  const space = product(combine, [{ kind: 'cosine', dim: 3 }, 10], [POINCARE, 0.5], [star, 2]);
  const metric = metricOn(space);

  it('has the distances of float64, of pairs and of rows', () => {
    tf.tidy(() => {
      const [x, y] = [mixedRows(5, 1), mixedRows(5, 11)];
      const [xs, ys] = [x.arraySync(), y.arraySync()];
      const exact = xs.map((p) => ys.map((q) => distance(space, p, q)));
      expectRows(metric.pairwise(x, y), exact);
      expectRows(
        tf.expandDims(metric.dist(x, y), 1),
        exact.map((row, i) => [row[i]]),
      );
    });
  });

  it('has 0 from an item to itself where it is told which rows are one item', () => {
    tf.tidy(() => {
      const x = mixedRows(4, 3);
      const apart = metric.pairwise(x, x, { same: 'none' }).arraySync();
      const own = metric.pairwise(x, x, { same: 'diagonal' }).arraySync();
      const offsets = x.arraySync().map((row) => 2 * row[5]);
      offsets.forEach((b, i) => {
        expect(own[i][i]).toBeLessThan(1e-6);
        const twice = combine === 'sum' ? 2 * b : Math.sqrt(2) * b;
        expect(Math.abs(apart[i][i] - twice)).toBeLessThan(FLOAT32 * Math.max(1, twice));
        for (let j = 0; j < 4; j++) if (j !== i) expect(own[i][j]).toBe(apart[i][j]);
      });
    });
  });

  it('has the gradient of its values', () => {
    const [x, y] = [mixedRows(3, 5), mixedRows(4, 7)];
    const weights = tf.reshape(tf.range(1, 13), [3, 4]);
    const sum = (d: tf.Tensor) => tf.sum(tf.mul(d, weights)) as tf.Scalar;
    expect(gradientError((t) => sum(metric.pairwise(t as tf.Tensor2D, y)), x, 1e-3)).toBeLessThan(
      GRADIENT_BY_DIFFERENCES,
    );
    tf.dispose([x, y, weights]);
  });

  it('leaves no tensors behind', async () => {
    const x = mixedRows(3, 9);
    expect(await leakedTensors(() => [metric.pairwise(x, x, { same: 'diagonal' }), metric.dist(x, x)])).toBe(
      0,
    );
    x.dispose();
  });
});

describe('weights and products in products', () => {
  const x = [[0, 0, 0]];
  const y = [[3, 1, 2]];
  it('enter sum as Σ w d and l2 as √(Σ w d²)', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor2d(x), tf.tensor2d(y)];
      const of = (space: ProductSpace) => metricOn(space).dist(a, b).dataSync()[0];
      expect(of(product('sum', [line, 2], [line, 5], [line, 0.5]))).toBeCloseTo(2 * 3 + 5 * 1 + 0.5 * 2, 5);
      expect(of(product('l2', [line, 2], [line, 5], [line, 0.5]))).toBeCloseTo(Math.sqrt(18 + 5 + 2), 5);
      const inner = product('l2', [line, 2], [line, 3]);
      expect(of(product('sum', [line, 2], [inner, 5]))).toBeCloseTo(2 * 3 + 5 * Math.sqrt(2 + 3 * 4), 4);
    });
  });

  it('have the metric Σ w g: gradients are divided by w, the frame by √w', () => {
    const m = manifoldOn(product('l2', [line, 4], [line, 9]));
    tf.tidy(() => {
      const at = tf.tensor2d([[1, 1]]);
      const ones = tf.tensor2d([[1, 1]]);
      expectRows(m.inner(at, ones, ones), [[13]]);
      expectRows(m.egrad2rgrad(at, ones), [[1 / 4, 1 / 9]]);
      expectRows(m.frame(ones), [[1 / 2, 1 / 3]]);
    });
  });
});

describe('l2 between equal points', () => {
  it('is 0 with gradient 0, also next to pairs that differ', () => {
    const space = product('l2', [{ kind: 'euclidean', dim: 2 }, 1], [POINCARE, 3]);
    const metric = metricOn(space);
    const x = tf.tensor2d([[0.5, 0.1, 0.2, 0.3]]);
    const { value, grad } = tf.valueAndGrad((t) => tf.sum(metric.pairwise(t as tf.Tensor2D, x)))(x);
    expect(value.dataSync()[0]).toBe(0);
    expect(Array.from(grad.dataSync())).toEqual([0, 0, 0, 0]);
    const both = tf.tensor2d([
      [0.5, 0.1, 0.2, 0.3],
      [0.4, 0.3, 0.1, -0.2],
    ]);
    const alone = tf.tensor2d([[0.4, 0.3, 0.1, -0.2]]);
    const gradientTo = (targets: tf.Tensor2D) =>
      tf.grad((t) => tf.sum(metric.pairwise(t as tf.Tensor2D, targets)))(x) as tf.Tensor2D;
    tf.tidy(() => expectRows(gradientTo(both), gradientTo(alone)));
    tf.dispose([x, value, grad, both, alone]);
  });
});
