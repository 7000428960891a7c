import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Matrix, type Matrix64, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { distanceMatrix } from '../../src/geometry/distance.js';

interface Ends {
  readonly rawStress: number;
  readonly stress: number;
  readonly distances: number[];
}

/** What scikit-learn finds for 30 points. */
export const PEER = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'mds.json'), 'utf8')) as {
  readonly points: number[][];
  readonly classical: { readonly eigenvalues: number[]; readonly points: number[][] };
  readonly smacof2: Ends;
  readonly smacof3: Ends;
  readonly sammon: { readonly stress: number };
  readonly pca: { readonly components: number[][]; readonly error: number };
};

export const PEER_POINTS = matrix(Float64Array.from(PEER.points.flat()), 30, 6);

export function within(points: Matrix): Matrix64 {
  return distanceMatrix({ kind: 'euclidean', dim: points.columns }, points, points);
}

export function largestDifference(a: Matrix, b: Matrix): number {
  return Array.from(a.data).reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), 0);
}

/** Independent normal values, each column of its own standard deviation. */
export function normal(
  rows: number,
  columns: number,
  seed: number,
  scales: readonly number[] = [],
): Matrix64 {
  const rng = new Rng(seed);
  const values = Float64Array.from(
    { length: rows * columns },
    (_, i) => rng.normal() * (scales[i % columns] ?? 1),
  );
  return matrix(values, rows, columns);
}
