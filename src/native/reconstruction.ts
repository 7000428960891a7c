import { requireInteger } from '../core/checks.js';
import type { Matrix32 } from '../core/matrix.js';
import type { Relation } from '../core/records.js';
import type { Space } from '../core/space.js';
import type { NativeBinding } from './binding.js';
import { type TaskOptions, threadCount, withControl } from './control.js';
import { encodeSpace } from './encodeSpace.js';

export interface ReconstructionOptions extends TaskOptions {
  /** Default: one a core. The result does not depend on it. */
  readonly threads?: number | undefined;
}

/** One value a row, 0 for rows without targets. */
export interface ReconstructionRanks {
  /** Sum over its targets of 1 + the rows that are no targets and not farther. */
  readonly rankSums: Float64Array;
  /** Mean over its targets of the share of targets among the rows that are not farther. */
  readonly averagePrecisions: Float64Array;
}

export async function reconstructionRanks(
  binding: NativeBinding,
  space: Space,
  points: Matrix32,
  { offsets, targets }: Relation,
  { threads, ...task }: ReconstructionOptions,
): Promise<ReconstructionRanks> {
  if (threads !== undefined) requireInteger(threads, 1, 'reconstruction threads');
  const rankSums = new Float64Array(points.rows);
  const averagePrecisions = new Float64Array(points.rows);
  const codes = encodeSpace(space);
  await withControl(task, (control) =>
    binding.reconstruction(
      codes,
      points.data,
      offsets,
      targets,
      threadCount(threads),
      control,
      rankSums,
      averagePrecisions,
    ),
  );
  return { rankSums, averagePrecisions };
}
