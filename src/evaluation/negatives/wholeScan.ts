import { type Matrix, sliceColumns } from '../../core/matrix.js';
import { columnsOf, type ProductSpace, type Space } from '../../core/space.js';
import { hardnessAnchors } from '../../geometry/hardness.js';
import { kernelOf } from '../../geometry/kernel.js';
import { loadNative, type NativePairs } from '../../native/index.js';
import type { NegativesArm } from './arms.js';
import { Scan, type ScanPlan } from './scan.js';

/** Distances of one slice of anchors and one arm: 32 MiB of float32. */
const SLICE_DISTANCES = 2 ** 23;

/**
 * Every anchor among all items, some anchors at a time, so that memory does not grow with the square of their number;
 * only the hardest negatives are put in order. By the native addon where it is built and the points are float32, with
 * distances to float32, and in float64 elsewhere. Yields the number of items done.
 */
export function* scanWhole(
  arms: readonly NegativesArm[],
  classes: Int32Array,
  plan: ScanPlan,
): Generator<number, Scan, undefined> {
  const scan = new Scan(plan, hardnessAnchors(classes), false);
  const n = classes.length;
  const size = Math.max(1, Math.floor(SLICE_DISTANCES / n));
  const distances = arms.map(({ space, matrix }) => distancesFrom(space, matrix));
  for (let from = 0, slot = 0; from < n; from += size) {
    const to = Math.min(n, from + size);
    const slice = distances.map((of) => of(from, to));
    for (; slot < scan.anchors.length && scan.anchors[slot] < to; slot++) {
      const i = scan.anchors[slot];
      const own = slice.map((d) => d.subarray((i - from) * n, (i - from + 1) * n));
      scan.take(slot, own, classes, i);
    }
    yield to;
  }
  return scan;
}

/** [(to - from) * n]: distances from the rows [from, to) to every row. */
type Distances = (from: number, to: number) => Float32Array | Float64Array;

function distancesFrom(space: Space, points: Matrix): Distances {
  const native = loadNative()?.pairs;
  if (native && isSingle(points) && isNative(space)) {
    return space.kind === 'product'
      ? ofProduct(space, points, native)
      : ofFactor(space, points.data, points.columns, native);
  }
  const kernel = kernelOf(space);
  const all = kernel.load(points, 0, points.rows);
  return (from, to) => {
    const d = new Float64Array((to - from) * points.rows);
    for (let i = from; i < to; i++) {
      kernel.distances(all, i, all, d.subarray((i - from) * points.rows, (i - from + 1) * points.rows));
    }
    return d;
  };
}

function isSingle(points: Matrix): points is Matrix<Float32Array> {
  return points.data instanceof Float32Array;
}

const NATIVE: ReadonlySet<Space['kind']> = new Set([
  ...(['euclidean', 'cosine', 'sphere', 'poincare', 'lorentz', 'stereographic'] as const),
]);

function isNative(space: Space): boolean {
  return space.kind === 'product'
    ? space.factors.every((factor) => NATIVE.has(factor.space.kind))
    : NATIVE.has(space.kind);
}

function ofFactor(space: Space, data: Float32Array, columns: number, native: NativePairs): Distances {
  return (from, to) =>
    native.distances({ space, x: data.subarray(from * columns, to * columns), y: data, layout: 'all' });
}

function ofProduct(
  { factors, combine }: ProductSpace,
  points: Matrix<Float32Array>,
  native: NativePairs,
): Distances {
  let column = 0;
  const parts = factors.map(({ space, weight }) => {
    const columns = columnsOf(space);
    const part = sliceColumns(points, column, column + columns);
    column += columns;
    return { weight, distances: ofFactor(space, part.data, columns, native) };
  });
  return (from, to) => {
    const d = new Float64Array((to - from) * points.rows);
    for (const { weight, distances } of parts) {
      const own = distances(from, to);
      if (combine === 'sum') for (let j = 0; j < d.length; j++) d[j] += weight * own[j];
      else for (let j = 0; j < d.length; j++) d[j] += weight * own[j] * own[j];
    }
    if (combine === 'l2') for (let j = 0; j < d.length; j++) d[j] = Math.sqrt(d[j]);
    return d;
  };
}
