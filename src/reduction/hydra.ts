import { Matrix as DenseMatrix, EigenvalueDecomposition } from 'ml-matrix';
import { requireInteger, requirePositive } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { type Matrix64, matrix } from '../core/matrix.js';
import { requireDistances } from './distanceChecks.js';
import { hyperbolicStress } from './hyperbolicStress.js';
import { toUnitBall } from './hyperboloidPairs.js';
import { lbfgs } from './lbfgs.js';

/** An eigenvalue decomposition takes n³ steps: about 10 s at this number of rows. */
const MAX_ROWS = 1000;

/** cosh beyond this leaves no digits for anything else in the matrix that is decomposed. */
export const MAX_SCALED_DISTANCE = 300;

export interface HydraOptions {
  /** Coordinates of the result, >= 1. Default 2. */
  readonly dim?: number;
  /** K < 0, 1/u²: distances d are drawn with the length √(-K) d. Default -1. */
  readonly curvature?: number;
  /** Steps that lower the stress after the decomposition; 0 for none. Default 200. */
  readonly refinements?: number;
}

export interface HydraResult {
  /** [n, dim] in the closed Poincaré ball of this curvature: beyond radius 37/√-K, float64 has the rim alone. */
  readonly coordinates: Matrix64;
  /** [n, dim]: the same points, times √-K, as space parts of the hyperboloid of curvature -1. */
  readonly spaceParts: Matrix64;
  /** Kruskal's stress-1, √(Σ (d - δ)² / Σ δ²) over pairs: after the decomposition, and at the end. */
  readonly stress: { readonly decomposition: number; readonly refined: number };
}

/**
 * Hyperbolic multidimensional scaling: points of a ball whose distances d come near the given ones, δ. If the
 * δ are those of points in such a ball the decomposition gives these, up to an isometry; otherwise
 * it minimises the strain, and the refinement the stress. The decomposition takes distances below 1e-8/√-K
 * for 0: their cosh is 1.
 * @param distances [n, n], u, symmetric, >= 0, zero diagonal; n <= 1000
 * @throws ShapeError unless square and of an allowed size; DomainError for values that are no distances
 * @source Keller-Ressel and Nargang 2020, "Hydra", J. Complex Networks 8(1), algorithm 1 and section 5 (hydra+)
 */
export function hydra(
  distances: Matrix64,
  { dim = 2, curvature = -1, refinements = 200 }: HydraOptions = {},
): HydraResult {
  requireInteger(dim, 1, 'hydra dim');
  requireInteger(refinements, 0, 'hydra refinements');
  requirePositive(-curvature, 'hydra -curvature');
  requireDistances(distances, 'hydra', { most: MAX_ROWS });
  const n = distances.rows;
  const root = Math.sqrt(-curvature);
  const scaled = distances.data.map((d) => d * root);
  const widest = scaled.reduce((a, b) => Math.max(a, b), 0);
  if (widest > MAX_SCALED_DISTANCE) {
    const expected = `√(-K) d <= ${MAX_SCALED_DISTANCE}`;
    throw new DomainError(expectation('hydra distances', expected, widest, 'choose a curvature nearer to 0'));
  }
  const start = decompose(scaled, n, dim);
  const total = scaled.reduce((sum, d) => sum + d * d, 0) / 2;
  const raw = (space: Float64Array, gradient: Float64Array) =>
    hyperbolicStress(space, { delta: scaled, n, dim }, 1, gradient).raw;
  const unused = new Float64Array(start.length);
  const { x, value } = lbfgs(raw, start, { iterations: refinements, tolerance: 1e-9 });
  const stress = (sum: number) => (total > 0 ? Math.sqrt(sum / total) : 0);
  const ball = toUnitBall(x, dim).map((v) => v / root);
  return {
    coordinates: matrix(ball, n, dim),
    spaceParts: matrix(x, n, dim),
    stress: { decomposition: stress(raw(start, unused)), refined: stress(value) },
  };
}

/** Space parts [n, dim] from cosh δ = t tᵀ - X Xᵀ: the largest eigenvalue is time, the lowest ones are space. */
function decompose(scaled: Float64Array, n: number, dim: number): Float64Array {
  const gram = new DenseMatrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) gram.set(i, j, Math.cosh(scaled[i * n + j]));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[a] - realEigenvalues[b]);
  const space = new Float64Array(n * dim);
  // With fewer than dim negative eigenvalues the points lie in fewer dimensions.
  for (let k = 0; k < Math.min(dim, n - 1); k++) {
    const length = Math.sqrt(Math.max(0, -realEigenvalues[order[k]]));
    for (let i = 0; i < n; i++) space[i * dim + k] = length * eigenvectorMatrix.get(i, order[k]);
  }
  return space;
}
