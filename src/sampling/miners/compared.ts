import { requireFinite } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { Matrix } from '../../core/matrix.js';
import type * as tf from '../../engine/tf.js';
import { type HostPlan, hostPlanOf } from '../plan.js';
import type { BatchRelation } from '../relation.js';

/**
 * Distances [n, m] of anchors to references in any space, smaller is nearer: on the host, or a tensor, which is read
 * back (on WebGPU, whose tensors cannot be waited for, pass a Matrix of `await tensor.data()`).
 */
export type Distances = Matrix | tf.Tensor2D;

/** What a miner chooses from, on the host. */
export interface HostCompared {
  /** [n * m] */
  readonly d: Float32Array | Float64Array;
  readonly plan: HostPlan;
}

/** @throws ShapeError unless distances and relation have one shape, DomainError naming a row that is not finite, and as hostPlanOf */
export function readCompared(distances: Distances, relation: BatchRelation, who: string): HostCompared {
  const { data: d, rows, columns } = onHost(distances);
  const plan = hostPlanOf(relation);
  if (rows !== plan.rows || columns !== plan.columns) {
    const expected = `[${plan.rows}, ${plan.columns}] as the relation has items`;
    throw new ShapeError(
      expectation(`${who} distances`, expected, [rows, columns], 'pass the relation of this batch'),
    );
  }
  requireFinite(d, columns, `${who} distances`);
  return { d, plan };
}

export function onHost(distances: Distances): Matrix {
  if ('rows' in distances) return distances;
  const [rows, columns] = distances.shape;
  return { data: distances.dataSync<'float32'>(), rows, columns };
}

/** Columns of one anchor's positives and negatives, ascending; valid until the next anchor. */
export interface Candidates {
  readonly anchor: number;
  readonly positives: Int32Array;
  readonly negatives: Int32Array;
}

/** Goes through the anchors with memory for one. */
export function forEachAnchor(
  { marks, rows, columns }: HostPlan,
  visit: (candidates: Candidates) => void,
): void {
  const positives = new Int32Array(columns);
  const negatives = new Int32Array(columns);
  for (let anchor = 0; anchor < rows; anchor++) {
    let p = 0;
    let n = 0;
    for (let j = 0; j < columns; j++) {
      const mark = marks[anchor * columns + j];
      if (mark === 1) positives[p++] = j;
      else if (mark === -1) negatives[n++] = j;
    }
    visit({ anchor, positives: positives.subarray(0, p), negatives: negatives.subarray(0, n) });
  }
}
