import type { Matrix64 } from '../../core/matrix.js';
import type { RankReport } from '../../core/records.js';
import { rankScoresOf } from '../../evaluation/rankScores.js';
import { distanceMatrix } from '../../geometry/distance.js';
import { EXACT, type Recompute, type Tolerance } from './compare.js';
import type { Format } from './format.js';
import { matrixAt, numbersAt } from './inputs.js';
import { isObject, type JsonObject, type Leaf } from './leaves.js';

/** accuracy.json: leave-one-out retrieval by Euclidean distance. */
export const accuracy: Format = {
  shape: { inputs: ['embeddings', 'labels'] },
  prepare: async (file) => recomputeWith(file),
  toleranceOf,
};

type Scores = Readonly<Record<string, number>>;

/** What the peer's scores may be, over all orders that its float32 distances can give near ties. */
const byOrder = new WeakMap<JsonObject, Readonly<Record<Order, Scores>>>();

function recomputeWith(file: JsonObject): Recompute {
  const known = scoresOf(file).exact;
  return ({ quantity }) => (Object.hasOwn(known, quantity) ? [known[quantity]] : undefined);
}

/**
 * The peer searches in float32, through |x|² + |y|² - 2 x·y: where two neighbours are within that formula's rounding of
 * each other, one of the class and one not, either may come first. `result` may deviate by as much as that can make
 * out; recallAtK is from float64.
 */
function toleranceOf({ quantity, owners }: Leaf): Tolerance {
  const { exact, best, worst } = scoresOf(owners[0]);
  if (!quantity.startsWith('result.') || !Object.hasOwn(exact, quantity)) return EXACT;
  const apart = Math.max(best[quantity] - exact[quantity], exact[quantity] - worst[quantity]);
  return { ...EXACT, value: EXACT.value + apart };
}

function scoresOf(file: JsonObject): Readonly<Record<Order, Scores>> {
  const known = byOrder.get(file);
  if (known) return known;
  const labels = numbersAt(file, 'labels');
  const { exact, best, worst } = rankings(matrixAt(file, 'embeddings'), labels);
  const recallAt = Object.keys(isObject(file['recallAtK']) ? file['recallAtK'] : {})
    .map(Number)
    .filter((k) => Number.isInteger(k) && k >= 1);
  const named = (rows: Int32Array) =>
    namesOf(rankScoresOf(rows, labels.length - 1, labels, { recallAt }), recallAt);
  const scores = { exact: named(exact), best: named(best), worst: named(worst) };
  byOrder.set(file, scores);
  return scores;
}

function namesOf(report: RankReport, recallAt: readonly number[]): Scores {
  // An item alone in its class is left out of `result`, but is a miss in `recallAtK`.
  const share = report.queries / (report.queries + report.leftOut);
  const recalls = recallAt.map((k) => [`recallAtK.${k}`, report.recallAt[k] * share] as const);
  return {
    'result.precision_at_1': report.precisionAt1,
    'result.r_precision': report.rPrecision ?? Number.NaN,
    'result.mean_average_precision': report.meanAveragePrecision,
    'result.mean_average_precision_at_r': report.mapAtR ?? Number.NaN,
    'result.mean_reciprocal_rank': report.meanReciprocalRank,
    ...Object.fromEntries(recalls),
  };
}

/** exact: by float64 distance, ties by smaller row. best, worst: the class first or last among near ties. */
type Order = 'exact' | 'best' | 'worst';

/** 2^-24, the relative rounding of float32. */
const ROUNDING = 2 ** -24;

/**
 * The other rows of every row, nearest first, as it is and as a search in float32 may have it at best and at worst.
 * @returns [n * (n - 1)] each
 */
function rankings(points: Matrix64, labels: readonly number[]): Readonly<Record<Order, Int32Array>> {
  const n = points.rows;
  const { data } = distanceMatrix({ kind: 'euclidean', dim: points.columns }, points, points);
  const norms = Float64Array.from({ length: n }, (_, i) =>
    Math.hypot(...points.data.subarray(i * points.columns, (i + 1) * points.columns)),
  );
  const found = {
    exact: new Int32Array(n * (n - 1)),
    best: new Int32Array(n * (n - 1)),
    worst: new Int32Array(n * (n - 1)),
  };
  for (let i = 0; i < n; i++) {
    const others = Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => data[i * n + a] - data[i * n + b] || a - b);
    const squares = others.map((j) => data[i * n + j] ** 2);
    const errors = others.map((j) => squareError(points.columns, norms[i] + norms[j]));
    const ranks = tiesOf(squares, errors);
    const relevant = others.map((j) => Number(labels[j] === labels[i]));
    const places = Array.from(others.keys());
    const reordered = (sign: number) =>
      places
        .toSorted((a, b) => ranks[a] - ranks[b] || sign * (relevant[b] - relevant[a]))
        .map((place) => others[place]);
    found.exact.set(others, i * (n - 1));
    found.best.set(reordered(1), i * (n - 1));
    found.worst.set(reordered(-1), i * (n - 1));
  }
  return found;
}

/**
 * How far |x - y|² may be off when coordinates are rounded to float32 and a dot product of columns + 2 terms gives
 * |x|² + |y|² - 2 x·y: Σ of the terms is at most (|x| + |y|)², and each is rounded a few times.
 */
function squareError(columns: number, reach: number): number {
  return (2 * columns + 6) * ROUNDING * reach * reach;
}

/** The same number for neighbours whose order is open, ascending: chains of overlapping error bars. */
function tiesOf(squares: readonly number[], errors: readonly number[]): number[] {
  let chain = 0;
  let reach = Number.NEGATIVE_INFINITY;
  return squares.map((square, place) => {
    if (square - errors[place] > reach) chain++;
    reach = Math.max(reach, square + errors[place]);
    return chain;
  });
}
