import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { columnsOf, type Space } from '../../../src/core/space.js';
import { fused, registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { distance } from '../../../src/geometry/distance.js';
import { pairwiseDistance } from '../../../src/manifolds/distance/pairwise.js';
import { rowDistance } from '../../../src/manifolds/distance/rows.js';
import { FLOAT32 } from '../../laws/tolerance.js';
import {
  differences,
  freeDistance,
  PATHS,
  pointOf,
  randomPoints,
  SPACES,
  type TestSpace,
  usePath,
  worst,
} from './points.js';

let registered: ReturnType<typeof fused<'pairs'>>;
beforeAll(async () => {
  await openEngine();
  registered = fused('pairs');
});
afterAll(() => registerFused('pairs', registered));

/** The rounding of a result to float32, and of the float64 sums before it. */
const ROUNDED = 1.2e-7;
/** Float32 sums of at most 128 terms, and the defect at a rim of 1e-6. */
const BY_TENSORS = 2e-3;

/** A unit vector of the first two axes' plane, turned by an angle from the first. */
const turned = (dim: number, angle: number) =>
  Array.from({ length: dim }, (_, i) => (i === 0 ? Math.cos(angle) : i === 1 ? Math.sin(angle) : 0));

function pairOf(space: TestSpace, x: Float32Array, y: Float32Array): number {
  const columns = columnsOf(space);
  return tf.tidy(
    () => pairwiseDistance(space, tf.tensor2d(x, [1, columns]), tf.tensor2d(y, [1, columns])).dataSync()[0],
  );
}

describe.each(PATHS)('distances by %s', (path) => {
  beforeEach(() => usePath(path));

  it.each(SPACES)('of %o are those in float64', (space) => {
    const columns = columnsOf(space);
    const [x, y] = [randomPoints(space, 9, 1), randomPoints(space, 13, 2)];
    const [p, q] = [tf.tensor2d(x, [9, columns]), tf.tensor2d(y, [13, columns])];
    const all = tf.tidy(() => pairwiseDistance(space, p, q).dataSync());
    const rows = tf.tidy(() => rowDistance(space, p, tf.slice(q, [0, 0], [9, columns])).dataSync());
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 13; j++) {
        const exact = distance(
          space,
          x.subarray(i * columns, (i + 1) * columns),
          y.subarray(j * columns, (j + 1) * columns),
        );
        expect(Math.abs(all[i * 13 + j] - exact)).toBeLessThan(FLOAT32 * Math.max(1, Math.abs(exact)));
        if (j === i) expect(Math.abs(rows[i] - exact)).toBeLessThan(FLOAT32 * Math.max(1, Math.abs(exact)));
      }
    }
    tf.dispose([p, q]);
  });

  it('of a ball hold from distance 1e-7 at any radius that float32 can write', () => {
    const space = { kind: 'poincare', dim: 128, curvature: -1 } as const;
    for (const radius of [0.1, 1, 3, 6, 10, 13, 15]) {
      for (const d of [1e-7, 1e-5, 1e-3, 0.1, 1]) {
        const x = pointOf(
          space,
          turned(128, 0.3).map((a) => a * radius),
        );
        // Angle of an arc of length d on the circle of that radius.
        const y = pointOf(
          space,
          turned(128, 0.3 + d / Math.sinh(radius)).map((a) => a * radius),
        );
        const exact = distance(space, x, y);
        expect(Math.abs(pairOf(space, x, y) - exact)).toBeLessThanOrEqual(
          (path === 'fused' ? ROUNDED : BY_TENSORS) * exact,
        );
      }
    }
  });

  it('of opposite points at the last float32 before the rim are that of float64', () => {
    const space = { kind: 'poincare', dim: 2, curvature: -1 } as const;
    const edge = 1 - 2 ** -24;
    const [x, y] = [Float32Array.of(edge, 0), Float32Array.of(-edge, 0)];
    const exact = distance(space, x, y);
    expect(exact).toBeGreaterThan(34);
    expect(Math.abs(pairOf(space, x, y) - exact)).toBeLessThan(FLOAT32 * exact);
  });

  it('of a sphere and of stereographic K > 0 hold at antipodes', () => {
    const sphere = { kind: 'sphere', dim: 3, curvature: 1 } as const;
    const plane = { kind: 'stereographic', dim: 3, curvature: 1 } as const;
    for (const angle of [0, 1e-6, 1e-4, 1e-2, 1]) {
      const x = Float32Array.from(turned(3, 0.2));
      const y = Float32Array.from(turned(3, 0.2 + Math.PI - angle));
      expect(Math.abs(pairOf(sphere, x, y) - distance(sphere, x, y))).toBeLessThan(FLOAT32);
      expect(Math.abs(pairOf(plane, x, y) - distance(plane, x, y))).toBeLessThan(FLOAT32);
    }
    // The antipode of the middle is infinitely far out.
    const [middle, far] = [new Float32Array(3), Float32Array.of(3000, -4000, 0)];
    for (const [x, y] of [
      [middle, far],
      [far, middle],
    ]) {
      expect(Math.abs(pairOf(plane, x, y) - distance(plane, x, y))).toBeLessThan(FLOAT32 * Math.PI);
    }
  });

  it('are the same through curvature 0', () => {
    const at = (curvature: number): Space => ({ kind: 'stereographic', dim: 5, curvature });
    const [x, y] = [randomPoints(at(0) as TestSpace, 3, 5), randomPoints(at(0) as TestSpace, 3, 6)];
    const [p, q] = [tf.tensor2d(x, [3, 5]), tf.tensor2d(y, [3, 5])];
    const flat = pairwiseDistance({ kind: 'stereographic', dim: 5, curvature: 0 }, p, q).dataSync();
    for (const K of [-1e-12, -1e-7, 1e-30, 1e-12, 1e-7]) {
      const d = tf.tidy(() =>
        pairwiseDistance({ kind: 'stereographic', dim: 5, curvature: K }, p, q).dataSync(),
      );
      expect(worst(d, flat)).toBeLessThan(FLOAT32);
    }
    tf.dispose([p, q]);
  });

  it('NaN comes out where NaN or a point outside went in, or is refused', () => {
    const space = { kind: 'poincare', dim: 2, curvature: -1 } as const;
    for (const bad of [Number.NaN, 1.5, 1]) {
      const run = () => pairOf(space, Float32Array.of(bad, 0), Float32Array.of(bad, 0.1));
      if (path === 'fused') expect(run).toThrow(/pairwiseDistance x row 0: expected/);
      else expect(run()).not.toBeLessThan(Number.POSITIVE_INFINITY);
    }
  });

  it('of two empty sets have a shape and gradients', () => {
    const space = { kind: 'poincare', dim: 2, curvature: -1 } as const;
    const none = tf.zeros([0, 2]) as tf.Tensor2D;
    const some = tf.zeros([3, 2]) as tf.Tensor2D;
    tf.tidy(() => {
      expect(pairwiseDistance(space, none, some).shape).toEqual([0, 3]);
      expect(pairwiseDistance(space, some, none).shape).toEqual([3, 0]);
      expect(tf.grad((t) => tf.sum(pairwiseDistance(space, t as tf.Tensor2D, none)))(some).shape).toEqual([
        3, 2,
      ]);
    });
    tf.dispose([none, some]);
  });
});

describe.skipIf(!PATHS.includes('fused'))('fused gradients', () => {
  beforeEach(() => usePath('fused'));

  it.each(SPACES.filter((s) => s.kind !== 'innerProduct' && s.kind !== 'cosine'))(
    'of %o keep their digits between near points',
    (space) => {
      const columns = columnsOf(space);
      const rng = new Rng(4);
      for (const d of [1e-6, 1e-4, 1e-2]) {
        const v = Array.from({ length: space.dim }, () => rng.normal());
        const x = pointOf(space, v);
        const y = pointOf(
          space,
          v.map((a, i) => a + (i === 1 ? d : 0)),
        );
        const apart = freeDistance(space, Float64Array.from(x), Float64Array.from(y));
        const f = (at: Float64Array) => freeDistance(space, at, Float64Array.from(y));
        // A step of 1e-3 of the distance: truncation 1e-6, and float64 rounding of the points is 1e-16 / step.
        const expected = differences(f, x, apart * 1e-3);
        const gradient = tf.tidy(() => {
          const to = tf.tensor2d(y, [1, columns]);
          return tf
            .grad((t) => tf.sum(pairwiseDistance(space, t as tf.Tensor2D, to)))(tf.tensor2d(x, [1, columns]))
            .dataSync();
        });
        expect(worst(gradient, expected)).toBeLessThan(FLOAT32);
      }
    },
  );

  it('point along the geodesic with the length of the metric, at any curvature and radius', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -4, max: -0.05, noNaN: true }),
        fc.double({ min: 0.01, max: 14, noNaN: true }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (curvature, radius, angle) => {
          const space = { kind: 'poincare', dim: 3, curvature } as const;
          const x = pointOf(
            space,
            turned(3, 0.1).map((a) => a * radius),
          );
          const y = pointOf(
            space,
            turned(3, 0.1 + angle).map((a) => a * 0.5),
          );
          const gradient = tf.tidy(() => {
            const to = tf.tensor2d(y, [1, 3]);
            return tf
              .grad((t) => tf.sum(pairwiseDistance(space, t as tf.Tensor2D, to)))(tf.tensor2d(x, [1, 3]))
              .dataSync();
          });
          // |∇d| = 1 in the metric: the Euclidean gradient has length 2 / (1 - c|x|²).
          const squared = x.reduce((sum, a) => sum + a * a, 0);
          expect(Math.abs((Math.hypot(...gradient) * (1 + curvature * squared)) / 2 - 1)).toBeLessThan(
            FLOAT32,
          );
        },
      ),
      { seed: 3, numRuns: 100 },
    );
  });
});
