import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { type Matrix, row } from '../../core/matrix.js';

/** Points of the input that no map into so few dimensions can keep apart without distorting distances. */
export interface PackingBound {
  /** No map of the points into Euclidean space of `dim` dimensions has a smaller worst-case distortion; 1: nothing is said. */
  readonly distortion: number;
  /** Rows behind it, in the order in which they were taken. */
  readonly rows: Int32Array;
  /** They are at least so far apart, */
  readonly separation: number;
  /** and at most so far. */
  readonly diameter: number;
}

/** Centres from which sets are grown. */
const CENTRES = 16;

/**
 * A lower bound on max b/a times max a/b by counting. N points with distances a in [r, Δ] go to points with b >= r / C and
 * b <= E Δ, C the contraction and E the expansion. Balls of radius r / 2C about these are disjoint, and their union has a
 * diameter of at most E Δ + r / C, so by the isodiametric inequality N (r / 2C)^m <= ((E Δ + r / C) / 2)^m, which is
 * E C >= (r / Δ)(N^(1/m) - 1). Every subset of the points gives a bound: from several centres, the points within each of
 * several radii are taken farthest first (Gonzalez), and the best N of each order counts.
 * @param distances [n, n] of inputs, metric @param dim m, of the codes
 * @throws ShapeError unless square
 * @source the isodiametric inequality: Bieberbach 1915; the order of points: Gonzalez 1985
 */
export function packingBound(distances: Matrix, dim: number): PackingBound {
  requireInteger(dim, 1, 'packingBound dim');
  const n = distances.rows;
  if (n !== distances.columns) {
    const got = `${n} x ${distances.columns}`;
    throw new ShapeError(
      expectation('packingBound', 'a square matrix', got, 'pass distances within one set'),
    );
  }
  let best: PackingBound = { distortion: 1, rows: new Int32Array(0), separation: 0, diameter: 0 };
  for (let c = 0; c < Math.min(CENTRES, n); c++) {
    const from = row(distances, Math.floor((c * n) / Math.min(CENTRES, n)));
    const near = Int32Array.from({ length: n }, (_, j) => j).sort((i, j) => from[i] - from[j]);
    for (let count = n; count >= 2; count = Math.floor(count / 2)) {
      const found = farthestFirst(distances, near.subarray(0, count), dim);
      if (found.distortion > best.distortion) best = found;
    }
  }
  return best;
}

function farthestFirst(distances: Matrix, among: Int32Array, dim: number): PackingBound {
  const gap = new Float64Array(among.length).fill(Number.POSITIVE_INFINITY);
  const taken: number[] = [];
  let next = 0;
  let diameter = 0;
  let best: PackingBound = { distortion: 1, rows: new Int32Array(0), separation: 0, diameter: 0 };
  while (taken.length < among.length) {
    const separation = gap[next];
    if (separation === 0) break;
    for (const i of taken) diameter = Math.max(diameter, distances.data[i * distances.columns + among[next]]);
    taken.push(among[next]);
    const distortion = (separation / diameter) * (taken.length ** (1 / dim) - 1);
    if (taken.length > 1 && distortion > best.distortion) {
      best = { distortion, rows: Int32Array.from(taken), separation, diameter };
    }
    const to = row(distances, among[next]);
    let farthest = 0;
    for (let j = 0; j < among.length; j++) {
      gap[j] = Math.min(gap[j], to[among[j]]);
      if (gap[j] > gap[farthest]) farthest = j;
    }
    next = farthest;
  }
  return best;
}
