import { requireFinite } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';

// What the groups of matrices share. A dim x dim matrix is dim² numbers, row-major.

/** @throws ShapeError unless the rows of x are points of R^dim, DomainError for coordinates that are not finite */
export function requireCloud(x: Matrix, dim: number, who: string): void {
  if (x.columns !== dim) {
    const remedy = 'use the group of that dimension';
    throw new ShapeError(expectation(who, `points of ${dim} coordinates`, x.columns, remedy));
  }
  requireFinite(x.data, dim, who);
}

/** At least `least` vectors of R^dim as rows. @throws ShapeError, DomainError */
export function requireVectors(features: Matrix, least: number, dim: number, who: string): void {
  requireCloud(features, dim, who);
  if (features.rows >= least) return;
  throw new ShapeError(expectation(who, `${least} vectors or more`, features.rows, 'pass more rows'));
}

/** Each row x to g x. */
export function turnRows(g: ArrayLike<number>, x: Matrix, dim: number, who: string): Matrix64 {
  requireCloud(x, dim, who);
  const data = new Float64Array(x.rows * dim);
  for (let i = 0; i < x.rows; i++) {
    for (let r = 0; r < dim; r++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += g[r * dim + k] * x.data[i * dim + k];
      data[i * dim + r] = sum;
    }
  }
  return matrix(data, x.rows, dim);
}

export function multiply(g: ArrayLike<number>, h: ArrayLike<number>, dim: number): Float64Array {
  return Float64Array.from({ length: dim * dim }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < dim; k++) sum += g[Math.floor(at / dim) * dim + k] * h[k * dim + (at % dim)];
    return sum;
  });
}

export function transpose(g: ArrayLike<number>, dim: number): Float64Array {
  return Float64Array.from({ length: dim * dim }, (_, at) => g[(at % dim) * dim + Math.floor(at / dim)]);
}

export function identityMatrix(dim: number): Float64Array {
  return Float64Array.from({ length: dim * dim }, (_, at) => (at % (dim + 1) === 0 ? 1 : 0));
}

/** √Σ (g - h)². */
export function frobenius(g: ArrayLike<number>, h: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < g.length; i++) sum += (g[i] - h[i]) ** 2;
  return Math.sqrt(sum);
}

/** count independent standard normals. */
export const normals = (rng: Rng, count: number): Float64Array =>
  Float64Array.from({ length: count }, () => rng.normal());
