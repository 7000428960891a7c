import { Matrix as DenseMatrix, EigenvalueDecomposition } from 'ml-matrix';
import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';
import { Rng } from '../core/rng.js';
import { dot } from '../geometry/vector.js';

export interface Eigenpairs {
  /** [count], descending. */
  readonly values: Float64Array;
  /** [count, n]: orthonormal rows, as the values. */
  readonly vectors: Matrix64;
  /** Largest |A v - λ v| over the pairs, divided by the largest |λ|. */
  readonly residual: number;
}

/** Up to here all eigenvalues are found at once. */
const DENSE_ROWS = 200;
/** Vectors beside the wanted ones: a cluster of eigenvalues at the cut converges as fast as its far end. */
const GUARD = 6;
/** Blocks of one cycle; then the search starts again from the best vectors. */
const BLOCKS = 12;
const CYCLES = 40;

/**
 * The algebraically largest eigenvalues of a symmetric matrix, by block Lanczos with full orthogonalisation, started
 * again until A v - λ v is small; up to 200 rows by a complete decomposition. A block finds equal eigenvalues as
 * often as they occur. The search ends after 40 cycles: `residual` says how far it came.
 * @param symmetric [n, n]; only read @param count 1..n
 * @param seed of the first block @param tolerance of `residual`
 * @source Golub and Underwood 1977, "The block Lanczos method for computing eigenvalues"
 */
export function largestEigenpairs(
  symmetric: Matrix,
  count: number,
  { seed = 0, tolerance = 1e-9 }: { readonly seed?: number; readonly tolerance?: number } = {},
): Eigenpairs {
  const n = symmetric.rows;
  if (n <= DENSE_ROWS) return denseEigenpairs(symmetric, count);
  const rng = new Rng(seed).split('eigenpairs');
  const width = Math.min(n, count + GUARD);
  let block = orthonormalised(
    Array.from({ length: width }, () => Float64Array.from({ length: n }, () => rng.normal())),
    [],
  );
  let best: Eigenpairs | undefined;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const { basis, images } = krylovSpace(symmetric, block);
    const ritz = ritzPairs(basis, images, Math.min(width, basis.length));
    best = pairsOf(ritz.slice(0, count), n);
    if (best.residual <= tolerance) break;
    block = orthonormalised(
      ritz.map(({ vector }) => vector),
      [],
    );
  }
  return best as Eigenpairs;
}

interface RitzPair {
  readonly value: number;
  readonly vector: Float64Array;
  readonly residual: number;
}

function denseEigenpairs(symmetric: Matrix, count: number): Eigenpairs {
  const n = symmetric.rows;
  const dense = new DenseMatrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) dense.set(i, j, symmetric.data[i * n + j]);
  const { values, vectors } = sortedEigen(dense);
  const data = new Float64Array(count * n);
  for (let p = 0; p < count; p++) data.set(vectors[p], p * n);
  return { values: Float64Array.from(values.slice(0, count)), vectors: matrix(data, count, n), residual: 0 };
}

function sortedEigen(dense: DenseMatrix): { values: number[]; vectors: number[][] } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(dense, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  return {
    values: order.map((i) => realEigenvalues[i]),
    vectors: order.map((i) => eigenvectorMatrix.getColumn(i)),
  };
}

/** Orthonormal vectors that span block, A block, A² block ..., and A times each. */
function krylovSpace(symmetric: Matrix, block: Float64Array[]) {
  const basis: Float64Array[] = [];
  const images: Float64Array[] = [];
  let current = block;
  for (let step = 0; step < BLOCKS && current.length > 0; step++) {
    const next = timesEach(symmetric, current);
    basis.push(...current);
    images.push(...next);
    if (step + 1 < BLOCKS) current = orthonormalised(next, basis);
  }
  return { basis, images };
}

/** Eigenpairs of A within the span of the basis, largest first. */
function ritzPairs(basis: Float64Array[], images: Float64Array[], count: number): RitzPair[] {
  const size = basis.length;
  const small = new DenseMatrix(size, size);
  for (let p = 0; p < size; p++) {
    for (let q = 0; q <= p; q++) {
      const value = dot(basis[p], images[q]);
      small.set(p, q, value);
      small.set(q, p, value);
    }
  }
  const { values, vectors } = sortedEigen(small);
  return Array.from({ length: count }, (_, p) => {
    const vector = combination(basis, vectors[p]);
    const image = combination(images, vectors[p]);
    let square = 0;
    for (let i = 0; i < vector.length; i++) square += (image[i] - values[p] * vector[i]) ** 2;
    return { value: values[p], vector, residual: Math.sqrt(square) };
  });
}

function pairsOf(ritz: readonly RitzPair[], n: number): Eigenpairs {
  const data = new Float64Array(ritz.length * n);
  for (const [p, { vector }] of ritz.entries()) data.set(vector, p * n);
  const largest = ritz.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  const worst = ritz.reduce((most, { residual }) => Math.max(most, residual), 0);
  return {
    values: Float64Array.from(ritz, ({ value }) => value),
    vectors: matrix(data, ritz.length, n),
    residual: largest > 0 ? worst / largest : 0,
  };
}

/** A v of four vectors at a time: each row of A is read once for them. */
function timesEach(symmetric: Matrix, vectors: readonly Float64Array[]): Float64Array[] {
  const n = symmetric.rows;
  const products = vectors.map(() => new Float64Array(n));
  for (let first = 0; first < vectors.length; first += 4) {
    const last = vectors.length - 1;
    const [a, b, c, d] = [0, 1, 2, 3].map((p) => vectors[Math.min(first + p, last)]);
    const [pa, pb, pc, pd] = [0, 1, 2, 3].map((p) => products[Math.min(first + p, last)]);
    for (let i = 0; i < n; i++) {
      const values = row(symmetric, i);
      let [sa, sb, sc, sd] = [0, 0, 0, 0];
      for (let j = 0; j < n; j++) {
        const value = values[j];
        sa += value * a[j];
        sb += value * b[j];
        sc += value * c[j];
        sd += value * d[j];
      }
      pa[i] = sa;
      pb[i] = sb;
      pc[i] = sc;
      pd[i] = sd;
    }
  }
  return products;
}

/** Gram and Schmidt twice, against `basis` and each other; what lies in their span but for rounding is left out. */
function orthonormalised(vectors: readonly Float64Array[], basis: readonly Float64Array[]): Float64Array[] {
  const found: Float64Array[] = [];
  for (const source of vectors) {
    const v = Float64Array.from(source);
    const before = Math.sqrt(dot(v, v));
    for (let pass = 0; pass < 2; pass++) {
      for (const u of [...basis, ...found]) add(v, -dot(u, v), u);
    }
    const length = Math.sqrt(dot(v, v));
    if (length > 1e-10 * before) found.push(v.map((value) => value / length));
  }
  return found;
}

function combination(vectors: readonly Float64Array[], factors: readonly number[]): Float64Array {
  const sum = new Float64Array(vectors[0].length);
  for (const [p, v] of vectors.entries()) add(sum, factors[p], v);
  return sum;
}

function add(to: Float64Array, factor: number, v: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * v[i];
}
