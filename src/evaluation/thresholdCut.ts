import type { Rng } from '../core/rng.js';

/** How many positives and negatives lie at each distance. */
export interface PairCounts {
  /** [groups] */
  readonly same: Int32Array;
  /** [groups] */
  readonly different: Int32Array;
}

/** Pairs by distance, each distance once. */
export interface PairGroups extends PairCounts {
  /** [groups] ascending. */
  readonly distances: Float64Array;
  /** [positives] the group of each positive. */
  readonly groupOfSame: Int32Array;
  /** [negatives] the group of each negative. */
  readonly groupOfDifferent: Int32Array;
  readonly positives: number;
  readonly negatives: number;
}

/** Where the accepted pairs end. */
export interface Cut {
  readonly threshold: number;
  readonly gain: number;
  /** Positives and negatives at or below the threshold. */
  readonly accepted: number;
  readonly wronglyAccepted: number;
}

/** @param flags 1 for a positive, 0 for a negative */
export function pairGroups(distances: ArrayLike<number>, flags: Uint8Array): PairGroups {
  const positives = flags.reduce((sum, flag) => sum + flag, 0);
  const negatives = flags.length - positives;
  const same = new Float64Array(positives);
  const different = new Float64Array(negatives);
  for (let i = 0, s = 0, d = 0; i < flags.length; i++) {
    if (flags[i]) same[s++] = distances[i];
    else different[d++] = distances[i];
  }
  same.sort();
  different.sort();
  const values = new Float64Array(flags.length);
  const groupOfSame = new Int32Array(positives);
  const groupOfDifferent = new Int32Array(negatives);
  let groups = 0;
  for (let s = 0, d = 0; s < positives || d < negatives; groups++) {
    const value = Math.min(s < positives ? same[s] : Infinity, d < negatives ? different[d] : Infinity);
    values[groups] = value;
    while (s < positives && same[s] === value) groupOfSame[s++] = groups;
    while (d < negatives && different[d] === value) groupOfDifferent[d++] = groups;
  }
  return {
    distances: values.subarray(0, groups),
    groupOfSame,
    groupOfDifferent,
    positives,
    negatives,
    same: countOf(groupOfSame, groups, (i) => i),
    different: countOf(groupOfDifferent, groups, (i) => i),
  };
}

/** As many positives and as many negatives, drawn with replacement. */
export function resampled({ groupOfSame, groupOfDifferent, distances }: PairGroups, rng: Rng): PairCounts {
  return {
    same: countOf(groupOfSame, distances.length, () => rng.below(groupOfSame.length)),
    different: countOf(groupOfDifferent, distances.length, () => rng.below(groupOfDifferent.length)),
  };
}

function countOf(groupOf: Int32Array, groups: number, pick: (i: number) => number): Int32Array {
  const counts = new Int32Array(groups);
  for (let i = 0; i < groupOf.length; i++) counts[groupOf[pick(i)]]++;
  return counts;
}

/**
 * The cut with the largest gain, the lowest of several.
 * @param gain of the accepted positives and negatives
 */
export function bestCut(
  { distances }: PairGroups,
  { same, different }: PairCounts,
  gain: (accepted: number, wronglyAccepted: number) => number,
): Cut {
  const none = Number.NEGATIVE_INFINITY;
  let best: Cut = { threshold: none, gain: gain(0, 0), accepted: 0, wronglyAccepted: 0 };
  let last = -1;
  let next = -1;
  let accepted = 0;
  let wronglyAccepted = 0;
  for (let g = 0; g < distances.length; g++) {
    if (same[g] + different[g] === 0) continue;
    if (next < 0) next = g;
    accepted += same[g];
    wronglyAccepted += different[g];
    const here = gain(accepted, wronglyAccepted);
    if (here > best.gain) {
      best = { threshold: distances[g], gain: here, accepted, wronglyAccepted };
      [last, next] = [g, -1];
    }
  }
  return last < 0 || next < 0 ? best : { ...best, threshold: between(distances[last], distances[next]) };
}

/** Half way, but below `high` even where no number lies between the two. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  return middle < high ? middle : low;
}
