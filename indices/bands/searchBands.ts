import { type BandPlan, countPerBand, gapTo, inOrder, leastDistance } from './bands.js';

/** The nearest points of a band by |y - z|, nearest first; rows are numbers of the caller. */
export interface BandAnswer {
  readonly rows: readonly number[];
  /** |y - z| of the last. */
  readonly farthest: number;
}

export interface BandSearch {
  readonly plan: BandPlan;
  /** Points in each band. */
  readonly sizes: ReadonlyMap<number, number>;
  /** Of the query. */
  readonly radius: number;
  readonly k: number;
  /** See leastDistance. */
  readonly rounding: number;
  /**
   * Ask once and believe it, or go on until the points not named are known to lie beyond the k-th neighbour, as far as
   * the engine's answers are exact.
   */
  readonly once?: boolean;
  /** The `count` nearest of a band, or fewer if it has no more. */
  ask(band: number, count: number): BandAnswer | Promise<BandAnswer>;
  /** Exact distances of rows. */
  measure(rows: readonly number[]): ArrayLike<number>;
}

/** Rows with their distances: the k nearest are among them; ranking them is the caller's, who knows about ties. */
export async function searchBands(search: BandSearch): Promise<Map<number, number>> {
  const { plan, sizes, radius, k, rounding, once = false, ask, measure } = search;
  const found = new Map<number, number>();
  const best: number[] = [];
  const limit = () => (best.length < k ? Number.POSITIVE_INFINITY : best[k - 1]);
  for (const band of inOrder(plan, sizes.keys(), radius)) {
    if (gapTo(plan, band, radius) > limit()) break;
    const size = sizes.get(band) ?? 0;
    for (let count = Math.min(size, countPerBand(plan, k)); count > 0; count = Math.min(size, 2 * count)) {
      const { rows, farthest } = await ask(band, count);
      const fresh = rows.filter((row) => !found.has(row));
      const distances = measure(fresh);
      fresh.forEach((row, i) => {
        found.set(row, distances[i]);
        keep(best, distances[i], k);
      });
      if (once || count === size || rows.length < count) break;
      if (leastDistance(plan, band, radius, farthest, rounding) > limit()) break;
    }
  }
  return found;
}

/** Inserts into ascending numbers of which the first k matter. */
function keep(best: number[], distance: number, k: number): void {
  if (best.length === k && distance >= best[k - 1]) return;
  let at = best.length;
  while (at > 0 && best[at - 1] > distance) at--;
  best.splice(at, 0, distance);
  if (best.length > k) best.pop();
}
