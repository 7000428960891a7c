import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import {
  type BallOptions,
  ballCoefficients,
  ballMultiplicities,
} from '../../../src/symmetry/so3/ballProjection.js';
import { sphericalHarmonics } from '../../../src/symmetry/so3/harmonics.js';
import { rotatePoints } from '../../../src/symmetry/so3/rotationMatrix.js';
import { rotateCoefficients } from '../../../src/symmetry/so3/wignerD.js';
import { radialFunctions, radialOrders } from '../../../src/symmetry/so3/zernike.js';
import { expectClose, fixture, pointsOf, rotation } from './support.js';

const exact = fixture<{
  radii: number[];
  radial: { n: number; l: number; floored: number[]; orthonormal: number[] }[];
}>('exact');

const OPTIONS: BallOptions = { radius: 10, order: 7, degree: 3, kinds: 2 };

/** Nodes and weights on [0, 1], exact below degree 2 count. */
function gaussLegendre(count: number): { nodes: number[]; weights: number[] } {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < count; i++) {
    let t = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let step = 0; step < 8; step++) {
      let [before, value] = [1, t];
      for (let l = 1; l < count; l++) {
        [before, value] = [value, ((2 * l + 1) * t * value - l * before) / (l + 1)];
      }
      slope = (count * (t * value - before)) / (t * t - 1);
      t -= value / slope;
    }
    nodes.push((t + 1) / 2);
    weights.push(1 / ((1 - t * t) * slope * slope));
  }
  return { nodes, weights };
}

describe('radialFunctions', () => {
  it('are the formula in 50 digits, n to 30, l to 20, with either binomial', () => {
    for (const scale of ['floored', 'orthonormal'] as const) {
      const options = { radius: 2, order: 30, degree: 20, scale };
      const places = radialOrders(options).flatMap((orders, l) => orders.map((n) => `${n},${l}`));
      const { data, columns } = radialFunctions(
        exact.radii.map((r) => 2 * r),
        options,
      );
      for (const row of exact.radial) {
        const at = places.indexOf(`${row.n},${row.l}`);
        expectClose(
          exact.radii.map((_, i) => data[i * columns + at]),
          row[scale],
        );
      }
    }
  });

  it('are orthogonal over the ball within a degree, with norms as their values at the rim say', () => {
    const { nodes, weights } = gaussLegendre(40);
    for (const scale of ['floored', 'orthonormal'] as const) {
      const options = { radius: 1, order: 30, degree: 20, scale };
      const { data, columns } = radialFunctions(nodes, options);
      const rim = radialFunctions([1], options).data;
      if (scale === 'orthonormal') expect(rim[0]).toBeCloseTo(Math.sqrt(3), 14);
      let from = 0;
      for (const orders of radialOrders(options)) {
        for (let a = 0; a < orders.length; a++) {
          for (let b = 0; b <= a; b++) {
            const product = nodes.reduce(
              (sum, r, i) =>
                sum + weights[i] * r * r * data[i * columns + from + a] * data[i * columns + from + b],
              0,
            );
            // The orthonormal ones are √(2n + 3) at the rim.
            const norm = rim[from + a] / Math.sqrt(2 * orders[a] + 3);
            expectClose([product], [a === b ? norm * norm : 0]);
          }
        }
        from += orders.length;
      }
    }
  });

  it('list n = l, l + 2, .. for each degree, and none for degrees above the order', () => {
    expect(radialOrders({ order: 5, degree: 6 })).toEqual([
      [0, 2, 4],
      [1, 3, 5],
      [2, 4],
      [3, 5],
      [4],
      [5],
      [],
    ]);
    const orders = radialOrders({ order: 19, degree: 6 });
    expect(orders.map((list) => list.length)).toEqual([10, 10, 9, 9, 8, 8, 7]);
  });

  it('refuse distances outside [0, radius] by their place, and orders and degrees above the tables', () => {
    const options = { radius: 2, order: 3, degree: 1 };
    expect(() => radialFunctions([1, 2.5], options)).toThrow(/distance 1: expected one in \[0, 2\]/);
    expect(() => radialFunctions([Number.NaN], options)).toThrow(DomainError);
    expect(() => radialFunctions([-1], options)).toThrow(DomainError);
    expect(() => radialFunctions([1], { ...options, radius: 0 })).toThrow(DomainError);
    expect(() => radialFunctions([1], { ...options, order: 31 })).toThrow(UsageError);
    expect(() => radialFunctions([1], { ...options, degree: 21 })).toThrow(/as far as the tables go/);
  });
});

describe('ballCoefficients', () => {
  const points = pointsOf([
    [1, 2, 3],
    [-4, 0, 5],
    [0, -6, 1],
  ]);

  it('are R(r) Y(p/r) of a single point, in the channels of its kind', () => {
    const got = ballCoefficients(pointsOf([[1, 2, 3]]), [1], OPTIONS);
    const radial = radialFunctions([Math.sqrt(14)], OPTIONS).data;
    const harmonics = sphericalHarmonics(pointsOf([[1, 2, 3]]), 3).data;
    let at = 0;
    let from = 0;
    for (const [l, orders] of radialOrders(OPTIONS).entries()) {
      for (const kind of [0, 1]) {
        for (let k = 0; k < orders.length; k++) {
          for (let m = 0; m <= 2 * l; m++) {
            expect(got[at++]).toBeCloseTo(kind * radial[from + k] * harmonics[l * l + m], 12);
          }
        }
      }
      from += orders.length;
    }
    expect(at).toBe(got.length);
  });

  it('turn with the points', () => {
    fc.assert(
      fc.property(rotation, fc.constantFrom('plain' as const, 'bySquare' as const), (r, perPoint) => {
        const options = { ...OPTIONS, perPoint };
        const own = ballCoefficients(points, [0, 1, 0], options);
        const expected = rotateCoefficients(matrix(own, 1, own.length), r, ballMultiplicities(options));
        expectClose(ballCoefficients(rotatePoints(points, r), [0, 1, 0], options), expected.data);
      }),
      { seed: 12, numRuns: 50 },
    );
  });

  it('add up over points, each divided by its own squares if asked', () => {
    const single = (i: number, perPoint: 'plain' | 'bySquare') => {
      const p = pointsOf([Array.from(points.data.subarray(3 * i, 3 * i + 3))]);
      return ballCoefficients(p, [i % 2], { ...OPTIONS, perPoint });
    };
    for (const perPoint of ['plain', 'bySquare'] as const) {
      const sum = [1, 2].reduce(
        (total, i) => total.map((value, at) => value + single(i, perPoint)[at]),
        single(0, perPoint),
      );
      expectClose(ballCoefficients(points, [0, 1, 0], { ...OPTIONS, perPoint }), sum);
    }
    const plain = single(0, 'plain');
    const square = plain.reduce((sum, value) => sum + value * value, 0);
    expectClose(
      single(0, 'bySquare'),
      plain.map((value) => value / square),
    );
  });

  it('of no points are zeros, of a point at the centre only degree 0', () => {
    const none = ballCoefficients(pointsOf([]), [], OPTIONS);
    expect(none.length).toBe(2 * (4 + 4 * 3 + 3 * 5 + 3 * 7));
    expect(none.every((value) => value === 0)).toBe(true);
    const centre = ballCoefficients(pointsOf([[0, 0, 0]]), [0], OPTIONS);
    const radial = radialFunctions([0], OPTIONS).data;
    expectClose(centre.subarray(0, 4), radial.subarray(0, 4));
    expect(centre.subarray(4).every((value) => value === 0)).toBe(true);
    const nearby = ballCoefficients(pointsOf([[1e-12, -1e-12, 0]]), [0], OPTIONS);
    expectClose(nearby, centre, 1e-10);
  });

  it('leave points beyond the radius out if asked, and refuse them by their place if not', () => {
    const far = pointsOf([
      [1, 2, 3],
      [10, 1, 0],
    ]);
    expect(() => ballCoefficients(far, [0, 0], OPTIONS)).toThrow(/point 1: expected a distance in \[0, 10\]/);
    const left = ballCoefficients(far, [0, 0], { ...OPTIONS, outside: 'leaveOut' });
    expectClose(left, ballCoefficients(pointsOf([[1, 2, 3]]), [0], OPTIONS));
    const broken = pointsOf([[1, Number.NaN, 3]]);
    expect(() => ballCoefficients(broken, [0], { ...OPTIONS, outside: 'leaveOut' })).toThrow(DomainError);
  });

  it('refuse unknown kinds by their place, other shapes and unknown options', () => {
    expect(() => ballCoefficients(points, [0, 2, 0], OPTIONS)).toThrow(/kind of point 1/);
    expect(() => ballCoefficients(points, [0, 1], OPTIONS)).toThrow(ShapeError);
    expect(() => ballCoefficients(points, [0, 0, 0], { ...OPTIONS, perPoint: 'mean' as 'plain' })).toThrow(
      UsageError,
    );
    expect(() => ballCoefficients(points, [0, 0, 0], { ...OPTIONS, outside: 'clamp' as 'error' })).toThrow(
      UsageError,
    );
    expect(() => ballMultiplicities({ ...OPTIONS, kinds: 0 })).toThrow(UsageError);
  });
});
