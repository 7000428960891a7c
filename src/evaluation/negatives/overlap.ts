/** What two arms' hardest negatives have in common. */
export interface Overlap {
  /** [depth] mean share that the r hardest of both have in common, over the anchors with r negatives. */
  readonly mean: readonly number[];
  /** One share an anchor for each of the marks, NaN for fewer negatives. */
  readonly at: readonly Float64Array[];
}

/**
 * @param first, second [anchors, depth] rows, hardest first, -1 beyond the last
 * @param marks the r whose shares are kept anchor by anchor, ascending
 */
export function overlapOf(
  first: Int32Array,
  second: Int32Array,
  depth: number,
  items: number,
  marks: readonly number[],
): Overlap {
  const anchors = first.length / depth;
  const at = marks.map(() => new Float64Array(anchors).fill(Number.NaN));
  const sums = new Float64Array(depth);
  const counts = new Int32Array(depth);
  // The last anchor that met each item, plus one; no item comes twice in one list.
  const met = new Int32Array(items);
  for (let slot = 0; slot < anchors; slot++) {
    let common = 0;
    let mark = 0;
    for (let r = 0; r < depth; r++) {
      const [a, b] = [first[slot * depth + r], second[slot * depth + r]];
      if (a < 0) break;
      if (met[a] === slot + 1) common++;
      met[a] = slot + 1;
      if (met[b] === slot + 1) common++;
      met[b] = slot + 1;
      const share = common / (r + 1);
      sums[r] += share;
      counts[r]++;
      if (marks[mark] === r + 1) at[mark++][slot] = share;
    }
  }
  return { mean: Array.from(sums, (sum, r) => sum / counts[r]), at };
}
