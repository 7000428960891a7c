import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';
import { type Multiplicities, requireCoefficients, requireDegree } from './degrees.js';
import { type RotationMatrix, requireRotation } from './rotationMatrix.js';

/** Where rows and columns of degree 1 stand among x, y, z: m = -1, 0, 1 is (y, z, x). */
const AXES = [1, 2, 0];

/**
 * Wigner matrices D of real harmonics: Y(R p) = D(R) Y(p), and f(R⁻¹ p) has the coefficients D(R) c if f has c.
 * D(g h) = D(g) D(h), D is orthogonal.
 * @param r 3 x 3, row-major
 * @returns one matrix a degree l = 0..degree, [2l + 1, 2l + 1], row-major, m = -l..l
 * @throws UsageError for a degree above the tables, ShapeError or DomainError for what is no rotation
 * @source Ivanic and Ruedenberg 1996, J. Phys. Chem. 100:6342, tables 1 and 2, with the corrections of 1998, 102:9099
 */
export function wignerD(r: RotationMatrix, degree: number): Float64Array[] {
  requireDegree(degree, 'wignerD degree');
  requireRotation(r, 'wignerD');
  const first = Float64Array.from({ length: 9 }, (_, i) => r[3 * AXES[Math.floor(i / 3)] + AXES[i % 3]]);
  const matrices: Float64Array[] = [Float64Array.of(1), first].slice(0, degree + 1);
  for (let l = 2; l <= degree; l++) matrices.push(nextDegree(l, first, matrices[l - 1]));
  return matrices;
}

function nextDegree(l: number, first: Float64Array, before: Float64Array): Float64Array {
  const size = 2 * l + 1;
  const out = new Float64Array(size * size);
  const previous = (row: number, column: number) => before[(row + l - 1) * (size - 2) + column + l - 1];
  /** P of table 2: row i of degree 1 and row `a` of degree l - 1, coupled to column n of degree l. */
  const coupled = (i: number, a: number, n: number): number => {
    const at = 3 * (i + 1) + 1;
    if (n === l) return first[at + 1] * previous(a, l - 1) - first[at - 1] * previous(a, 1 - l);
    if (n === -l) return first[at + 1] * previous(a, 1 - l) + first[at - 1] * previous(a, l - 1);
    return first[at] * previous(a, n);
  };
  for (let m = -l; m <= l; m++) {
    const k = Math.abs(m);
    for (let n = -l; n <= l; n++) {
      const unit = Math.abs(n) === l ? 2 * l * (2 * l - 1) : (l + n) * (l - n);
      let sum = 0;
      if (k < l) sum += Math.sqrt(((l + m) * (l - m)) / unit) * coupled(0, m, n);
      const inner = Math.sqrt(((l + k - 1) * (l + k)) / unit) / 2;
      if (m === 0) sum -= Math.SQRT2 * inner * (coupled(1, 1, n) + coupled(-1, -1, n));
      else if (m === 1) sum += Math.SQRT2 * inner * coupled(1, 0, n);
      else if (m === -1) sum += Math.SQRT2 * inner * coupled(-1, 0, n);
      else if (m > 0) sum += inner * (coupled(1, m - 1, n) - coupled(-1, 1 - m, n));
      else sum += inner * (coupled(1, m + 1, n) + coupled(-1, -m - 1, n));
      if (k > 0 && k < l - 1) {
        const outer = Math.sqrt(((l - k - 1) * (l - k)) / unit) / 2;
        if (m > 0) sum -= outer * (coupled(1, m + 1, n) + coupled(-1, -m - 1, n));
        else sum -= outer * (coupled(1, m - 1, n) - coupled(-1, 1 - m, n));
      }
      out[(m + l) * size + n + l] = sum;
    }
  }
  return out;
}

/**
 * D(R) of each degree applied to each channel of each row.
 * @param coefficients [n, coefficientCount(multiplicities)]
 * @throws ShapeError for another number of columns; as wignerD
 */
export function rotateCoefficients(
  coefficients: Matrix,
  r: RotationMatrix,
  multiplicities: Multiplicities,
): Matrix64 {
  requireCoefficients(coefficients.columns, multiplicities, 'rotateCoefficients');
  return applyByDegree(coefficients, wignerD(r, multiplicities.length - 1), multiplicities);
}

/** One square matrix a degree, applied to each channel of each row. */
export function applyByDegree(
  coefficients: Matrix,
  matrices: readonly Float64Array[],
  multiplicities: Multiplicities,
): Matrix64 {
  const { data, rows, columns } = coefficients;
  const out = new Float64Array(rows * columns);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let l = 0; l < multiplicities.length; l++) {
      const size = 2 * l + 1;
      for (let channel = 0; channel < multiplicities[l]; channel++, at += size) {
        for (let m = 0; m < size; m++) {
          let sum = 0;
          for (let n = 0; n < size; n++) sum += matrices[l][m * size + n] * data[at + n];
          out[at + m] = sum;
        }
      }
    }
  }
  return matrix(out, rows, columns);
}
