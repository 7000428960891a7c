import { requireInteger } from '../core/checks.js';
import { type Matrix32, matrix } from '../core/matrix.js';

export interface PolarGrid {
  /** Rings: ring r has radius (r + 0.5) / radii of (min(height, width) - 1) / 2 pixels. */
  readonly radii: number;
  /** Samples a ring: sample a at 2πa / angles, counter-clockwise from the right, as rotateImages turns. */
  readonly angles: number;
}

/**
 * Bilinear sampling on a polar grid about the centre, as a matrix: image [1, height * width] times it is the polar
 * image [1, radii * angles], column r * angles + a. Turning the image by 2πs / angles moves sample a to a + s: exactly
 * for multiples of a quarter turn of a square image, elsewhere up to the interpolation.
 * @returns [height * width, radii * angles]; every column sums to 1
 */
export function polarSamplingMatrix(
  options: { readonly height: number; readonly width: number } & PolarGrid,
): Matrix32 {
  const { height, width, radii, angles } = options;
  for (const [name, value] of Object.entries({ height, width, radii, angles })) {
    requireInteger(value, 1, `polarSamplingMatrix ${name}`);
  }
  const columns = radii * angles;
  const data = new Float32Array(height * width * columns);
  const rim = (Math.min(height, width) - 1) / 2;
  for (let r = 0; r < radii; r++) {
    const radius = ((r + 0.5) / radii) * rim;
    for (let a = 0; a < angles; a++) {
      const angle = (2 * Math.PI * a) / angles;
      const y = (height - 1) / 2 - radius * Math.sin(angle);
      const x = (width - 1) / 2 + radius * Math.cos(angle);
      for (const [row, rowWeight] of neighbours(y, height)) {
        for (const [column, columnWeight] of neighbours(x, width)) {
          data[(row * width + column) * columns + r * angles + a] += rowWeight * columnWeight;
        }
      }
    }
  }
  return matrix(data, height * width, columns);
}

/** The two grid lines around a position inside the image, with their weights. */
function neighbours(position: number, size: number): readonly (readonly [number, number])[] {
  const low = Math.max(0, Math.min(Math.floor(position), size - 2));
  const share = position - low;
  return size === 1
    ? [[0, 1]]
    : [
        [low, 1 - share],
        [low + 1, share],
      ];
}
