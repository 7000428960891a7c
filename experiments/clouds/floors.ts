import type { Matrix32 } from '../../src/index.js';

const QUANTILES = 64;
const AXIS_QUANTILES = 21;

/** What clouds are described by without learning: cloud [points, 3] -> numbers, compared by their Euclidean distance. */
export const FLOORS: Readonly<Record<string, (cloud: Matrix32) => number[]>> = {
  /** Quantiles along the three axes of the world: they know the pose. */
  'world axes': (cloud) =>
    alongAxes(centredPoints(cloud), [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]),
  /** Quantiles along the three principal axes, longest first, each turned so that its third moment is positive. */
  'principal axes': (cloud) => {
    const points = centredPoints(cloud);
    return alongAxes(
      points,
      principalAxes(points).map((axis) => turnedBySkewness(points, axis)),
    );
  },
  /** Quantiles of the distances of all pairs: no motion changes them. Osada et al. 2002, "Shape distributions" (D2). */
  'distances of pairs': (cloud) => {
    const points = centredPoints(cloud);
    const found = points.flatMap((p, i) =>
      points.slice(0, i).map((q) => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])),
    );
    return quantiles(found, QUANTILES);
  },
};

type Point = readonly number[];

function centredPoints({ data, rows }: Matrix32): Point[] {
  const points = Array.from({ length: rows }, (_, i) => Array.from(data.subarray(3 * i, 3 * i + 3)));
  const mean = [0, 1, 2].map((k) => points.reduce((sum, p) => sum + p[k], 0) / rows);
  return points.map((p) => p.map((v, k) => v - mean[k]));
}

const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function alongAxes(points: readonly Point[], axes: readonly Point[]): number[] {
  return axes.flatMap((axis) =>
    quantiles(
      points.map((p) => dot(p, axis)),
      AXIS_QUANTILES,
    ),
  );
}

/** At equal steps from the smallest to the largest value, between them linear. */
export function quantiles(values: readonly number[], count: number): number[] {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: count }, (_, q) => {
    const at = (q * (sorted.length - 1)) / (count - 1);
    const below = Math.min(Math.floor(at), sorted.length - 2);
    return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
  });
}

function turnedBySkewness(points: readonly Point[], axis: Point): Point {
  const skewness = points.reduce((sum, p) => sum + dot(p, axis) ** 3, 0);
  return skewness < 0 ? axis.map((v) => -v) : axis;
}

/** By Jacobi's rotations of the covariance, largest variance first. */
function principalAxes(points: readonly Point[]): Point[] {
  const a = [0, 1, 2].map((i) => [0, 1, 2].map((j) => points.reduce((sum, p) => sum + p[i] * p[j], 0)));
  const axes = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let sweep = 0; sweep < 20; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const angle = Math.atan2(2 * a[p][q], a[q][q] - a[p][p]) / 2;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const mix = (x: number[]) => {
        [x[p], x[q]] = [c * x[p] - s * x[q], s * x[p] + c * x[q]];
      };
      for (const line of a) mix(line);
      [a[p], a[q]] = [a[p].map((v, k) => c * v - s * a[q][k]), a[q].map((v, k) => s * a[p][k] + c * v)];
      for (const line of axes) mix(line);
    }
  }
  const order = [0, 1, 2].sort((i, j) => a[j][j] - a[i][i]);
  return order.map((k) => axes.map((line) => line[k]));
}
