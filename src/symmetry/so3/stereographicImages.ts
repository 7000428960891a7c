import {
  requireFinite,
  requireInteger,
  requireLength,
  requireNumber,
  requirePositive,
} from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';

export interface StereographicOptions {
  /** Height above the plane of the point on the z axis from which is projected, > 2; default 2.001. */
  readonly pole?: number;
  /** The image covers [-halfWindow, halfWindow]² of the plane; default 1.5. */
  readonly halfWindow?: number;
}

/** Four pixels of an image and their weights, for each point of the sphere: those of point i at 4i..4i + 3. */
export interface SphereSampling {
  readonly height: number;
  readonly width: number;
  readonly pixel: Int32Array;
  /** 0 where the neighbour lies outside the image. */
  readonly weight: Float64Array;
}

/**
 * Where points of the unit sphere, which stands on the plane, see an image that lies in the plane about the point of
 * touch, bilinear, zero outside. Columns run along x, rows against y. Pixel (r, q) is the square of the window that it
 * covers, its value that at the middle. The south pole sees the middle of the image. The cap that faces the point of
 * projection, of polar angle acos(1 / (pole - 1)), would see the image a second time and sees nothing.
 * @param points [n, 3] of norm 1
 * @throws ShapeError unless 3 columns; DomainError for a point off the sphere, naming it, a pole <= 2, a window <= 0
 * @source Cohen, Geiger, Koehler and Welling 2018, arXiv:1801.10130, section 5.2 (spherical MNIST)
 */
export function stereographicSampling(
  height: number,
  width: number,
  points: Matrix,
  { pole = 2.001, halfWindow = 1.5 }: StereographicOptions = {},
): SphereSampling {
  requireInteger(height, 1, 'stereographicSampling height');
  requireInteger(width, 1, 'stereographicSampling width');
  requirePositive(halfWindow, 'stereographicSampling halfWindow');
  requireNumber(pole, 'stereographicSampling pole');
  if (!(pole > 2)) {
    const remedy = 'take a point above the sphere';
    throw new DomainError(expectation('stereographicSampling pole', 'a height > 2', pole, remedy));
  }
  requireLength(points.columns, 3, 'stereographicSampling columns of points');
  const pixel = new Int32Array(4 * points.rows);
  const weight = new Float64Array(4 * points.rows);
  for (let i = 0; i < points.rows; i++) {
    const [x, y, z] = points.data.subarray(3 * i, 3 * i + 3);
    requireOnSphere(x, y, z, i);
    if (z * (pole - 1) > 1) continue;
    const scale = pole / (pole - (z + 1));
    const column = ((scale * x) / (2 * halfWindow) + 0.5) * width - 0.5;
    const row = (0.5 - (scale * y) / (2 * halfWindow)) * height - 0.5;
    const [top, left] = [Math.floor(row), Math.floor(column)];
    for (let corner = 0; corner < 4; corner++) {
      const [r, q] = [top + (corner >> 1), left + (corner & 1)];
      if (!(r >= 0 && r < height && q >= 0 && q < width)) continue;
      pixel[4 * i + corner] = r * width + q;
      weight[4 * i + corner] = (1 - Math.abs(row - r)) * (1 - Math.abs(column - q));
    }
  }
  return { height, width, pixel, weight };
}

/** What float32 leaves of the norm. */
const ON_SPHERE = 1e-6;

function requireOnSphere(x: number, y: number, z: number, i: number): void {
  const norm = Math.hypot(x, y, z);
  if (Math.abs(norm - 1) <= ON_SPHERE) return;
  throw new DomainError(
    expectation(`stereographicSampling point ${i}`, 'a point of norm 1', norm, 'divide it by its norm'),
  );
}

/**
 * Images as functions on the sphere, sampled at the points of a sampling.
 * @param pixels [count * height * width]: Uint8Array 0..255, divided by 255, or Float32Array, taken as it is
 * @returns [count, points]
 * @throws ShapeError for another length, DomainError for a pixel that is not finite, naming the image
 */
export function projectImages(
  pixels: Uint8Array | Float32Array,
  count: number,
  { height, width, pixel, weight }: SphereSampling,
): Matrix64 {
  requireInteger(count, 0, 'projectImages count');
  const size = height * width;
  requireLength(pixels.length, count * size, 'projectImages pixels');
  requireFinite(pixels, size, 'projectImages image');
  const unit = pixels instanceof Uint8Array ? 1 / 255 : 1;
  const samples = pixel.length / 4;
  const out = new Float64Array(count * samples);
  for (let image = 0; image < count; image++) {
    const from = image * size;
    for (let i = 0; i < samples; i++) {
      let sum = 0;
      for (let at = 4 * i; at < 4 * i + 4; at++) sum += weight[at] * pixels[from + pixel[at]];
      out[image * samples + i] = sum * unit;
    }
  }
  return matrix(out, count, samples);
}
