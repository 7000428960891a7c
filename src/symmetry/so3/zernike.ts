import { requireInteger, requirePositive } from '../../core/checks.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import { type Matrix64, matrix } from '../../core/matrix.js';
import { requireDegree } from './degrees.js';

/** Highest radial order n. */
export const MAX_ORDER = 30;

/**
 * Both are orthogonal over the ball. `orthonormal`: ∫ R² r² dr over [0, 1] is 1. `floored`: the binomial of the formula
 * with floor((n+l+3)/2) - 1 above, a whole number, in place of (n+l+1)/2, as in published protein coefficients.
 */
export type RadialScale = 'floored' | 'orthonormal';

export interface RadialOptions {
  /** Radius r_c of the ball, in the unit of r, > 0. */
  readonly radius: number;
  /** Highest n, 0..30. */
  readonly order: number;
  /** Highest l, 0..20. */
  readonly degree: number;
  /** Default `floored`. */
  readonly scale?: RadialScale;
}

/** The n of each degree l = 0..degree: l, l + 2, .. up to `order`; none where l > order. */
export function radialOrders({ order, degree }: Pick<RadialOptions, 'order' | 'degree'>): number[][] {
  requireInteger(order, 0, 'radialOrders order', MAX_ORDER);
  requireDegree(degree, 'radialOrders degree');
  return Array.from({ length: degree + 1 }, (_, l) =>
    Array.from({ length: Math.max(0, Math.floor((order - l) / 2) + 1) }, (_, k) => l + 2 * k),
  );
}

/**
 * Zernike's radial functions of the ball,
 * R_nl(r) = (-1)^k √(2n+3) binom(.., k) x^l 2F1(-k, (n+l+3)/2; l+3/2; x²), k = (n-l)/2, x = r/r_c,
 * through the three-term recurrence of Jacobi polynomials, as the alternating sum loses digits.
 * @param r distances from the centre, in [0, r_c]
 * @returns [r.length, Σ_l orders], degree after degree, n rising within one. At r = 0 only l = 0 is not 0
 * @throws UsageError for an order, degree or scale out of range; DomainError for a radius <= 0 or naming the first
 *   distance that is not in [0, r_c]
 * @source Canterakis 1999, 3D Zernike moments; 2F1(-k, k+l+3/2; l+3/2; x²) binom(k+l+1/2, k) (-1)^k = P_k^(0,l+1/2)(2x²-1)
 */
export function radialFunctions(r: ArrayLike<number>, options: RadialOptions): Matrix64 {
  const { radius, scale = 'floored' } = options;
  requirePositive(radius, 'radialFunctions radius');
  if (scale !== 'floored' && scale !== 'orthonormal') {
    throw new UsageError(
      expectation('radialFunctions scale', 'floored, orthonormal', scale, 'choose one of these'),
    );
  }
  const orders = radialOrders(options);
  const factors = orders.map((list, l) => list.map((n) => factorOf(n, l, scale)));
  const columns = orders.reduce((sum, list) => sum + list.length, 0);
  const out = new Float64Array(r.length * columns);
  for (let i = 0; i < r.length; i++) {
    if (!(r[i] >= 0 && r[i] <= radius)) {
      const remedy = 'leave it out or take a larger radius';
      throw new DomainError(
        expectation(`radialFunctions distance ${i}`, `one in [0, ${radius}]`, r[i], remedy),
      );
    }
    const x = r[i] / radius;
    let at = i * columns;
    let power = 1;
    for (let l = 0; l < orders.length; l++, power *= x) {
      const values = jacobi(orders[l].length, l + 0.5, 2 * x * x - 1);
      for (let k = 0; k < values.length; k++) out[at++] = factors[l][k] * power * values[k];
    }
  }
  return matrix(out, r.length, columns);
}

/** √(2n + 3), and what the whole number under the binomial makes of it. */
function factorOf(n: number, l: number, scale: RadialScale): number {
  const k = (n - l) / 2;
  let factor = Math.sqrt(2 * n + 3);
  if (scale === 'orthonormal') return factor;
  // binom(a, k) / binom(a + 1/2, k) with a = (n + l)/2.
  const a = (n + l) / 2;
  for (let i = 0; i < k; i++) factor *= (a - i) / (a + 0.5 - i);
  return factor;
}

/** P_0 .. P_(count-1) of P_k^(0,b) at t. @source NIST DLMF 18.9.2 */
function jacobi(count: number, b: number, t: number): number[] {
  const values: number[] = [];
  for (let k = 0; k < count; k++) {
    if (k === 0) values.push(1);
    else if (k === 1) values.push(1 + ((b + 2) * (t - 1)) / 2);
    else {
      const c = 2 * k + b;
      const next = (c - 1) * (c * (c - 2) * t - b * b) * values[k - 1];
      values.push((next - 2 * (k - 1) * (k + b - 1) * c * values[k - 2]) / (2 * k * (k + b) * (c - 2)));
    }
  }
  return values;
}
