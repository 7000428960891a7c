import { requireFinite, requireLength } from '../../core/checks.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';
import { MAX_DEGREE, requireDegree } from './degrees.js';

/**
 * Of a degree l at a point of norm 1, `component`: Σ_m Y² = 2l + 1; `norm`: Σ_m Y² = 1; `integral`: the integral of
 * each Y² over the sphere is 1.
 */
export type Normalization = 'component' | 'norm' | 'integral';

export interface HarmonicsOptions {
  /** Default `component`. */
  readonly normalization?: Normalization;
  /** Default true: harmonics of the direction p/|p|. false: solid harmonics |p|^l Y(p/|p|), polynomials in p. */
  readonly normalize?: boolean;
}

/**
 * Real spherical harmonics Y_lm, l = 0..degree, m = -l..l at column l² + l + m. The polar axis is z and there is no
 * Condon-Shortley phase: degree 1 is (y, z, x) times a positive number. |m| is a cosine of mφ, -|m| a sine.
 * @param points [n, 3], any unit where `normalize`
 * @returns [n, (degree + 1)²]
 * @throws UsageError for a degree above the tables, ShapeError unless 3 columns; DomainError naming the row of a point
 *   that is not finite or, where `normalize`, is zero and has no direction. Solid harmonics of zero are 0 above l = 0
 * @source upward recurrence in l of fully normalised Legendre functions: Holmes and Featherstone 2002,
 *   J. Geodesy 76:279, eq. 11, times r^(l-m) so that it is a polynomial
 */
export function sphericalHarmonics(points: Matrix, degree: number, options: HarmonicsOptions = {}): Matrix64 {
  const scales = requireHarmonics(points, degree, options, 'sphericalHarmonics');
  const columns = (degree + 1) ** 2;
  const out = new Float64Array(points.rows * columns);
  for (let i = 0; i < points.rows; i++) {
    const [x, y, z] = pointAt(points, i, options, 'sphericalHarmonics');
    solidHarmonics(out, i * columns, degree, x, y, z);
    for (let l = 0; l <= degree; l++) {
      for (let at = l * l; at < (l + 1) ** 2; at++) out[i * columns + at] *= scales[l];
    }
  }
  return matrix(out, points.rows, columns);
}

/** Checks what both harmonics and their gradient take; the factor of each degree beside `component`. */
export function requireHarmonics(
  points: Matrix,
  degree: number,
  { normalization = 'component' }: HarmonicsOptions,
  who: string,
): number[] {
  requireDegree(degree, `${who} degree`);
  requireLength(points.columns, 3, `${who} columns of points`);
  requireFinite(points.data, 3, `${who} point`);
  return normalizationScales(degree, normalization, who);
}

/** Factor of degree l = 0..degree from `component`. @throws UsageError for an unknown name */
export function normalizationScales(degree: number, normalization: Normalization, who: string): number[] {
  const scaleOf = {
    component: () => 1,
    norm: (l: number) => 1 / Math.sqrt(2 * l + 1),
    integral: () => 1 / Math.sqrt(4 * Math.PI),
  };
  if (!Object.hasOwn(scaleOf, normalization)) {
    const names = Object.keys(scaleOf).join(', ');
    throw new UsageError(expectation(`${who} normalization`, names, normalization, 'choose one of these'));
  }
  return Array.from({ length: degree + 1 }, (_, l) => scaleOf[normalization](l));
}

/** The point, or its direction with the norm fourth. */
export function pointAt(
  points: Matrix,
  i: number,
  { normalize = true }: HarmonicsOptions,
  who: string,
): [number, number, number, number] {
  const [x, y, z] = points.data.subarray(3 * i, 3 * i + 3);
  if (!normalize) return [x, y, z, 1];
  // A power of two as unit, so that squares of very short or long vectors neither vanish nor overflow.
  const unit = 2 ** Math.floor(Math.log2(Math.max(Math.abs(x), Math.abs(y), Math.abs(z))));
  const [a, b, c] = [x / unit, y / unit, z / unit];
  const norm = Math.sqrt(a * a + b * b + c * c);
  if (norm > 0) return [a / norm, b / norm, c / norm, norm * unit];
  const remedy = 'leave it out, or take solid harmonics (normalize: false)';
  throw new DomainError(expectation(`${who} point ${i}`, 'a vector that is not zero', [x, y, z], remedy));
}

const place = (l: number, m: number) => (l * (l + 1)) / 2 + m;
const SIZE = place(MAX_DEGREE, MAX_DEGREE) + 1;
/** Q_lm = NEAR (z Q_(l-1)m - FAR r² Q_(l-2)m). */
const NEAR = new Float64Array(SIZE);
const FAR = new Float64Array(SIZE);
/** Q_mm from Q_(m-1)(m-1); the cosine's √2, which m = 0 lacks, comes in at m = 1. */
const DIAGONAL = new Float64Array(MAX_DEGREE + 1);
for (let l = 1; l <= MAX_DEGREE; l++) {
  DIAGONAL[l] = Math.sqrt(((2 * l + 1) / (2 * l)) * (l === 1 ? 2 : 1));
  for (let m = 0; m < l; m++) {
    NEAR[place(l, m)] = Math.sqrt((4 * l * l - 1) / (l * l - m * m));
    FAR[place(l, m)] = Math.sqrt(((l - 1) ** 2 - m * m) / Math.max(4 * (l - 1) ** 2 - 1, 1));
  }
}

/** Solid harmonics, `component`, of one point into out[at..at + (degree + 1)²). */
export function solidHarmonics(
  out: Float64Array,
  at: number,
  degree: number,
  x: number,
  y: number,
  z: number,
): void {
  const square = x * x + y * y + z * z;
  // Real and imaginary part of (x + iy)^m.
  let cos = 1;
  let sin = 0;
  let diagonal = 1;
  for (let m = 0; m <= degree; m++) {
    if (m > 0) {
      const turned = x * cos - y * sin;
      sin = x * sin + y * cos;
      cos = turned;
      diagonal *= DIAGONAL[m];
    }
    let before = 0;
    let q = diagonal;
    for (let l = m; l <= degree; l++) {
      if (l > m) {
        const next = NEAR[place(l, m)] * (z * q - FAR[place(l, m)] * square * before);
        before = q;
        q = next;
      }
      const centre = at + l * l + l;
      out[centre + m] = q * cos;
      if (m > 0) out[centre - m] = q * sin;
    }
  }
}
