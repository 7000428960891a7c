// The losses on similarities or distances, from their definitions, one entry at a time in float64.

type Rows = readonly (readonly number[])[];

const logSum = (exponents: readonly number[]) => {
  const top = Math.max(...exponents);
  return top + Math.log(exponents.reduce((sum, e) => sum + Math.exp(e - top), 0));
};

/** [n]: log Σ_j exp(scale s_j) - scale s_y, with s_y - margin in place of s_y. */
export function softmaxOracle(
  similarities: Rows,
  labels: ArrayLike<number>,
  scale: number,
  margin = 0,
): number[] {
  return similarities.map((row, i) => {
    const z = row.map((s, j) => scale * (j === labels[i] ? s - margin : s));
    return logSum(z) - z[labels[i]];
  });
}

/** [k] a part. */
export function proxyAnchorOracle(
  similarities: Rows,
  labels: ArrayLike<number>,
  { margin, alpha }: { margin: number; alpha: number },
): { positive: number[]; negative: number[] } {
  const classes = similarities[0].map((_, j) => j);
  const term = (exponents: number[]) => logSum([0, ...exponents]);
  const of = (own: boolean, j: number) => similarities.filter((_, i) => (labels[i] === j) === own);
  return {
    positive: classes.map((j) => term(of(true, j).map((row) => -alpha * (row[j] - margin)))),
    negative: classes.map((j) => term(of(false, j).map((row) => alpha * (row[j] + margin)))),
  };
}

/** [n, k] from [n, k * centers]: the softmax-weighted mean over the centers of each class. */
export function softMaximumOracle(similarities: Rows, centers: number, gamma: number): number[][] {
  return similarities.map((row) =>
    Array.from({ length: row.length / centers }, (_, j) => {
      const own = row.slice(j * centers, (j + 1) * centers);
      const total = logSum(own.map((s) => s / gamma));
      return own.reduce((sum, s) => sum + s * Math.exp(s / gamma - total), 0);
    }),
  );
}

/** Central differences of f at a matrix. */
export function differences(f: (rows: number[][]) => number, at: Rows, step = 1e-5): number[][] {
  return at.map((row, i) =>
    row.map((_, j) => {
      const moved = (by: number) => {
        const copy = at.map((r) => [...r]);
        copy[i][j] += by;
        return f(copy);
      };
      return (moved(step) - moved(-step)) / (2 * step);
    }),
  );
}
