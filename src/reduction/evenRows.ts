/** At most `most` of the rows 0..n-1, ascending, spread evenly over all: what takes all pairs must look at few rows. */
export function evenRows(n: number, most: number): number[] {
  const count = Math.min(most, n);
  return Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}
