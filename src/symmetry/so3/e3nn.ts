import { requireLength } from '../../core/checks.js';
import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';
import { type Multiplicities, requireCoefficients, requireDegree } from './degrees.js';
import { composeRotations, inverseRotation, type RotationMatrix, requireRotation } from './rotationMatrix.js';
import { applyByDegree, wignerD } from './wignerD.js';

// e3nn's polar axis is y and its degree 1 is (x, y, z). Its functions are ours once its axes (x, y, z) are called
// (y, z, x): with points and rotations renamed, coefficients, Wigner D and 3j are equal number by number. Where the
// axes must keep their names, coefficients and Wigner D change basis by the fixed rotation CYCLE instead; 3j symbols do
// not change, being invariant under it.

/** A point in e3nn's names to the same point in ours. */
const CYCLE = Float64Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0);

/** Renames axes: rows (x, y, z) of e3nn become (z, x, y). @throws ShapeError unless [n, 3] */
export function pointsFromE3nn(points: Matrix): Matrix64 {
  return takeColumns(points, [2, 0, 1], 'pointsFromE3nn');
}

/** Renames axes: our rows (x, y, z) become e3nn's (y, z, x). @throws ShapeError unless [n, 3] */
export function pointsToE3nn(points: Matrix): Matrix64 {
  return takeColumns(points, [1, 2, 0], 'pointsToE3nn');
}

function takeColumns(points: Matrix, order: readonly number[], who: string): Matrix64 {
  requireLength(points.columns, 3, `${who} columns of points`);
  const data = Float64Array.from(points.data, (_, at) => points.data[at - (at % 3) + order[at % 3]]);
  return matrix(data, points.rows, 3);
}

/** Renames axes of a rotation: e3nn's angles_to_matrix(a, b, c) becomes our rotationFromEuler. @throws as requireRotation */
export function rotationFromE3nn(r: RotationMatrix): Float64Array {
  requireRotation(r, 'rotationFromE3nn');
  return composeRotations(CYCLE, composeRotations(r, inverseRotation(CYCLE)));
}

/** Inverse of rotationFromE3nn. @throws as requireRotation */
export function rotationToE3nn(r: RotationMatrix): Float64Array {
  requireRotation(r, 'rotationToE3nn');
  return composeRotations(inverseRotation(CYCLE), composeRotations(r, CYCLE));
}

/**
 * Axes keep their names: coefficients of one function of (x, y, z), or harmonics at one point, in e3nn's basis.
 * @param coefficients [n, coefficientCount(multiplicities)] @throws ShapeError for another number of columns
 */
export function coefficientsToE3nn(coefficients: Matrix, multiplicities: Multiplicities): Matrix64 {
  requireCoefficients(coefficients.columns, multiplicities, 'coefficientsToE3nn');
  return applyByDegree(coefficients, wignerD(CYCLE, multiplicities.length - 1), multiplicities);
}

/** Inverse of coefficientsToE3nn. @throws ShapeError for another number of columns */
export function coefficientsFromE3nn(coefficients: Matrix, multiplicities: Multiplicities): Matrix64 {
  requireCoefficients(coefficients.columns, multiplicities, 'coefficientsFromE3nn');
  const back = wignerD(inverseRotation(CYCLE), multiplicities.length - 1);
  return applyByDegree(coefficients, back, multiplicities);
}

/**
 * Axes keep their names: wignerD(R, degree) to e3nn's D_from_matrix(R) of each degree.
 * @throws ShapeError unless the matrix of degree l is [2l + 1, 2l + 1], UsageError for degrees above the tables
 */
export function wignerDToE3nn(matrices: readonly Float64Array[]): Float64Array[] {
  return conjugate(matrices, CYCLE, 'wignerDToE3nn');
}

/** Inverse of wignerDToE3nn. @throws as there */
export function wignerDFromE3nn(matrices: readonly Float64Array[]): Float64Array[] {
  return conjugate(matrices, inverseRotation(CYCLE), 'wignerDFromE3nn');
}

/** C D Cᵀ with C = D(change). */
function conjugate(matrices: readonly Float64Array[], change: RotationMatrix, who: string): Float64Array[] {
  requireDegree(matrices.length - 1, `${who} highest degree`);
  const basis = wignerD(change, matrices.length - 1);
  return matrices.map((d, l) => {
    const size = 2 * l + 1;
    requireLength(d.length, size * size, `${who} matrix of degree ${l}`);
    const out = new Float64Array(size * size);
    const half = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      half.fill(0);
      for (let k = 0; k < size; k++) {
        const c = basis[l][i * size + k];
        for (let n = 0; n < size; n++) half[n] += c * d[k * size + n];
      }
      for (let j = 0; j < size; j++) {
        let sum = 0;
        for (let n = 0; n < size; n++) sum += half[n] * basis[l][j * size + n];
        out[i * size + j] = sum;
      }
    }
    return out;
  });
}
