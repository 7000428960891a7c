import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { tangentNorm } from '../../src/geometry/lorentz.js';
import { lorentz } from '../../src/manifolds/lorentz.js';
import { gradientError } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { expectRows, normalRows } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const space = { kind: 'lorentz', dim: 3, curvature: -1 } as const;
const manifold = lorentz(space);

/** Points at the given distances from the origin. */
function pointsAt(distances: number[], m = manifold): tf.Tensor2D {
  return tf.tidy(() => {
    const v = normalRows(distances.length, 3, 1, 1);
    const unit = tf.div(v, tf.norm(v, 2, 1, true));
    return m.exp0(m.frame(tf.mul(unit, tf.reshape(tf.tensor1d(distances), [-1, 1]))));
  });
}

describe('the hyperboloid on tensors', () => {
  it('has cosh and sinh of the distance as coordinates', () => {
    tf.tidy(() => {
      const [c, s] = [Math.cosh(1), Math.sinh(1)];
      const one = tf.tensor2d([[0, 1, 0, 0]]);
      expectRows(manifold.origin(), [[1, 0, 0, 0]]);
      expectRows(manifold.exp0(one), [[c, s, 0, 0]]);
      expectRows(manifold.exp(manifold.origin(), one), [[c, s, 0, 0]]);
      expectRows(manifold.log0(tf.tensor2d([[c, s, 0, 0]])), [[0, 1, 0, 0]]);
      expectRows(
        manifold.transport(manifold.origin(), tf.tensor2d([[c, s, 0, 0]]), tf.tensor2d([[0, 2, 3, 0]])),
        [[2 * s, 2 * c, 3, 0]],
      );
    });
  });

  it('has points at time √(1/c + |rest|²) after 60 steps, at any curvature', () => {
    for (const K of [-0.1, -7]) {
      const m = lorentz(space, K);
      const steps = normalRows(60, 8 * 3, 0.2 / Math.sqrt(-K), 2);
      const x = tf.tidy(() => {
        let at = m.exp0(tf.zeros([8, 4]));
        for (let i = 0; i < 60; i++) {
          const v = m.frame(tf.reshape(tf.slice(steps, [i, 0], [1, -1]), [8, 3]));
          const next = m.exp(at, m.transport(tf.tile(m.origin(), [8, 1]), at, v));
          at.dispose();
          at = next;
        }
        return at;
      });
      for (const [time, ...rest] of x.arraySync()) {
        expect(Math.abs(time / Math.sqrt(-1 / K + Math.hypot(...rest) ** 2) - 1)).toBeLessThan(2e-7);
      }
      tf.dispose([x, steps]);
    }
  });

  it('has lengths of tangent vectors to float32 where <u, u> in float32 has no digit left', () => {
    const distances = [0, 1e-12, 1e-8, 1e-3, 1, 4, 9];
    tf.tidy(() => {
      const x = pointsAt(distances);
      // Along the way to the origin times and space columns all but cancel.
      const u = manifold.log(x, manifold.exp0(tf.mul(manifold.log0(x), 0.9)));
      const [points, vectors] = [x.arraySync(), u.arraySync()];
      const got = tf.sqrt(manifold.inner(x, u, u)).dataSync();
      distances.forEach((_, i) => {
        const exact = tangentNorm(points[i], vectors[i], 1);
        expect(Math.abs(got[i] - exact)).toBeLessThanOrEqual(FLOAT32 * exact);
      });
    });
  });

  it('has finite gradients at the origin, for no step and between equal points', () => {
    const x = pointsAt([0, 0, 1, 3]);
    const zero = tf.zeros([4, 4]) as tf.Tensor2D;
    const sums: Record<string, (t: tf.Tensor2D) => tf.Tensor> = {
      exp: (t) => manifold.exp(x, t),
      'exp, in the point': (t) => manifold.exp(tf.add(x, t), zero),
      exp0: (t) => manifold.exp0(t),
      log0: (t) => manifold.log0(tf.add(x, t)),
      log: (t) => manifold.log(x, tf.add(x, t)),
      transport: (t) => manifold.transport(x, tf.add(x, t), zero),
      dist: (t) => manifold.dist(x, tf.add(x, t)),
    };
    for (const [name, map] of Object.entries(sums)) {
      const gradient = tf.tidy(() =>
        tf
          .grad((t) => tf.sum(map(t as tf.Tensor2D)))(zero)
          .dataSync(),
      );
      expect(Array.from(gradient).every(Number.isFinite), name).toBe(true);
    }
    tf.dispose([x, zero]);
  });

  it('has the gradients of its maps in all arguments, the curvature too', () => {
    const v = normalRows(5, 3, 1, 3);
    const weights = normalRows(5, 4, 1, 4);
    const through = (curvature: tf.Scalar | number) => (from: tf.Tensor) => {
      const m = lorentz(space, curvature);
      const x = m.exp0(m.frame(tf.mul(from, 0.5)));
      const y = m.exp0(m.frame(tf.mul(tf.reverse(from, 0), 0.4)));
      const moved = m.transport(x, y, m.log(x, y));
      return tf.sum(tf.mul(tf.add(m.exp(y, tf.mul(moved, 0.3)), m.log0(y)), weights)) as tf.Scalar;
    };
    expect(gradientError(through(-1), v, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    const inCurvature = (k: tf.Tensor) => through(k as tf.Scalar)(v);
    expect(gradientError(inCurvature, tf.scalar(-1), 1e-2)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([v, weights]);
  });

  it('lifts anything by project, whatever its time was, and gives NaN for NaN', () => {
    tf.tidy(() => {
      expectRows(manifold.project(tf.tensor2d([[-7, 0, 3, 4]])), [[Math.sqrt(26), 0, 3, 4]]);
      const bad = tf.tensor2d([[1, Number.NaN, 0, 0]]);
      const x = manifold.origin();
      for (const result of [
        manifold.exp(x, bad),
        manifold.log0(bad),
        manifold.exp0(bad),
        manifold.project(bad),
      ])
        expect(Number.isNaN(result.dataSync()[1])).toBe(true);
    });
  });
});
