export interface SpeedPoint {
  readonly ef: number;
  /** 0..1. */
  readonly recall: number;
  readonly perSecond: number;
}

/** Share of the true neighbours found. @param found, truth rows of k neighbours a query, [queries * k] */
export function recallOf(found: readonly number[], truth: readonly number[], k: number): number {
  let hits = 0;
  for (let at = 0; at < truth.length; at += k) {
    const wanted = new Set(truth.slice(at, at + k));
    for (const row of found.slice(at, at + k)) if (wanted.has(row)) hits++;
  }
  return hits / truth.length;
}

/**
 * Queries a second at a recall that lies between two measured ones: the logarithm of the speed goes linearly with the
 * logarithm of the share missed, between the first two neighbouring ef of which one falls short and the next does not.
 * Where the smallest ef suffices, its speed; the true one may be higher.
 * @param points ascending by ef
 * @param target recall, 0..1, exclusive
 * @param neighbors how many neighbours recall was counted over: a miss of none counts as half of one
 * @returns undefined where no ef reaches the target
 */
export function speedAtRecall(
  points: readonly SpeedPoint[],
  target: number,
  neighbors: number,
): number | undefined {
  const at = points.findIndex(({ recall }) => recall >= target);
  if (at <= 0) return points[at]?.perSecond;
  const [before, after] = [points[at - 1], points[at]];
  const missed = ({ recall }: SpeedPoint) => Math.log(Math.max(1 - recall, 0.5 / neighbors));
  const share = (missed(before) - Math.log(1 - target)) / (missed(before) - missed(after));
  return Math.exp((1 - share) * Math.log(before.perSecond) + share * Math.log(after.perSecond));
}
