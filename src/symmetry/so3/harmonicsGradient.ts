import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';
import { type HarmonicsOptions, pointAt, requireHarmonics, solidHarmonics } from './harmonics.js';

/**
 * Gradient of sphericalHarmonics with respect to the point. That of harmonics of the direction is tangential and falls
 * as 1/|p|. Solid harmonics have one at zero too: that of degree 1 alone is not 0 there.
 * @param points [n, 3]
 * @returns [3n, (degree + 1)²]: row 3i + a is ∂/∂p_a at point i, a = 0, 1, 2 for x, y, z
 * @throws as sphericalHarmonics
 * @source derivatives of a solid harmonic of degree l are solid harmonics of degree l - 1: Hobson 1931, The Theory of
 *   Spherical and Ellipsoidal Harmonics, sections 79-80, for real normalised functions
 */
export function sphericalHarmonicsGradient(
  points: Matrix,
  degree: number,
  options: HarmonicsOptions = {},
): Matrix64 {
  const scales = requireHarmonics(points, degree, options, 'sphericalHarmonicsGradient');
  const columns = (degree + 1) ** 2;
  const out = new Float64Array(points.rows * 3 * columns);
  const values = new Float64Array(columns);
  for (let i = 0; i < points.rows; i++) {
    const [x, y, z, norm] = pointAt(points, i, options, 'sphericalHarmonicsGradient');
    solidHarmonics(values, 0, degree, x, y, z);
    const rows = [0, 1, 2].map((a) => out.subarray((3 * i + a) * columns, (3 * i + a + 1) * columns));
    solidGradient(rows, values, degree);
    for (let l = 0; l <= degree; l++) {
      for (let at = l * l; at < (l + 1) ** 2; at++) {
        // Euler: p·∇Y = l Y for a polynomial of degree l; the direction's harmonics lack this radial part.
        const radial = (options.normalize ?? true) ? l * values[at] : 0;
        [x, y, z].forEach((u, a) => {
          rows[a][at] = (scales[l] * (rows[a][at] - u * radial)) / norm;
        });
      }
    }
  }
  return matrix(out, points.rows * 3, columns);
}

/** ∂x, ∂y, ∂z of solid harmonics from those of one degree less. */
function solidGradient([dx, dy, dz]: readonly Float64Array[], values: Float64Array, degree: number): void {
  for (let l = 1; l <= degree; l++) {
    const ratio = (2 * l + 1) / (2 * l - 1);
    const centre = l * l + l;
    const lower = (l - 1) * l;
    const at = (m: number) => (Math.abs(m) < l ? values[lower + m] : 0);
    for (let m = 0; m <= l; m++) {
      const along = Math.sqrt(ratio * (l * l - m * m));
      dz[centre + m] = along * at(m);
      // Functions with m = 0 carry no √2: what leads from or to them has it.
      const fall = Math.sqrt(ratio * (l + m) * (l + m - 1) * (m === 1 ? 2 : 1)) / 2;
      const rise = Math.sqrt(ratio * (l - m) * (l - m - 1) * (m === 0 ? 2 : 1)) / 2;
      if (m === 0) {
        dx[centre] = -rise * at(1);
        dy[centre] = -rise * at(-1);
        continue;
      }
      dz[centre - m] = along * at(-m);
      const sineBelow = m === 1 ? 0 : at(1 - m);
      dx[centre + m] = fall * at(m - 1) - rise * at(m + 1);
      dy[centre + m] = -fall * sineBelow - rise * at(-m - 1);
      dx[centre - m] = fall * sineBelow - rise * at(-m - 1);
      dy[centre - m] = fall * at(m - 1) + rise * at(m + 1);
    }
  }
}
