import { requireFinite, requireInteger } from '../core/checks.js';
import { type Matrix, type Matrix64, matrix } from '../core/matrix.js';
import { Rng } from '../core/rng.js';
import { requireRows } from '../geometry/points.js';
import { covarianceOf, meanOf } from './covariance.js';
import { lbfgs } from './lbfgs.js';
import type { LinearMap } from './linearMap.js';
import { pca } from './pca.js';

/** code = P (x - mean), reconstruction = mean + code D. */
export interface LinearAutoencoder extends LinearMap {
  /** D, [components, columns] */
  readonly decoder: Matrix64;
  /** Mean over points and columns of the squared error of the reconstruction. */
  readonly error: number;
}

export interface TrainedLinearAutoencoder extends LinearAutoencoder {
  /** Steps of the training. */
  readonly iterations: number;
}

/**
 * The best linear autoencoder in closed form: the principal components encode, and their transpose decodes.
 * @param points [n, columns], n >= 1 @param components 1..columns
 * @throws ShapeError for 0 rows, UsageError for components out of range, DomainError for values that are not finite
 * @source Baldi and Hornik 1989, "Neural networks and principal component analysis", fact 3
 */
export function linearAutoencoder(points: Matrix, components: number): LinearAutoencoder {
  const { projection, mean } = pca(points, components);
  const covariance = covarianceOf(points, mean);
  const unused = new Float64Array(2 * projection.data.length);
  const both = new Float64Array(unused.length);
  both.set(projection.data);
  both.set(projection.data, projection.data.length);
  const error = squaredError(covariance, components, points.columns)(both, unused) / points.columns;
  return { projection, mean, decoder: projection, error };
}

/**
 * The same by training both matrices from random ones. All minima of the error are global, so it comes down to that of
 * `linearAutoencoder`; the subspace is then the one of pca, its basis is any.
 * @param points [n, columns], n >= 1 @param components 1..columns
 * @throws as linearAutoencoder
 * @source Baldi and Hornik 1989, facts 3 and 4: no local minima, every other stationary point is a saddle
 */
export function trainLinearAutoencoder(
  points: Matrix,
  components: number,
  {
    seed,
    maxIterations = 1000,
    tolerance = 1e-12,
  }: {
    readonly seed: number;
    /** Default 1000. */
    readonly maxIterations?: number;
    /** The share of the error that the last step gained. Default 1e-12. */
    readonly tolerance?: number;
  },
): TrainedLinearAutoencoder {
  const { columns } = points;
  requireRows(points, 'trainLinearAutoencoder');
  requireInteger(components, 1, 'trainLinearAutoencoder components', columns);
  requireInteger(maxIterations, 0, 'trainLinearAutoencoder maxIterations');
  requireFinite(points.data, columns, 'trainLinearAutoencoder');
  const mean = meanOf(points);
  const objective = squaredError(covarianceOf(points, mean), components, columns);
  const rng = new Rng(seed).split('linear autoencoder');
  const size = components * columns;
  const start = Float64Array.from({ length: 2 * size }, () => rng.normal() / Math.sqrt(columns));
  const { x, value, iterations } = lbfgs(objective, start, { iterations: maxIterations, tolerance });
  return {
    projection: matrix(x.slice(0, size), components, columns),
    decoder: matrix(x.slice(size), components, columns),
    mean,
    error: value / columns,
    iterations,
  };
}

/**
 * Mean squared error tr (1 - DᵀP) C (1 - DᵀP)ᵀ of encoder and decoder, one after the other in x, from the covariance
 * C alone: no step looks at the points.
 */
function squaredError(covariance: Float64Array, components: number, columns: number) {
  const size = components * columns;
  let trace = 0;
  for (let k = 0; k < columns; k++) trace += covariance[k * columns + k];
  return (x: Float64Array, gradient: Float64Array): number => {
    const encoder = x.subarray(0, size);
    const decoder = x.subarray(size);
    // P C, then P C Pᵀ and D Dᵀ.
    const spread = timesRows(encoder, covariance, components, columns, columns);
    const codes = products(spread, encoder, components, columns);
    const frame = products(decoder, decoder, components, columns);
    const cross = products(decoder, spread, components, columns);
    let value = trace;
    for (let p = 0; p < components; p++) {
      value -= 2 * cross[p * components + p];
      for (let q = 0; q < components; q++) value += frame[p * components + q] * codes[q * components + p];
    }
    const toEncoder = timesRows(frame, spread, components, components, columns);
    const target = timesRows(decoder, covariance, components, columns, columns);
    const toDecoder = timesRows(codes, decoder, components, components, columns);
    for (let k = 0; k < size; k++) {
      gradient[k] = 2 * (toEncoder[k] - target[k]);
      gradient[size + k] = 2 * (toDecoder[k] - spread[k]);
    }
    return value;
  };
}

/** A B for A [rows, inner] and B [inner, columns]. */
function timesRows(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let p = 0; p < rows; p++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[p * inner + k];
      for (let l = 0; l < columns; l++) out[p * columns + l] += factor * b[k * columns + l];
    }
  }
  return out;
}

/** A Bᵀ for both [rows, columns]. */
function products(a: Float64Array, b: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * rows);
  for (let p = 0; p < rows; p++) {
    for (let q = 0; q < rows; q++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += a[p * columns + k] * b[q * columns + k];
      out[p * rows + q] = sum;
    }
  }
  return out;
}
