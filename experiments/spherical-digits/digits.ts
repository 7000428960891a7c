import {
  fourierForward,
  gridPoints,
  inverseRotation,
  loadMnist,
  type Matrix32,
  matrix,
  projectImages,
  Rng,
  randomRotation,
  rotatePoints,
  sphereGrid,
  sphericalFourier,
  stereographicSampling,
} from '../../src/index.js';
import type { Settings } from './settings.js';

export interface SphericalDigits {
  /** [n, (degree + 1)²] */
  readonly coefficients: Matrix32;
  readonly labels: Int32Array;
}

export interface DigitTask {
  readonly train: SphericalDigits;
  /** Turned. */
  readonly test: SphericalDigits;
}

/**
 * Digits projected to the sphere, turned or not as samples, before the transform: what interpolation leaves of the rotation
 * is in the data. Both parts are divided by one number, the mean over training digits of √(Σ_l |c_l|² / (2l + 1)).
 */
export function digitTask(
  settings: Settings,
  counts: { train: number; test: number },
  turned: boolean,
): DigitTask {
  const train = project(settings, 'train', counts.train, turned);
  const test = project(settings, 'test', counts.test, true);
  const { data, rows, columns } = train.coefficients;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    let power = 0;
    for (let k = 0; k < columns; k++)
      power += data[i * columns + k] ** 2 / (2 * Math.floor(Math.sqrt(k)) + 1);
    sum += Math.sqrt(power);
  }
  for (const part of [train, test]) {
    part.coefficients.data.forEach((value, at) => {
      part.coefficients.data[at] = (value * rows) / sum;
    });
  }
  return { train, test };
}

function project(
  settings: Settings,
  split: 'train' | 'test',
  count: number,
  turned: boolean,
): SphericalDigits {
  const { degree, bandwidth, perRotation } = settings;
  const images = loadMnist(split);
  const size = images.height * images.width;
  const grid = sphereGrid(bandwidth);
  const transform = sphericalFourier(grid, degree, { fit: 'leastSquares' });
  const points = gridPoints(grid);
  const rng = new Rng(1).split(`rotations ${split}`);
  const columns = (degree + 1) ** 2;
  const data = new Float32Array(count * columns);
  let sampling = stereographicSampling(images.height, images.width, points);
  for (let from = 0; from < count; from += perRotation) {
    const used = Math.min(perRotation, count - from);
    if (turned) {
      // The turned digit at a point is the digit at the point turned back.
      const back = rotatePoints(points, inverseRotation(randomRotation(rng)));
      sampling = stereographicSampling(images.height, images.width, back);
    }
    const signals = projectImages(images.pixels.subarray(from * size, (from + used) * size), used, sampling);
    data.set(fourierForward(transform, signals).data, from * columns);
  }
  return {
    coefficients: matrix(data, count, columns),
    labels: Int32Array.from(images.labels.subarray(0, count)),
  };
}
