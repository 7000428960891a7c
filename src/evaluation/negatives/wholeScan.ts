import { type Matrix, sliceColumns } from '../../core/matrix.js';
import { columnsOf, type ProductSpace, type Space } from '../../core/space.js';
import { hardnessAnchors } from '../../geometry/hardness.js';
import { kernelOf } from '../../geometry/kernel.js';
import { loadNative, type Native } from '../../native/index.js';
import type { NegativesArm } from './arms.js';
import { Scan, type ScanPlan } from './scan.js';

/** Distances of one slice of anchors and one arm: 32 MiB of float32. */
const SLICE_DISTANCES = 2 ** 23;

/**
 * Every anchor among all items, some anchors at a time, so that memory does not grow with the square of their number;
 * only the hardest negatives are put in order. Distances of an arm whose points are float32, in a space that the native
 * addon knows, are made there and rounded to float32; elsewhere all is float64. Yields the number of items done.
 */
export function* scanWhole(
  arms: readonly NegativesArm[],
  classes: Int32Array,
  plan: ScanPlan,
): Generator<number, Scan, undefined> {
  const scan = new Scan(plan, hardnessAnchors(classes), false);
  const n = classes.length;
  const size = Math.max(1, Math.floor(SLICE_DISTANCES / n));
  const scanners = arms.map((_, arm) => scannerOf(scan, arms, arm, classes));
  for (let from = 0, slot = 0; from < n; from += size) {
    const to = Math.min(n, from + size);
    let end = slot;
    while (end < scan.anchors.length && scan.anchors[end] < to) end++;
    for (const take of scanners) take(from, to, slot, end);
    slot = end;
    yield to;
  }
  return scan;
}

/** Measures the anchors of the slots [slot, end), which are rows in [from, to). */
type Scanner = (from: number, to: number, slot: number, end: number) => void;

function scannerOf(scan: Scan, arms: readonly NegativesArm[], arm: number, classes: Int32Array): Scanner {
  const { space, matrix } = arms[arm];
  const native = loadNative();
  if (!native || !isSingle(matrix) || !isNative(space)) return onThisThread(scan, arms[arm], arm, classes);
  const distances =
    space.kind === 'product'
      ? ofProduct(space, matrix, native)
      : ofFactor(space, matrix.data, matrix.columns, native);
  const { depth, quantile, temperatures } = scan.plan;
  return (from, to, slot, end) => {
    const anchors = scan.anchors.subarray(slot, end);
    const asked = { depth, quantile, temperatures: temperatures[arm] };
    scan.put(
      arm,
      slot,
      native.negatives({ distances: distances(from, to), classes, anchors, first: from, ...asked }),
    );
  };
}

function onThisThread(
  scan: Scan,
  { space, matrix }: NegativesArm,
  arm: number,
  classes: Int32Array,
): Scanner {
  const kernel = kernelOf(space);
  const all = kernel.load(matrix, 0, matrix.rows);
  const d = new Float64Array(matrix.rows);
  return (_from, _to, slot, end) => {
    for (let at = slot; at < end; at++) {
      kernel.distances(all, scan.anchors[at], all, d);
      scan.takeArm(at, arm, d, classes, scan.anchors[at]);
    }
  };
}

/** [(to - from) * n]: distances from the rows [from, to) to every row. */
type Distances = (from: number, to: number) => Float32Array;

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

function ofFactor(space: Space, data: Float32Array, columns: number, native: Native): Distances {
  return (from, to) =>
    native.pairs.distances({ space, x: data.subarray(from * columns, to * columns), y: data, layout: 'all' });
}

function ofProduct(
  { factors, combine }: ProductSpace,
  points: Matrix<Float32Array>,
  native: Native,
): Distances {
  let column = 0;
  const parts = factors.map(({ space, weight }) => {
    const columns = columnsOf(space);
    const part = sliceColumns(points, column, column + columns);
    column += columns;
    return { weight, distances: ofFactor(space, part.data, columns, native) };
  });
  return (from, to) => {
    const values = parts.map(({ distances }) => distances(from, to));
    const d = new Float32Array(values[0].length);
    for (let j = 0; j < d.length; j++) {
      let sum = 0;
      for (let f = 0; f < parts.length; f++) {
        const { weight } = parts[f];
        const own = values[f][j];
        sum += combine === 'sum' ? weight * own : weight * own * own;
      }
      d[j] = combine === 'sum' ? sum : Math.sqrt(sum);
    }
    return d;
  };
}
