import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import type { PairPlan } from '../../engine/records.js';

/** Triplet t is (anchors[t], positives[t], negatives[t]): a row of the distances and two of their columns. */
export interface Triplets {
  readonly anchors: Int32Array;
  readonly positives: Int32Array;
  readonly negatives: Int32Array;
}

/** Pair t is (anchors[t], positives[t]). */
export type AnchorPairs = Pick<Triplets, 'anchors' | 'positives'>;

/** The pairs of a mask, anchor by anchor. Reads the mask from the device. */
export function pairsOfMask(mask: PairPlan['positives']): AnchorPairs {
  const [, m] = mask.shape;
  const values = mask.dataSync();
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > 0) count++;
  const [anchors, positives] = [new Int32Array(count), new Int32Array(count)];
  let t = 0;
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] > 0)) continue;
    anchors[t] = Math.floor(i / m);
    positives[t++] = i % m;
  }
  return { anchors, positives };
}

/** Where the pairs (rows[t], columns[t]) lie in a flat matrix of m columns. */
export function cellsOf(rows: Int32Array, columns: Int32Array, m: number): Int32Array {
  return rows.map((row, t) => row * m + columns[t]);
}

/**
 * For each anchor that has both a positive and a negative, `perAnchor` triplets drawn uniformly, with replacement.
 * @throws UsageError unless perAnchor is a whole number >= 1
 */
export function sampleTriplets(plan: PairPlan, perAnchor: number, rng: Rng): Triplets {
  requireInteger(perAnchor, 1, 'sampleTriplets perAnchor');
  const [n] = plan.positives.shape;
  const near = columnsOfRows(pairsOfMask(plan.positives), n);
  const far = columnsOfRows(pairsOfMask(plan.negatives), n);
  const rows = Array.from({ length: n }, (_, i) => i).filter((i) => near[i].length > 0 && far[i].length > 0);
  const draw = (columns: Int32Array) => columns[rng.below(columns.length)];
  const anchors = Int32Array.from(
    { length: rows.length * perAnchor },
    (_, t) => rows[Math.floor(t / perAnchor)],
  );
  return {
    anchors,
    positives: anchors.map((i) => draw(near[i])),
    negatives: anchors.map((i) => draw(far[i])),
  };
}

function columnsOfRows({ anchors, positives }: AnchorPairs, n: number): Int32Array[] {
  let from = 0;
  return Array.from({ length: n }, (_, i) => {
    const start = from;
    while (anchors[from] === i) from++;
    return positives.subarray(start, from);
  });
}

/** @throws ShapeError unless all three lists are as long; UsageError for a row or column outside of n x m */
export function requireTriplets({ anchors, positives, negatives }: Triplets, n: number, m: number): void {
  for (const list of [positives, negatives]) {
    if (list.length === anchors.length) continue;
    const remedy = 'give each triplet an anchor, a positive and a negative';
    throw new ShapeError(
      expectation('triplets', `${anchors.length} entries in each list`, list.length, remedy),
    );
  }
  requireIndices('anchors', anchors, n);
  requireIndices('positives', positives, m);
  requireIndices('negatives', negatives, m);
}

function requireIndices(name: string, list: Int32Array, count: number): void {
  const at = list.findIndex((index) => !(index >= 0 && index < count));
  if (at < 0) return;
  const remedy = 'use triplets of this batch';
  throw new UsageError(
    expectation(`triplets ${name}[${at}]`, `an index in 0..${count - 1}`, list[at], remedy),
  );
}
