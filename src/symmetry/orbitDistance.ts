import { requireFinite, requireInteger, requireLength } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';
import type { PolarGrid } from './polar.js';

/**
 * Distance of two polar images that may be turned: min over s of √(Σ_ra w_r (x[r, a] - y[r, a + s])²), the angle taken
 * round, s = 0..angles - 1. w_r = r + 1/2, the ring's share of the area. Symmetric; blind to turns of either image.
 * @param x, y radii * angles samples, sample (r, a) at r * angles + a: see polarSamplingMatrix
 * @throws ShapeError for other lengths, DomainError for values that are not finite
 * @source the orbit distance of a compact group; the shifts as a circular correlation
 */
export function orbitDistance(x: ArrayLike<number>, y: ArrayLike<number>, grid: PolarGrid): number {
  const asRow = (values: ArrayLike<number>) => matrix(Float64Array.from(values), 1, values.length);
  return orbitDistanceMatrix(asRow(x), asRow(y), grid).data[0];
}

/** orbitDistance of each row of X [n, radii * angles] to each row of Y [m, radii * angles]: [n, m]. */
export function orbitDistanceMatrix(X: Matrix, Y: Matrix, grid: PolarGrid): Matrix64 {
  requirePolar(X, grid, 'orbitDistanceMatrix X');
  requirePolar(Y, grid, 'orbitDistanceMatrix Y');
  const fourier = fourierTables(grid.angles);
  const x = spectra(X, grid, fourier);
  const y = Y === X ? x : spectra(Y, grid, fourier);
  const data = new Float64Array(X.rows * Y.rows);
  for (let i = 0; i < X.rows; i++) {
    for (let j = 0; j < Y.rows; j++) {
      if (Y === X && j < i) {
        data[i * Y.rows + j] = data[j * Y.rows + i];
        continue;
      }
      const shift = bestShift(x[i], y[j], grid, fourier);
      data[i * Y.rows + j] = distanceAt(row(X, i), row(Y, j), shift, grid);
    }
  }
  return matrix(data, X.rows, Y.rows);
}

/** cos and sin of 2π f a / angles at f * angles + a, f = 0..angles/2. */
interface FourierTables {
  readonly frequencies: number;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function fourierTables(angles: number): FourierTables {
  const frequencies = Math.floor(angles / 2) + 1;
  const phase = (i: number) => (2 * Math.PI * ((Math.floor(i / angles) * (i % angles)) % angles)) / angles;
  const length = { length: frequencies * angles };
  return {
    frequencies,
    cos: Float64Array.from(length, (_, i) => Math.cos(phase(i))),
    sin: Float64Array.from(length, (_, i) => Math.sin(phase(i))),
  };
}

/** Of each row: the Fourier transform of every ring along the angle, times √w_r: [radii, frequencies, (re, im)]. */
function spectra(X: Matrix, { radii, angles }: PolarGrid, tables: FourierTables): Float64Array[] {
  const { frequencies, cos, sin } = tables;
  return Array.from({ length: X.rows }, (_, i) => {
    const x = row(X, i);
    const spectrum = new Float64Array(radii * frequencies * 2);
    for (let r = 0; r < radii; r++) {
      const weight = Math.sqrt(r + 0.5);
      for (let f = 0; f < frequencies; f++) {
        let re = 0;
        let im = 0;
        for (let a = 0; a < angles; a++) {
          re += x[r * angles + a] * cos[f * angles + a];
          im -= x[r * angles + a] * sin[f * angles + a];
        }
        spectrum[2 * (r * frequencies + f)] = weight * re;
        spectrum[2 * (r * frequencies + f) + 1] = weight * im;
      }
    }
    return spectrum;
  });
}

/** The s of the largest Σ w_r x[r, a] y[r, a + s]: the nearest turn, as the norms do not change with s. */
function bestShift(x: Float64Array, y: Float64Array, grid: PolarGrid, tables: FourierTables): number {
  const { angles, radii } = grid;
  const { frequencies, cos, sin } = tables;
  const correlation = new Float64Array(angles);
  for (let f = 0; f < frequencies; f++) {
    let re = 0;
    let im = 0;
    for (let r = 0; r < radii; r++) {
      const k = 2 * (r * frequencies + f);
      re += x[k] * y[k] + x[k + 1] * y[k + 1];
      im += x[k] * y[k + 1] - x[k + 1] * y[k];
    }
    // Real signals: frequencies f and -f give the same term, but for 0 and the highest of an even number.
    const times = f === 0 || 2 * f === angles ? 1 : 2;
    for (let s = 0; s < angles; s++) {
      correlation[s] += times * (re * cos[f * angles + s] - im * sin[f * angles + s]);
    }
  }
  let best = 0;
  for (let s = 1; s < angles; s++) if (correlation[s] > correlation[best]) best = s;
  return best;
}

/** From differences, not from norms and correlation: those cancel where the distance is short. */
function distanceAt(x: ArrayLike<number>, y: ArrayLike<number>, shift: number, grid: PolarGrid): number {
  const { angles, radii } = grid;
  let sum = 0;
  for (let r = 0; r < radii; r++) {
    for (let a = 0; a < angles; a++) {
      const difference = x[r * angles + a] - y[r * angles + ((a + shift) % angles)];
      sum += (r + 0.5) * difference * difference;
    }
  }
  return Math.sqrt(sum);
}

function requirePolar(m: Matrix, { radii, angles }: PolarGrid, who: string): void {
  requireInteger(radii, 1, `${who} radii`);
  requireInteger(angles, 1, `${who} angles`);
  if (m.columns !== radii * angles) {
    const expected = `${radii} x ${angles} = ${radii * angles} columns`;
    throw new ShapeError(expectation(who, expected, m.columns, 'sample the images on this grid'));
  }
  requireLength(m.data.length, m.rows * m.columns, who);
  requireFinite(m.data, m.columns, who);
}
