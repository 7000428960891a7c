/** Similarities of all items to all, [n * n]; larger is nearer. What stands on the diagonal is not looked at. */
export type Similarities = Float32Array;

/** What every item finds when it asks all others. */
export interface Found {
  /** [n] strangers strictly nearer than the nearest friend: 0 is a hit. A tie counts for the friend. */
  readonly rank: Int32Array;
  /** [n] the nearest other item, of several the first. */
  readonly nearest: Int32Array;
  /** [n] the nearest stranger, of several the first. */
  readonly hardest: Int32Array;
  /** [n] average precision at R, R the number of friends. */
  readonly precision: Float64Array;
}

export interface RetrievalMetrics {
  readonly recallAt1: number;
  readonly recallAt10: number;
  readonly recallAt100: number;
  /** Share of items whose nearest other item is of their subgroup. */
  readonly subgroupAt1: number;
  readonly mapAtR: number;
}

/**
 * Ranks in which strangers count only if they are strictly nearer: that of the k-th nearest friend is k plus the strangers
 * strictly nearer than it.
 * @param classes n classes, each with two items at least
 */
export function findAll(similarities: Similarities, classes: ArrayLike<number>): Found {
  const n = classes.length;
  const friends = friendsOf(classes);
  const found = {
    ...{ rank: new Int32Array(n), nearest: new Int32Array(n), hardest: new Int32Array(n) },
    precision: new Float64Array(n),
  };
  for (let i = 0; i < n; i++) {
    const row = similarities.subarray(i * n, (i + 1) * n);
    const own = friends[i].map((j) => row[j]).sort((a, b) => b - a);
    const before = new Int32Array(own.length);
    let hardest = -1;
    for (let j = 0; j < n; j++) {
      if (classes[j] === classes[i]) continue;
      if (hardest < 0 || row[j] > row[hardest]) hardest = j;
      for (let k = own.length - 1; k >= 0 && row[j] > own[k]; k--) before[k]++;
    }
    found.rank[i] = before[0];
    found.hardest[i] = hardest;
    found.nearest[i] = friends[i].reduce((best, j) => {
      return row[j] > row[best] || (row[j] === row[best] && j < best) ? j : best;
    }, hardest);
    found.precision[i] = own.reduce((sum, _, k) => {
      const rank = k + 1 + before[k];
      return rank > own.length ? sum : sum + (k + 1) / rank / own.length;
    }, 0);
  }
  return found;
}

export function metricsOf(
  { rank, nearest, precision }: Found,
  subgroups: ArrayLike<number>,
): RetrievalMetrics {
  const share = (isHit: (i: number) => boolean) => {
    return rank.reduce((sum, _, i) => sum + (isHit(i) ? 1 : 0), 0) / rank.length;
  };
  return {
    recallAt1: share((i) => rank[i] < 1),
    recallAt10: share((i) => rank[i] < 10),
    recallAt100: share((i) => rank[i] < 100),
    subgroupAt1: share((i) => subgroups[nearest[i]] === subgroups[i]),
    mapAtR: precision.reduce((sum, p) => sum + p, 0) / precision.length,
  };
}

/** Share of items whose hardest negatives are not the same. */
export function hardestDiffers(a: Found, b: Found): number {
  return a.hardest.reduce((sum, j, i) => sum + (j === b.hardest[i] ? 0 : 1), 0) / a.hardest.length;
}

/** Other items of each item's class. */
function friendsOf(classes: ArrayLike<number>): number[][] {
  const members = new Map<number, number[]>();
  for (let i = 0; i < classes.length; i++) {
    const known = members.get(classes[i]);
    if (known) known.push(i);
    else members.set(classes[i], [i]);
  }
  return Array.from(classes, (c, i) => members.get(c)!.filter((j) => j !== i));
}
