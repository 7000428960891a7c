import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import { pointsFromE3nn } from '../../../src/symmetry/so3/e3nn.js';
import { type Normalization, sphericalHarmonics } from '../../../src/symmetry/so3/harmonics.js';
import { sphericalHarmonicsGradient } from '../../../src/symmetry/so3/harmonicsGradient.js';
import { gridPoints, sphereGrid } from '../../../src/symmetry/so3/sphereGrid.js';
import { ROTATION_TABLES } from '../../laws/tolerance.js';
import { type E3nnFixture, expectClose, fixture, pointsOf, randomPoints, times } from './support.js';

const peer = fixture<E3nnFixture>('e3nn');
const exact = fixture<{
  polarAzimuth: [number, number][];
  harmonicDegrees: number[];
  harmonics: number[][];
}>('exact');

/** Central differences of step 1e-5 of functions up to 20 with third derivatives up to 20³ of them. */
const BY_DIFFERENCES = 2e-6;

const coordinate = fc.double({ min: -3, max: 3, noNaN: true });
const direction = fc
  .tuple(coordinate, coordinate, coordinate)
  .filter((p) => Math.hypot(...p) > 0.1)
  .map((p) => pointsOf([p]));

describe('sphericalHarmonics', () => {
  it('of degree 1 is (y, z, x) and of degree 2 the products of coordinates', () => {
    const [x, y, z] = [0.6, -0.48, 0.64];
    const { data } = sphericalHarmonics(pointsOf([[x, y, z]]), 2, { normalization: 'norm' });
    const r = Math.sqrt(3);
    const second = [r * x * y, r * y * z, (3 * z * z - 1) / 2, r * x * z, (r / 2) * (x * x - y * y)];
    expectClose(data, [1, y, z, x, ...second]);
  });

  it('is what e3nn has for its own axes, of directions and as polynomials', () => {
    const points = pointsFromE3nn(pointsOf(peer.points));
    expectClose(sphericalHarmonics(points, 11).data, peer.componentOfDirections.flat());
    const solid = sphericalHarmonics(points, 11, { normalize: false, normalization: 'integral' });
    expectClose(solid.data, peer.solidIntegral.flat());
  });

  it('is what 50 digits give at degrees 12, 16 and 20, near a pole too', () => {
    const points = pointsOf(
      exact.polarAzimuth.map(([theta, phi]) => [
        Math.sin(theta) * Math.cos(phi),
        Math.sin(theta) * Math.sin(phi),
        Math.cos(theta),
      ]),
    );
    const { data, columns } = sphericalHarmonics(points, 20);
    exact.harmonics.forEach((expected, i) => {
      const got = exact.harmonicDegrees.flatMap((l) =>
        Array.from(data.subarray(i * columns + l * l, i * columns + (l + 1) ** 2)),
      );
      expectClose(got, expected);
    });
  });

  it('keeps the addition theorem: Σ_m Y(p) Y(q) is (2l + 1) P_l(p·q)', () => {
    fc.assert(
      fc.property(direction, direction, (p, q) => {
        const [a, b] = [sphericalHarmonics(p, 20).data, sphericalHarmonics(q, 20).data];
        const dot = p.data.reduce((sum, value, i) => sum + value * q.data[i], 0);
        const t = dot / (Math.hypot(...p.data) * Math.hypot(...q.data));
        const legendre = [1, t];
        for (let l = 1; l < 20; l++) {
          legendre.push(((2 * l + 1) * t * legendre[l] - l * legendre[l - 1]) / (l + 1));
        }
        legendre.forEach((value, l) => {
          let sum = 0;
          for (let at = l * l; at < (l + 1) ** 2; at++) sum += a[at] * b[at];
          expect(Math.abs(sum / (2 * l + 1) - value)).toBeLessThanOrEqual(ROTATION_TABLES);
        });
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('is orthonormal over the sphere to degree 20 by exact quadrature', () => {
    const grid = sphereGrid(21);
    const { data, rows, columns } = sphericalHarmonics(gridPoints(grid), 20, { normalization: 'integral' });
    for (let column = 0; column < columns; column += 8) {
      const weighted = Float64Array.from({ length: rows }, (_, i) => {
        return data[i * columns + column] * grid.weights[Math.floor(i / 42)];
      });
      const unit = new Float64Array(columns);
      unit[column] = 1;
      expectClose(times(weighted, data, 1, rows), unit);
    }
  });

  it('scales as |p|^l where it is a polynomial, and is the same for all lengths where it is not', () => {
    fc.assert(
      fc.property(direction, fc.double({ min: 0.2, max: 3, noNaN: true }), (p, s) => {
        const far = matrix(
          p.data.map((value) => value * s),
          1,
          3,
        );
        expectClose(sphericalHarmonics(far, 8).data, sphericalHarmonics(p, 8).data);
        const solid = sphericalHarmonics(p, 8, { normalize: false }).data;
        const scaled = solid.map((value, at) => value * s ** Math.floor(Math.sqrt(at)));
        expectClose(sphericalHarmonics(far, 8, { normalize: false }).data, scaled);
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it('has directions of the shortest and longest vectors', () => {
    const near = sphericalHarmonics(
      pointsOf([
        [3e-310, 0, 4e-310],
        [3e200, 0, 4e200],
        [0.6, 0, 0.8],
      ]),
      3,
    ).data;
    expectClose(near.subarray(0, 16), near.subarray(32), 1e-9);
    expectClose(near.subarray(16, 32), near.subarray(32));
  });

  it('sums to 2l + 1, 1 and (2l + 1) / 4π under the three normalisations', () => {
    const sums: Record<Normalization, number> = { component: 13, norm: 1, integral: 13 / (4 * Math.PI) };
    for (const normalization of ['component', 'norm', 'integral'] as const) {
      const { data } = sphericalHarmonics(randomPoints(1, 9), 6, { normalization });
      const sum = data.subarray(36).reduce((total, value) => total + value * value, 0);
      expect(sum).toBeCloseTo(sums[normalization], 12);
    }
  });

  it('refuses zero as a direction by its row, and has zero above degree 0 for it as a polynomial', () => {
    const points = pointsOf([
      [1, 0, 0],
      [0, 0, 0],
    ]);
    expect(() => sphericalHarmonics(points, 2)).toThrow(DomainError);
    expect(() => sphericalHarmonics(points, 2)).toThrow(/point 1: expected a vector that is not zero/);
    const solid = sphericalHarmonics(points, 2, { normalize: false }).data;
    expect(Array.from(solid.subarray(9))).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('refuses NaN by its row, degrees above the tables, other columns and unknown normalisations', () => {
    expect(() =>
      sphericalHarmonics(
        pointsOf([
          [1, 0, 0],
          [0, Number.NaN, 0],
        ]),
        2,
      ),
    ).toThrow(/point row 1/);
    expect(() => sphericalHarmonics(randomPoints(1, 1), 21)).toThrow(UsageError);
    expect(() => sphericalHarmonics(randomPoints(1, 1), 21)).toThrow(/as far as the tables go, got 21/);
    expect(() => sphericalHarmonics(randomPoints(1, 1), 1.5)).toThrow(UsageError);
    expect(() => sphericalHarmonics(randomPoints(1, 1, 2), 1)).toThrow(ShapeError);
    const normalization = 'schmidt' as Normalization;
    expect(() => sphericalHarmonics(randomPoints(1, 1), 1, { normalization })).toThrow(UsageError);
  });

  it('of no points has no rows', () => {
    expect(sphericalHarmonics(pointsOf([]), 3)).toMatchObject({ rows: 0, columns: 16 });
  });
});

describe('sphericalHarmonicsGradient', () => {
  it.each([true, false])('is the limit of differences, normalize %s', (normalize) => {
    const points = randomPoints(5, 2);
    const options = { normalize, normalization: 'norm' } as const;
    const { data, columns } = sphericalHarmonicsGradient(points, 12, options);
    for (let at = 0; at < points.data.length; at++) {
      const moved = (step: number) => {
        const copy = matrix(Float64Array.from(points.data), points.rows, 3);
        copy.data[at] += step;
        const i = Math.floor(at / 3);
        return sphericalHarmonics(copy, 12, options).data.subarray(i * columns, (i + 1) * columns);
      };
      const [after, before] = [moved(1e-5), moved(-1e-5)];
      const differences = after.map((value, k) => (value - before[k]) / 2e-5);
      expectClose(data.subarray(at * columns, (at + 1) * columns), differences, BY_DIFFERENCES);
    }
  });

  it('is tangential for directions, and l Y along the point for polynomials', () => {
    fc.assert(
      fc.property(direction, (p) => {
        const along = (normalize: boolean) => {
          const { data, columns } = sphericalHarmonicsGradient(p, 20, { normalize, normalization: 'norm' });
          return times(p.data, data, 1, 3).subarray(0, columns);
        };
        expectClose(along(true), new Float64Array(441));
        const solid = sphericalHarmonics(p, 20, { normalize: false, normalization: 'norm' }).data;
        expectClose(
          along(false),
          solid.map((value, at) => value * Math.floor(Math.sqrt(at))),
        );
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it('has squares that sum to l (l + 1) of those of Y on the unit sphere', () => {
    const point = pointsOf([[0.36, 0.48, 0.8]]);
    const { data, columns } = sphericalHarmonicsGradient(point, 20, { normalization: 'norm' });
    for (let l = 0; l <= 20; l++) {
      let sum = 0;
      for (let a = 0; a < 3; a++) {
        for (let at = l * l; at < (l + 1) ** 2; at++) sum += data[a * columns + at] ** 2;
      }
      expect(Math.abs(sum - l * (l + 1))).toBeLessThanOrEqual(ROTATION_TABLES * Math.max(1, l * (l + 1)));
    }
  });

  it('at zero is that of degree 1 alone for polynomials, and refused for directions', () => {
    const zero = pointsOf([[0, 0, 0]]);
    const { data } = sphericalHarmonicsGradient(zero, 2, { normalize: false, normalization: 'norm' });
    expect(Array.from(data.subarray(0, 9), Math.abs)).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0]);
    expect(data[9 + 1]).toBeCloseTo(1, 14);
    expect(data[18 + 2]).toBeCloseTo(1, 14);
    expect(() => sphericalHarmonicsGradient(zero, 2)).toThrow(/sphericalHarmonicsGradient point 0/);
  });
});
