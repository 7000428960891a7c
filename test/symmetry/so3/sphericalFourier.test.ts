import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import { singleChannels } from '../../../src/symmetry/so3/degrees.js';
import { sphericalHarmonics } from '../../../src/symmetry/so3/harmonics.js';
import { crossSpectrum, powerSpectrum } from '../../../src/symmetry/so3/powerSpectrum.js';
import { pseudoInverse } from '../../../src/symmetry/so3/pseudoInverse.js';
import { inverseRotation, rotatePoints } from '../../../src/symmetry/so3/rotationMatrix.js';
import { gridPoints, type Rings, sphereGrid } from '../../../src/symmetry/so3/sphereGrid.js';
import {
  type FourierOptions,
  fourierForward,
  fourierForwardMatrix,
  fourierInverse,
  sphericalFourier,
} from '../../../src/symmetry/so3/sphericalFourier.js';
import { rotateCoefficients } from '../../../src/symmetry/so3/wignerD.js';
import { expectClose, randomPoints, rotation, times, transposed } from './support.js';

const VARIANTS = (['driscollHealy', 'shifted'] as const).flatMap((rings) =>
  (['quadrature', 'leastSquares'] as const).flatMap((fit) =>
    (['component', 'norm', 'integral'] as const).map((normalization) => ({ rings, fit, normalization })),
  ),
);

describe('sphereGrid', () => {
  it('has the rings of Driscoll and Healy, the pole first, or those half a step on', () => {
    expectClose(sphereGrid(2).polar, [0, Math.PI / 4, Math.PI / 2, (3 * Math.PI) / 4]);
    expectClose(
      sphereGrid(2, 'shifted').polar,
      [1, 3, 5, 7].map((j) => (j * Math.PI) / 8),
    );
    expectClose(sphereGrid(2).azimuth, [0, Math.PI / 2, Math.PI, (3 * Math.PI) / 2]);
    expectClose(gridPoints(sphereGrid(2)).data.subarray(3 * 9, 3 * 9 + 3), [0, 1, 0]);
  });

  it.each(['driscollHealy', 'shifted'] as const)('%s weighs degrees below 2b exactly', (rings: Rings) => {
    for (const b of [1, 2, 5, 10]) {
      const grid = sphereGrid(b, rings);
      const { data, columns } = sphericalHarmonics(gridPoints(grid), 2 * b - 1, { normalization: 'norm' });
      const sums = new Float64Array(columns);
      data.forEach((value, at) => {
        sums[at % columns] += value * grid.weights[Math.floor(at / columns / (2 * b))];
      });
      const expected = new Float64Array(columns);
      expected[0] = 4 * Math.PI;
      expectClose(sums, expected);
    }
  });

  it('refuses a bandwidth below 1 and unknown rings', () => {
    expect(() => sphereGrid(0)).toThrow(UsageError);
    expect(() => sphereGrid(2, 'healpix' as Rings)).toThrow(UsageError);
  });
});

describe('the spherical Fourier transform', () => {
  it.each(VARIANTS)('inverse is the sum of harmonics and forward undoes it: %o', (variant) => {
    const grid = sphereGrid(21, variant.rings);
    const transform = sphericalFourier(grid, 20, variant);
    const coefficients = randomPoints(1, 5, 441);
    const signals = fourierInverse(transform, coefficients);
    const harmonics = sphericalHarmonics(gridPoints(grid), 20, { normalization: variant.normalization });
    const sums = times(harmonics.data, coefficients.data, harmonics.rows, 441);
    expectClose(signals.data, sums);
    expectClose(fourierForward(transform, signals).data, coefficients.data);
  });

  it('of a constant is degree 0, of z degree 1', () => {
    const grid = sphereGrid(4);
    const points = gridPoints(grid);
    const signals = Float64Array.from({ length: 128 }, (_, at) =>
      at < 64 ? 2 : points.data[3 * (at - 64) + 2],
    );
    const { data } = fourierForward(sphericalFourier(grid, 1), matrix(signals, 2, 64));
    expectClose(data, [2, 0, 0, 0, 0, 0, 1 / Math.sqrt(3), 0]);
  });

  it('turns with the signal: that of f(R⁻¹p) is D(R) times that of f', () => {
    const grid = sphereGrid(12);
    const transform = sphericalFourier(grid, 11);
    const coefficients = randomPoints(2, 6, 144);
    fc.assert(
      fc.property(rotation, (r) => {
        const seen = sphericalHarmonics(rotatePoints(gridPoints(grid), inverseRotation(r)), 11);
        const turned = times(coefficients.data, transposed(seen.data, seen.rows), 2, 144);
        const expected = rotateCoefficients(coefficients, r, singleChannels(11));
        expectClose(fourierForward(transform, matrix(turned, 2, seen.rows)).data, expected.data);
      }),
      { seed: 6, numRuns: 5 },
    );
  });

  it('least squares leaves a rest that is orthogonal to every harmonic on the grid; quadrature does not', () => {
    const grid = sphereGrid(6);
    const signals = randomPoints(1, 7, 144);
    const harmonics = sphericalHarmonics(gridPoints(grid), 4);
    const largest = (fit: FourierOptions['fit'] & string) => {
      const transform = sphericalFourier(grid, 4, { fit });
      const fitted = fourierInverse(transform, fourierForward(transform, signals)).data;
      const rest = signals.data.map((value, at) => value - fitted[at]);
      return Math.max(...times(rest, harmonics.data, 1, 144).map(Math.abs));
    };
    expect(largest('leastSquares')).toBeLessThan(1e-11);
    expect(largest('quadrature')).toBeGreaterThan(1);
  });

  it('is one matrix too', () => {
    const transform = sphericalFourier(sphereGrid(5), 3, { fit: 'leastSquares' });
    const signals = randomPoints(3, 8, 100);
    const { data, rows, columns } = fourierForwardMatrix(transform);
    expect([rows, columns]).toEqual([100, 16]);
    expectClose(times(signals.data, data, 3, 100), fourierForward(transform, signals).data);
  });

  it('refuses a degree at or above the bandwidth or the tables, other lengths, NaN by its signal', () => {
    const grid = sphereGrid(3);
    expect(() => sphericalFourier(grid, 3)).toThrow(/below the bandwidth/);
    expect(() => sphericalFourier(sphereGrid(30), 21)).toThrow(/as far as the tables go/);
    expect(() => sphericalFourier(grid, 1, { fit: 'nearest' as 'quadrature' })).toThrow(UsageError);
    const transform = sphericalFourier(grid, 2);
    expect(() => fourierForward(transform, randomPoints(1, 1, 35))).toThrow(ShapeError);
    expect(() => fourierInverse(transform, randomPoints(1, 1, 10))).toThrow(ShapeError);
    const broken = randomPoints(2, 1, 36);
    broken.data[40] = Number.NaN;
    expect(() => fourierForward(transform, broken)).toThrow(DomainError);
    expect(() => fourierForward(transform, broken)).toThrow(/signal row 1/);
  });
});

describe('pseudoInverse', () => {
  it('is the inverse from the left with rows in the span of the columns', () => {
    const columns = [
      [1, 1, 1, 1],
      [1, 2, 3, 4],
      [1, 1.0001, 1, 1],
    ].map((c) => Float64Array.from(c));
    const rows = pseudoInverse(columns);
    // Columns 1 and 3 are 1e-4 apart.
    rows.forEach((row, i) => {
      const products = columns.map((column) => row.reduce((sum, value, j) => sum + value * column[j], 0));
      expectClose(
        products,
        columns.map((_, j) => Number(i === j)),
        1e-11,
      );
    });
  });
});

describe('powerSpectrum', () => {
  it('is the mean square of each channel and does not change under rotations, nor crossSpectrum', () => {
    const multiplicities = [2, 1, 0, 2];
    const coefficients = randomPoints(2, 9, 19);
    const power = powerSpectrum(coefficients, multiplicities);
    expect(power.columns).toBe(5);
    const own = coefficients.data;
    expect(power.data[2]).toBeCloseTo((own[2] ** 2 + own[3] ** 2 + own[4] ** 2) / 3, 14);
    const cross = crossSpectrum(coefficients, multiplicities);
    expect(cross.columns).toBe(7);
    expect(cross.data[1]).toBeCloseTo(own[0] * own[1], 14);
    expect([0, 2, 3, 4, 6].map((at) => cross.data[at])).toEqual(Array.from(power.data.subarray(0, 5)));
    fc.assert(
      fc.property(rotation, (r) => {
        const turned = rotateCoefficients(coefficients, r, multiplicities);
        expectClose(powerSpectrum(turned, multiplicities).data, power.data);
        expectClose(crossSpectrum(turned, multiplicities).data, cross.data);
      }),
      { seed: 8, numRuns: 30 },
    );
    expect(() => powerSpectrum(coefficients, [1, 1])).toThrow(ShapeError);
  });
});
