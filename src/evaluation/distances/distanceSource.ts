import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { type Matrix, takeRows } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import { kernelOf } from '../../geometry/kernel.js';
import { requirePoints } from '../../geometry/points.js';
import { loadNative } from '../../native/index.js';
import { requireMetric } from '../hyperbolicity.js';

/** Distances within one set, asked for a few rows at a time: of points in a space, in a table, or of one's own making. */
export interface DistanceSource {
  readonly rows: number;
  /** Distances from the anchors to all rows, [anchors * rows], the caller's to change; the anchor's own is not read. */
  from(anchors: Int32Array, control?: SourceControl): Promise<Float64Array>;
  /** Distance from each row of `left` to as many of `right` as there are for each, in their order: [right.length]. */
  between(left: Int32Array, right: Int32Array): Float64Array;
}

export interface SourceControl {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Distances of points, float32 or float64, in any space but those with an inner product: by the native addon where it is
 * built, in TypeScript on this thread elsewhere.
 * @param points [n, columnsOf(space)]
 * @throws ShapeError, DomainError (names the row) for rows that are not points of the space; UsageError for the space
 */
export function spaceDistances(space: Space, points: Matrix, who = 'spaceDistances'): DistanceSource {
  requireMetric(space, who);
  requirePoints(space, points, who);
  const kernel = kernelOf(space);
  return {
    rows: points.rows,
    async from(anchors, control = {}) {
      const native = loadNative();
      if (native) return native.distanceRows(space, points, anchors, control);
      const x = kernel.load(takeRows(points, anchors), 0, anchors.length);
      const y = kernel.load(points, 0, points.rows);
      const distances = new Float64Array(anchors.length * points.rows);
      for (let i = 0; i < anchors.length; i++) {
        kernel.distances(x, i, y, distances.subarray(i * points.rows, (i + 1) * points.rows));
      }
      return distances;
    },
    between(left, right) {
      const each = partners(left, right);
      const distances = new Float64Array(right.length);
      for (let i = 0; i < left.length; i++) {
        const [x, y] = [left.subarray(i, i + 1), right.subarray(i * each, (i + 1) * each)].map((rows) =>
          kernel.load(takeRows(points, rows), 0, rows.length),
        );
        kernel.distances(x, 0, y, distances.subarray(i * each, (i + 1) * each));
      }
      return distances;
    },
  };
}

/** Distances that are there already, as of a graph. @param distances [n, n] @throws ShapeError unless square */
export function tableDistances({ data, rows, columns }: Matrix): DistanceSource {
  if (rows !== columns) {
    const remedy = 'pass distances within one set';
    throw new ShapeError(expectation('tableDistances', 'a square matrix', `${rows} x ${columns}`, remedy));
  }
  return {
    rows,
    async from(anchors) {
      const distances = new Float64Array(anchors.length * rows);
      for (let i = 0; i < anchors.length; i++) {
        requireInteger(anchors[i], 0, 'tableDistances anchor', rows - 1);
        distances.set(data.subarray(anchors[i] * rows, (anchors[i] + 1) * rows), i * rows);
      }
      return distances;
    },
    between(left, right) {
      const each = partners(left, right);
      return Float64Array.from(right, (j, at) => data[left[Math.floor(at / each)] * rows + j]);
    },
  };
}

function partners(left: Int32Array, right: Int32Array): number {
  const each = right.length / left.length;
  if (Number.isInteger(each)) return each;
  const remedy = 'pass the same number for each row of left';
  throw new ShapeError(
    expectation('between right', `a multiple of ${left.length} rows`, right.length, remedy),
  );
}
