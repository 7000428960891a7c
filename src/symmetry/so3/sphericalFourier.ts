import { requireFinite, requireInteger, requireLength } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';
import { requireDegree } from './degrees.js';
import { type Normalization, sphericalHarmonics } from './harmonics.js';
import { pseudoInverse } from './pseudoInverse.js';
import type { SphereGrid } from './sphereGrid.js';

export interface FourierOptions {
  /** Of the harmonics whose sum Σ c Y the signal is; default `component`. */
  readonly normalization?: Normalization;
  /**
   * `quadrature`, the default: integrals by the grid's weights, c a projection. `leastSquares`: the c whose sum is
   * nearest to the signal over the points of the grid, each counted once. Equal where the signal has no degree >= b.
   */
  readonly fit?: 'quadrature' | 'leastSquares';
}

/** Tables of a spherical Fourier transform between a grid and degrees 0..degree. */
export interface SphericalFourier {
  readonly grid: SphereGrid;
  readonly degree: number;
  /** Forward, row (l, m >= 0), [(degree + 1)(degree + 2) / 2, 2b]: from the Fourier sums of each ring. */
  readonly analysis: Float64Array;
  /** Inverse, the same shape: Y_lm on each ring at azimuth 0. */
  readonly synthesis: Float64Array;
  /** cos(mφ) and sin(mφ) of each azimuth, [degree + 1, 2b] each. */
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

const rowOf = (l: number, m: number) => (l * (l + 1)) / 2 + m;

/** @throws UsageError unless degree < bandwidth and in the tables, or for an unknown option */
export function sphericalFourier(
  grid: SphereGrid,
  degree: number,
  { normalization = 'component', fit = 'quadrature' }: FourierOptions = {},
): SphericalFourier {
  requireDegree(degree, 'sphericalFourier degree');
  requireInteger(degree, 0, 'sphericalFourier degree, which must be below the bandwidth', grid.bandwidth - 1);
  if (fit !== 'quadrature' && fit !== 'leastSquares') {
    throw new UsageError(
      expectation('sphericalFourier fit', 'quadrature, leastSquares', fit, 'choose one of these'),
    );
  }
  const rings = grid.polar.length;
  const meridian = Float64Array.from({ length: 3 * rings }, (_, at) =>
    at % 3 === 1 ? 0 : (at % 3 === 0 ? Math.sin : Math.cos)(grid.polar[Math.floor(at / 3)]),
  );
  const harmonics = sphericalHarmonics(matrix(meridian, rings, 3), degree, { normalization });
  const synthesis = new Float64Array(rowOf(degree + 1, 0) * rings);
  for (let l = 0; l <= degree; l++) {
    for (let m = 0; m <= l; m++) {
      for (let j = 0; j < rings; j++) {
        synthesis[rowOf(l, m) * rings + j] = harmonics.data[j * harmonics.columns + l * l + l + m];
      }
    }
  }
  const wave = (f: (angle: number) => number) =>
    // The angle is reduced to one turn in whole numbers.
    Float64Array.from({ length: (degree + 1) * rings }, (_, at) =>
      f(grid.azimuth[(Math.floor(at / rings) * (at % rings)) % rings]),
    );
  const tables = { grid, degree, synthesis, cosines: wave(Math.cos), sines: wave(Math.sin) };
  const analysis = fit === 'quadrature' ? byQuadrature(tables, normalization) : byLeastSquares(tables);
  return { ...tables, analysis };
}

type Tables = Omit<SphericalFourier, 'analysis'>;

function byQuadrature({ grid, degree, synthesis }: Tables, normalization: Normalization): Float64Array {
  const rings = grid.polar.length;
  const analysis = Float64Array.from(synthesis, (value, at) => value * grid.weights[at % rings]);
  if (normalization === 'integral') return analysis;
  for (let l = 0; l <= degree; l++) {
    const square = (4 * Math.PI) / (normalization === 'norm' ? 2 * l + 1 : 1);
    for (let at = rowOf(l, 0) * rings; at < rowOf(l + 1, 0) * rings; at++) analysis[at] /= square;
  }
  return analysis;
}

/** Fourier sums of a ring are orthogonal, so that each m is fitted over the rings alone. */
function byLeastSquares({ grid, degree, synthesis }: Tables): Float64Array {
  const rings = grid.polar.length;
  const analysis = new Float64Array(synthesis.length);
  for (let m = 0; m <= degree; m++) {
    const degrees = Array.from({ length: degree + 1 - m }, (_, i) => m + i);
    const columns = degrees.map((l) => synthesis.subarray(rowOf(l, m) * rings, (rowOf(l, m) + 1) * rings));
    const waveSquare = m === 0 ? rings : rings / 2;
    pseudoInverse(columns).forEach((values, i) => {
      analysis.set(
        values.map((value) => value / waveSquare),
        rowOf(degrees[i], m) * rings,
      );
    });
  }
  return analysis;
}

/**
 * Coefficients of signals on the grid.
 * @param signals [n, 4b²], samples in the order of gridPoints
 * @returns [n, (degree + 1)²], (l, m) at column l² + l + m
 * @throws ShapeError for another number of columns, DomainError naming the row of a signal that is not finite
 */
export function fourierForward(transform: SphericalFourier, signals: Matrix): Matrix64 {
  const { degree, analysis, cosines, sines } = transform;
  const rings = transform.grid.polar.length;
  requireLength(signals.columns, rings * rings, 'fourierForward columns of signals');
  requireFinite(signals.data, signals.columns, 'fourierForward signal');
  const columns = (degree + 1) ** 2;
  const out = new Float64Array(signals.rows * columns);
  const sums = [new Float64Array(rings), new Float64Array(rings)];
  for (let row = 0; row < signals.rows; row++) {
    const signal = signals.data.subarray(row * signals.columns, (row + 1) * signals.columns);
    for (let m = 0; m <= degree; m++) {
      [cosines, sines].forEach((waves, kind) => {
        for (let j = 0; j < rings; j++) {
          let sum = 0;
          for (let k = 0; k < rings; k++) sum += signal[j * rings + k] * waves[m * rings + k];
          sums[kind][j] = sum;
        }
      });
      for (let l = m; l <= degree; l++) {
        const at = rowOf(l, m) * rings;
        const centre = row * columns + l * l + l;
        let [cosine, sine] = [0, 0];
        for (let j = 0; j < rings; j++) {
          cosine += analysis[at + j] * sums[0][j];
          sine += analysis[at + j] * sums[1][j];
        }
        out[centre + m] = cosine;
        if (m > 0) out[centre - m] = sine;
      }
    }
  }
  return matrix(out, signals.rows, columns);
}

/**
 * Signals on the grid from coefficients.
 * @param coefficients [n, (degree + 1)²]
 * @returns [n, 4b²]
 * @throws ShapeError for another number of columns
 */
export function fourierInverse(transform: SphericalFourier, coefficients: Matrix): Matrix64 {
  const { degree, synthesis, cosines, sines } = transform;
  const rings = transform.grid.polar.length;
  const { data, rows, columns } = coefficients;
  requireLength(columns, (degree + 1) ** 2, 'fourierInverse columns of coefficients');
  const out = new Float64Array(rows * rings * rings);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < rings; j++) {
      const ring = out.subarray((row * rings + j) * rings, (row * rings + j + 1) * rings);
      for (let m = 0; m <= degree; m++) {
        let [cosine, sine] = [0, 0];
        for (let l = m; l <= degree; l++) {
          const centre = row * columns + l * l + l;
          const value = synthesis[rowOf(l, m) * rings + j];
          cosine += value * data[centre + m];
          if (m > 0) sine += value * data[centre - m];
        }
        for (let k = 0; k < rings; k++) {
          ring[k] += cosine * cosines[m * rings + k] + sine * sines[m * rings + k];
        }
      }
    }
  }
  return matrix(out, rows, rings * rings);
}

/** fourierForward as one matrix: signals [n, 4b²] times it are coefficients. @returns [4b², (degree + 1)²] */
export function fourierForwardMatrix(transform: SphericalFourier): Matrix64 {
  const { degree, analysis, cosines, sines } = transform;
  const rings = transform.grid.polar.length;
  const columns = (degree + 1) ** 2;
  const out = new Float64Array(rings * rings * columns);
  for (let sample = 0; sample < rings * rings; sample++) {
    const [j, k] = [Math.floor(sample / rings), sample % rings];
    for (let l = 0; l <= degree; l++) {
      const centre = sample * columns + l * l + l;
      for (let m = 0; m <= l; m++) {
        const value = analysis[rowOf(l, m) * rings + j];
        if (m > 0) out[centre - m] = value * sines[m * rings + k];
        out[centre + m] = value * cosines[m * rings + k];
      }
    }
  }
  return matrix(out, rings * rings, columns);
}
