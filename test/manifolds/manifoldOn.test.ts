import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { distance } from '../../src/geometry/distance.js';
import { manifoldOf } from '../../src/geometry/manifold.js';
import { cosineSpace, normalizeRows } from '../../src/manifolds/cosine.js';
import { type Curvatures, manifoldOn, metricOn } from '../../src/manifolds/manifoldOn.js';
import { gradientError } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { expectRows, normalRows } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const CURVED: readonly Extract<Space, { curvature: number }>[] = [
  { kind: 'sphere', dim: 3, curvature: 0.7 },
  { kind: 'poincare', dim: 2, curvature: -0.7 },
  { kind: 'lorentz', dim: 2, curvature: -0.7 },
  { kind: 'stereographic', dim: 2, curvature: 0.7 },
  { kind: 'stereographic', dim: 2, curvature: -0.7 },
];
const pairOf = (first: Space, second: Space, combine: 'sum' | 'l2' = 'l2'): Space => ({
  kind: 'product',
  combine,
  factors: [
    { space: first, weight: 2 },
    { space: { kind: 'product', combine, factors: [{ space: second, weight: 3 }] }, weight: 0.5 },
  ],
});
const [sphere, poincare, lorentz] = CURVED;
const REFUSED: readonly Space[] = [
  { kind: 'cosine', dim: 2 },
  { kind: 'innerProduct', dim: 2 },
  { kind: 'star', dim: 1 },
  pairOf(poincare, lorentz, 'sum'),
  pairOf(poincare, { kind: 'cosine', dim: 2 }),
];

/** Σ d(exp0(v), exp0(w)) over the rows, v and w in the frame. */
function spread(space: Space, curvatures: Curvatures | undefined, v: tf.Tensor2D, w: tf.Tensor2D): tf.Scalar {
  const m = manifoldOn(space, curvatures);
  return tf.sum(m.dist(m.exp0(m.frame(v)), m.exp0(m.frame(w))));
}

function spreadOf(space: Space, v: number[][], w: number[][]): number {
  const twin = manifoldOf(space);
  const at = (u: number[]) => twin.exp(twin.origin(), twin.frame(u));
  return v.reduce((sum, row, i) => sum + twin.dist(at(row), at(w[i])), 0);
}

describe.each(CURVED)('a learned curvature on $kind, $curvature', (space) => {
  const rows = () => [normalRows(5, 2, 0.4, 1), normalRows(5, 2, 0.4, 2)] as const;

  it('gives what the number gives', () => {
    tf.tidy(() => {
      const [v, w] = rows();
      const other = { ...space, curvature: 2 * space.curvature };
      const expected = spreadOf(other, v.arraySync(), w.arraySync());
      for (const K of [2 * space.curvature, tf.scalar(2 * space.curvature), [2 * space.curvature]]) {
        expect(Math.abs(spread(space, K, v, w).dataSync()[0] - expected)).toBeLessThan(FLOAT32 * expected);
      }
    });
  });

  it('has the gradient of the float64 differences', () => {
    tf.tidy(() => {
      const [v, w] = rows();
      const gradient = tf.grad((K) => spread(space, K as tf.Scalar, v, w))(tf.scalar(space.curvature));
      const at = (K: number) => spreadOf({ ...space, curvature: K }, v.arraySync(), w.arraySync());
      const expected = (at(space.curvature + 1e-4) - at(space.curvature - 1e-4)) / 2e-4;
      expect(Math.abs(gradient.dataSync()[0] / expected - 1)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    });
  });
});

describe('curvatures of a product', () => {
  const space = pairOf(poincare, lorentz);
  const rows = () => [normalRows(5, 4, 0.4, 3), normalRows(5, 4, 0.4, 4)] as const;

  it('go to the curved factors in order, nested ones too', () => {
    tf.tidy(() => {
      const [v, w] = rows();
      const expected = spreadOf(
        pairOf({ ...poincare, curvature: -2 }, { ...lorentz, curvature: -3 }),
        v.arraySync(),
        w.arraySync(),
      );
      const got = spread(space, [-2, tf.scalar(-3)], v, w).dataSync()[0];
      expect(Math.abs(got - expected)).toBeLessThan(FLOAT32 * expected);
    });
  });

  it('gather the gradients of all factors where they share one', () => {
    tf.tidy(() => {
      const [v, w] = rows();
      const shared = tf.grad((K) => spread(space, K as tf.Scalar, v, w))(tf.scalar(-1.5));
      const each = tf.grads((a, b) => spread(space, [a as tf.Scalar, b as tf.Scalar], v, w))([
        tf.scalar(-1.5),
        tf.scalar(-1.5),
      ]);
      const sum = each[0].dataSync()[0] + each[1].dataSync()[0];
      expect(Math.abs(shared.dataSync()[0] - sum)).toBeLessThan(FLOAT32 * Math.abs(sum));
      for (const part of each) expect(Math.abs(part.dataSync()[0])).toBeGreaterThan(1e-3);
    });
  });

  it('are refused unless there is one for each curved factor', () => {
    for (const list of [[], [-1], [-1, -1, -1]]) {
      expect(() => manifoldOn(space, list)).toThrow(UsageError);
      expect(() => metricOn(space, list)).toThrow(/manifold curvatures: expected 2, one for each/);
    }
    expect(() => manifoldOn({ kind: 'euclidean', dim: 2 }, [-1])).toThrow(UsageError);
  });
});

describe('bad input', () => {
  it('of a space without Riemannian metric throws UsageError, as in float64', () => {
    for (const space of REFUSED) {
      expect(() => manifoldOn(space)).toThrow(UsageError);
      expect(() => manifoldOf(space)).toThrow(UsageError);
    }
  });

  it.each([sphere, poincare, lorentz])(
    'of a curvature of the wrong sign on $kind throws DomainError',
    (space) => {
      for (const K of [-space.curvature, 0, Number.NaN]) {
        expect(() => manifoldOn(space, K)).toThrow(DomainError);
        expect(() => manifoldOn({ ...space, curvature: K })).toThrow(DomainError);
        expect(() => metricOn(pairOf(space, space), [space.curvature, K])).toThrow(DomainError);
      }
      const vector = tf.ones([2]);
      expect(() => manifoldOn(space, vector as unknown as tf.Scalar)).toThrow(ShapeError);
      vector.dispose();
    },
  );

  it.each([...CURVED, { kind: 'euclidean', dim: 2 } as const, pairOf(sphere, lorentz)])(
    'of other columns or unequal rows on $kind throws ShapeError that names the map',
    (space) => {
      const m = manifoldOn(space);
      tf.tidy(() => {
        const [x, y] = [m.exp0(m.frame(normalRows(3, m.dimension, 0.3, 1))), m.origin()];
        const wide = tf.zeros([3, m.columns + 1]) as tf.Tensor2D;
        for (const call of [
          () => m.dist(x, wide),
          () => m.pairwise(wide, x),
          () => m.inner(x, x, wide),
          () => m.exp(x, wide),
          () => m.log(wide, x),
          () => m.exp0(wide),
          () => m.log0(wide),
          () => m.transport(x, x, wide),
          () => m.project(wide),
          () => m.projectTangent(x, wide),
          () => m.egrad2rgrad(x, wide),
          () => m.frame(wide),
          () => m.dist(x, y),
          () => m.exp(x, y),
          () => m.transport(x, y, x),
        ]) {
          expect(call).toThrow(ShapeError);
        }
        expect(() => m.exp(x, wide)).toThrow(`${space.kind} exp: expected rows of ${m.columns} columns`);
      });
    },
  );
});

describe('metrics that are no manifolds', () => {
  it('of unit rows have the cosine distance in one product', () => {
    tf.tidy(() => {
      const [x, y] = [normalizeRows(normalRows(4, 3, 1, 1)), normalizeRows(normalRows(4, 3, 1, 2))];
      const [unit, any] = [cosineSpace(3), cosineSpace(3, 'any')];
      expectRows(unit.pairwise(x, y), any.pairwise(x, y));
      expectRows(tf.expandDims(unit.dist(x, y), 1), tf.expandDims(any.dist(x, y), 1) as tf.Tensor2D);
    });
  });

  it('normalised rows have the first and second derivatives of x / max(|x|, 1e-6)', () => {
    tf.tidy(() => {
      const x = normalRows(4, 3, 1, 3);
      const weights = normalRows(4, 3, 1, 4);
      const f = (t: tf.Tensor) => tf.sum(tf.mul(normalizeRows(t as tf.Tensor2D), weights)) as tf.Scalar;
      expect(gradientError(f, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      const slope = (t: tf.Tensor) => tf.sum(tf.mul(tf.grad(f)(t), normalRows(4, 3, 1, 5))) as tf.Scalar;
      expect(gradientError(slope, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      const small = tf.tensor2d([
        [0, 0, 0],
        [3e-7, -4e-7, 0],
      ]);
      expect(
        Array.from(
          tf
            .grad((t) => tf.sum(normalizeRows(t as tf.Tensor2D)))(small)
            .dataSync(),
        ),
      ).toEqual(new Array(6).fill(expect.closeTo(1e6, -1)));
    });
  });

  it.each(REFUSED)('have the distances of float64: $kind', (space) => {
    tf.tidy(() => {
      const n = columnsOf(space);
      const points = (seed: number) => {
        // Inside the unit ball, with lorentz columns lifted: valid in each of these spaces.
        const rows = tf.tanh(tf.abs(normalRows(4, n, 0.3, seed)));
        return space.kind === 'product' && space.combine === 'sum'
          ? tf.concat(
              [tf.slice(rows, [0, 0], [-1, 2]), manifoldOn(lorentz).project(tf.slice(rows, [0, 2], [-1, 3]))],
              1,
            )
          : rows;
      };
      const [x, y] = [points(1) as tf.Tensor2D, points(2) as tf.Tensor2D];
      const [xs, ys] = [x.arraySync(), y.arraySync()];
      const metric = metricOn(space);
      expect(metric.space).toEqual(space);
      expectRows(
        metric.pairwise(x, y),
        xs.map((p) => ys.map((q) => distance(space, p, q))),
      );
      expectRows(
        tf.expandDims(metric.dist(x, y), 1),
        xs.map((p, i) => [distance(space, p, ys[i])]),
      );
      expect(() => metric.dist(x, tf.zeros([4, n + 1]))).toThrow(ShapeError);
    });
  });
});
