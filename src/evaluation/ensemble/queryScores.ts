import { type Matrix32, takeRows } from '../../core/matrix.js';
import { distanceMatrix } from '../../geometry/distance.js';
import type { EnsembleMember } from './members.js';

/** How a ranking of all other items is scored, 0..1 a query; a stranger at a friend's distance stands before it. */
export type EnsembleScore = 'recallAt1' | 'mapAtR';

/** Distances of some items to all, each member's, as they are fused again and again. */
export interface FusedQueries {
  /** Rows of the queries. */
  readonly queries: Int32Array;
  /** One a member, [queries * n], float32. */
  readonly distances: readonly Float32Array[];
  /** n labels */
  readonly labels: ArrayLike<number>;
}

/** Queries whose distances are computed in one piece, so that float64 matrices stay small. */
const PIECE = 64;

/** @param queries rows, each with another item of its label and one of another */
export function fusedQueries(
  members: readonly EnsembleMember[],
  queries: Int32Array,
  labels: ArrayLike<number>,
): FusedQueries {
  const n = labels.length;
  const distances = members.map(({ space, vectors }) => {
    const own = new Float32Array(queries.length * n);
    for (let from = 0; from < queries.length; from += PIECE) {
      const some: Matrix32 = takeRows(vectors, queries.subarray(from, from + PIECE));
      own.set(distanceMatrix(space, some, vectors).data, from * n);
    }
    return own;
  });
  return { queries, distances, labels };
}

/** The score of each query under Σ w d. @returns [queries] */
export function queryScores(
  { queries, distances, labels }: FusedQueries,
  weights: ArrayLike<number>,
  score: EnsembleScore,
): Float64Array {
  const n = labels.length;
  const friends = new Float64Array(n);
  const strangers = new Float64Array(n);
  return Float64Array.from(queries, (query, q) => {
    let f = 0;
    let s = 0;
    for (let j = 0; j < n; j++) {
      if (j === query) continue;
      let d = 0;
      for (let m = 0; m < distances.length; m++) d += weights[m] * distances[m][q * n + j];
      if (labels[j] === labels[query]) friends[f++] = d;
      else strangers[s++] = d;
    }
    const [near, far] = [friends.subarray(0, f), strangers.subarray(0, s)];
    return score === 'recallAt1' ? firstIsFriend(near, far) : averagePrecisionAtR(near, far);
  });
}

function firstIsFriend(friends: Float64Array, strangers: Float64Array): number {
  const least = (values: Float64Array) => values.reduce((a, b) => Math.min(a, b), Infinity);
  return least(friends) < least(strangers) ? 1 : 0;
}

/** (1/R) Σ over the ranks 1..R that hold a friend of the precision there. Sorts both. */
function averagePrecisionAtR(friends: Float64Array, strangers: Float64Array): number {
  friends.sort();
  strangers.sort();
  const R = friends.length;
  let before = 0;
  let sum = 0;
  for (let hits = 1; hits <= R; hits++) {
    while (before < strangers.length && strangers[before] <= friends[hits - 1]) before++;
    if (hits + before > R) break;
    sum += hits / (hits + before);
  }
  return sum / R;
}
