import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import * as twins from '../../src/geometry/conversions.js';
import * as to from '../../src/manifolds/conversions.js';
import type { Curvature } from '../../src/manifolds/manifold.js';
import { gradientError } from '../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const PARAMETERS = { seed: 7, numRuns: 20 };
const DIM = 3;
const ROWS = 16;
const UNIT = 2 ** -24;
/** A dozen operations, and three coordinates. */
const ROUNDINGS = 32;

const onTensors = { ...to };
const inFloat64 = { ...twins };
type Name = keyof typeof onTensors;
/** The map on tensors, its inverse, and the sign of K. */
const PAIRS: readonly (readonly [Name, Name, 1 | -1])[] = [
  ['poincareToLorentz', 'lorentzToPoincare', -1],
  ['poincareToKlein', 'kleinToPoincare', -1],
  ['poincareToHalfSpace', 'halfSpaceToPoincare', -1],
  ['stereographicToSphere', 'sphereToStereographic', 1],
];

const drawn = fc.record({
  K: fc.double({ min: 0.05, max: 20, noNaN: true }),
  seed: fc.nat(2 ** 31),
  /** Distance of the farthest row from the origin, in units. */
  far: fc.double({ min: 0, max: 9, noNaN: true }),
});

/** Float32 points of the ball, or of the plane onto which a sphere is projected, at up to `far` from the origin. */
function pointsOf(seed: number, far: number, K: number): number[][] {
  const rng = new Rng(seed);
  return Array.from({ length: ROWS }, (_, i) => {
    const v = Array.from({ length: DIM }, () => rng.normal());
    const half = (far * [1, rng.uniform(), 0][i % 3]) / 2;
    const radius = K < 0 ? Math.tanh(half) : Math.tan((half / 9) * 3);
    return v.map((value) => Math.fround((value * radius) / (Math.hypot(...v) * Math.sqrt(Math.abs(K)))));
  });
}

const twinOf = (name: Name, K: number) => (row: ArrayLike<number>) =>
  Array.from(inFloat64[name](row, Math.abs(K)));

/** Largest error of a row relative to its norm and to `floor`, in roundings of float32. */
function roundings(got: number[][], exact: number[][], floor: number): number {
  return Math.max(
    ...got.map((row, i) => {
      const off = Math.hypot(...row.map((value, k) => value - exact[i][k]));
      return off / (UNIT * Math.max(floor, Math.hypot(...exact[i])));
    }),
  );
}

describe.each(PAIRS)('%s and %s on tensors', (there, back, sign) => {
  it('are their float64 twins to a few roundings, up to 9 units from the origin', () => {
    fc.assert(
      fc.property(drawn, ({ K, seed, far }) => {
        const curvature = sign * K;
        const points = pointsOf(seed, far, curvature);
        const images = points.map(twinOf(there, curvature)).map((row) => row.map(Math.fround));
        // Half-space coordinates are pure numbers around 1; all others have the unit 1/√|K|.
        const unit = 1 / Math.sqrt(K);
        const got = tf.tidy(() => [
          onTensors[there](tf.tensor2d(points), curvature).arraySync(),
          onTensors[back](tf.tensor2d(images), curvature).arraySync(),
        ]);
        const floor = there === 'poincareToHalfSpace' ? 0.01 : unit;
        expect(roundings(got[0], points.map(twinOf(there, curvature)), floor)).toBeLessThan(
          ROUNDINGS * conditioning(there, points, curvature),
        );
        expect(roundings(got[1], images.map(twinOf(back, curvature)), unit)).toBeLessThan(ROUNDINGS);
      }),
      PARAMETERS,
    );
  });

  it('have gradients in the points and in K', () => {
    const points = tf.tensor2d(pointsOf(3, 1.2, sign));
    const weights = tf.reshape(tf.sin(tf.range(1, ROWS * (DIM + 1) + 1)), [ROWS, DIM + 1]);
    const sum = (t: tf.Tensor) =>
      tf.sum(tf.mul(t, tf.slice(weights, [0, 0], [-1, t.shape[1]!]))) as tf.Scalar;
    const round = (x: tf.Tensor2D, K: Curvature) => {
      const image = onTensors[there](x, K);
      return tf.add(sum(image), sum(tf.square(onTensors[back](image, K))));
    };
    const inPoints = (x: tf.Tensor) => round(x as tf.Tensor2D, sign) as tf.Scalar;
    const inCurvature = (K: tf.Tensor) => round(points, K as tf.Scalar) as tf.Scalar;
    expect(gradientError(inPoints, points, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    expect(gradientError(inCurvature, tf.scalar(sign), 1e-2)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([points, weights]);
  });

  it('refuse a curvature of the wrong sign, and one that is no scalar', () => {
    const x = tf.zeros([1, 3]) as tf.Tensor2D;
    for (const map of [onTensors[there], onTensors[back]]) {
      for (const K of [-sign, 0, Number.NaN]) expect(() => map(x, K)).toThrow(DomainError);
      expect(() => map(x, tf.ones([3]) as unknown as tf.Scalar)).toThrow(ShapeError);
    }
    x.dispose();
  });
});

/** What a rounding of q = √c p counts in half-space coordinates: more, the nearer q is to the point that goes to infinity. */
function conditioning(name: Name, points: number[][], K: number): number {
  if (name !== 'poincareToHalfSpace') return 1;
  const fromPole = (p: number[]) => {
    const q = p.map((value) => value * Math.sqrt(-K));
    return Math.hypot(q[0], q[1], q[2] - 1);
  };
  return 1 / Math.min(1, ...points.map(fromPole));
}
