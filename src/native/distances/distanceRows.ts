import type { Matrix } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import type { NativeBinding } from '../binding.js';
import { type TaskOptions, threadCount, withControl } from '../control.js';
import { encodeSpace } from '../encodeSpace.js';

export interface DistanceRowsOptions extends Pick<TaskOptions, 'signal'> {
  /** Default: one a core. No result depends on it. */
  readonly threads?: number | undefined;
}

/**
 * Distances from some rows to all rows in float64, to about 1e-12 relative. Points must be valid (requirePoints).
 * @param points [n, columnsOf(space)], float32 or float64
 * @param anchors rows
 * @returns [anchors * n]
 */
export type NativeDistanceRows = (
  space: Space,
  points: Matrix,
  anchors: Int32Array,
  options?: DistanceRowsOptions,
) => Promise<Float64Array>;

export function nativeDistanceRows(binding: NativeBinding): NativeDistanceRows {
  return async (space, points, anchors, { threads, ...task } = {}) => {
    const distances = new Float64Array(anchors.length * points.rows);
    await withControl(task, (control) =>
      binding.distanceRows(
        encodeSpace(space),
        points.data,
        anchors,
        threadCount(threads),
        control,
        distances,
      ),
    );
    return distances;
  };
}
