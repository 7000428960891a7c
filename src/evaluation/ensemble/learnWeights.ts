import { requireInteger, requireLength, requireWithin } from '../../core/checks.js';
import { rowsByClass } from '../../core/classes.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import { requirePoints } from '../../geometry/points.js';
import { type BootstrapOptions, bootstrapMeans, type Interval } from '../bootstrap.js';
import { distanceSpreads, type EnsembleMember, requireMembers } from './members.js';
import { type EnsembleScore, type FusedQueries, fusedQueries, queryScores } from './queryScores.js';

export interface LearnWeightsOptions extends BootstrapOptions {
  /** What to maximise. Default recallAt1. */
  readonly score?: EnsembleScore;
  /** Multiples of 1 / spread that a weight may have, >= 0; 1 is among them. Default 0, 1/8, 1/4, .. 8. */
  readonly grid?: readonly number[];
  /** Times that every weight is looked at, >= 1; fewer where a round changes none. Default 4. */
  readonly rounds?: number;
  /** Queries times items whose distances are kept, 4 bytes each a member; fewer queries are drawn for more items. Default 2^22. */
  readonly mostPairs?: number;
}

export interface LearnedWeights {
  /** One a member, in 1 / unit of its distances, for ensembleOf; 0: better without it. */
  readonly weights: Float64Array;
  /** Of the ensemble, of all members at 1 / spread, and of each member alone, on the queries. */
  readonly score: number;
  readonly balanced: number;
  readonly single: Float64Array;
  /** The best member alone. */
  readonly best: number;
  /** Intervals of `score` and of its gain over the best member, over queries or the clusters given. */
  readonly intervals: { readonly score: Interval; readonly gain: Interval };
  readonly queries: number;
}

const GRID = [0, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];
const MOST_PAIRS = 2 ** 22;

/**
 * Weights of a mixed score, learned on items that are no test items: from 1 / spread each, one weight after the other
 * takes the multiple of the grid with the best score, a tie keeping what is there, until a round changes none. Weights
 * count only up to a factor. Every query ranks all other items. The scores and intervals are those of the items that the
 * weights were chosen on, so a little too good: test items tell.
 * @param labels n classes @param rng draws queries, spreads and bootstrap samples
 * @throws as requireMembers and distanceSpreads; ShapeError for other lengths, DomainError naming a row that is no point
 *   or if no query has a friend and a stranger, UsageError for options out of range
 */
export function learnWeights(
  members: readonly EnsembleMember[],
  labels: ArrayLike<number>,
  rng: Rng,
  options: LearnWeightsOptions = {},
): LearnedWeights {
  const who = 'learnWeights';
  const { score = 'recallAt1', grid = GRID, rounds = 4, mostPairs = MOST_PAIRS } = options;
  requireMembers(members, who);
  requireLength(labels.length, members[0].vectors.rows, `${who} labels`);
  for (const [m, { space, vectors }] of members.entries())
    requirePoints(space, vectors, `${who} member ${m}`);
  requireInteger(rounds, 1, `${who} rounds`);
  requireInteger(mostPairs, 1, `${who} mostPairs`);
  requireGrid(grid);
  const queries = drawnQueries(
    labels,
    Math.max(1, Math.floor(mostPairs / labels.length)),
    rng.split('queries'),
  );
  const fused = fusedQueries(members, queries, labels);
  const unit = distanceSpreads(members, rng.split('spreads')).map((spread) => 1 / spread);
  const scoresOf = (multiples: Float64Array) =>
    queryScores(
      fused,
      multiples.map((multiple, m) => multiple * unit[m]),
      score,
    );
  const ones = new Float64Array(members.length).fill(1);
  const found = climb(ones, grid, rounds, (multiples) => mean(scoresOf(multiples)));
  const alone = members.map((_, m) => scoresOf(ones.map((__, other) => (other === m ? 1 : 0))));
  const single = Float64Array.from(alone, mean);
  const best = single.indexOf(Math.max(...single));
  const own = scoresOf(found);
  const gains = own.map((value, q) => value - alone[best][q]);
  const clusters = options.clusters && clustersOf(options.clusters, fused);
  const [ofScore, ofGain] = bootstrapMeans([own, gains], rng.split('bootstrap'), { ...options, clusters });
  return {
    weights: found.map((multiple, m) => multiple * unit[m]),
    ...{ score: mean(own), balanced: mean(scoresOf(ones)), single, best },
    intervals: { score: ofScore, gain: ofGain },
    queries: queries.length,
  };
}

/** Coordinate search; a step must gain. */
function climb(
  start: Float64Array,
  grid: readonly number[],
  rounds: number,
  scoreOf: (multiples: Float64Array) => number,
): Float64Array {
  let current = start;
  let score = scoreOf(start);
  for (let round = 0; round < rounds; round++) {
    const before = current;
    for (let m = 0; m < start.length; m++) {
      for (const multiple of grid) {
        if (multiple === current[m]) continue;
        const tried = current.map((value, other) => (other === m ? multiple : value));
        if (!tried.some((value) => value > 0)) continue;
        const reached = scoreOf(tried);
        if (reached > score) [current, score] = [tried, reached];
      }
    }
    if (current === before) break;
  }
  return current;
}

/** At most `most` rows with a friend and a stranger, at random, ascending. */
function drawnQueries(labels: ArrayLike<number>, most: number, rng: Rng): Int32Array {
  const classes = rowsByClass(labels);
  const fit = classes.length < 2 ? [] : classes.filter((rows) => rows.length > 1).flat();
  if (fit.length === 0) {
    const remedy = 'pass two classes, one of them with two items';
    throw new DomainError(
      expectation('learnWeights labels', 'a query with a friend and a stranger', 'none', remedy),
    );
  }
  return Int32Array.from(rng.shuffle(fit).slice(0, most)).sort();
}

function clustersOf(clusters: ArrayLike<number>, { queries, labels }: FusedQueries): Float64Array {
  requireLength(clusters.length, labels.length, 'learnWeights clusters');
  return Float64Array.from(queries, (row) => clusters[row]);
}

function requireGrid(grid: readonly number[]): void {
  for (const [g, multiple] of grid.entries()) requireWithin(multiple, 0, `learnWeights grid ${g}`);
  if (grid.includes(1)) return;
  const remedy = 'the search begins at 1 / spread';
  throw new UsageError(expectation('learnWeights grid', 'the multiple 1 among others', grid, remedy));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
