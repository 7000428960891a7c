import { requireInteger, requireLength } from '../core/checks.js';
import { DomainError, expectation, ShapeError, UsageError } from '../core/errors.js';
import type { Matrix32 } from '../core/matrix.js';
import type { RankReport } from '../core/records.js';
import type { Space } from '../core/space.js';
import { requirePoints } from '../geometry/points.js';
import { neighborBlocks, type SearchControl } from './neighborBlocks.js';
import { largestRelevant, type RankLabels, rankLabels } from './rankLabels.js';
import { RankTally } from './rankTally.js';

/** What queries are ranked against, where it is another set. */
export interface RankReferences {
  /** [m, columnsOf(space)] */
  readonly vectors: Matrix32;
  /** m classes */
  readonly labels: ArrayLike<number>;
  /** The first rows are the queries, each left out of its own ranking. Default false. */
  readonly includesQueries?: boolean;
}

export interface RankOptions {
  /** The k of recall at k. Default 1 and 10. */
  readonly recallAt?: readonly number[];
  /** `queries`: every query counts alike, the default; `classes`: the mean over classes of their means. */
  readonly average?: 'queries' | 'classes';
  /** Whether to list the scores of every class. Default false. */
  readonly perClass?: boolean;
}

export interface RankSearchOptions extends RankOptions, SearchControl {
  /** Default: the queries themselves, each left out of its own ranking. */
  readonly references?: RankReferences;
  /**
   * Ranks to look at: a number, `all` references, or as many as the `largestClass` and recallAt ask for. Default `all`, by which
   * MAP and MRR are defined; its time grows with queries * m * log m, so that sets beyond some 50,000 items want a
   * number. Beyond the references there are, all are taken.
   */
  readonly k?: number | 'all' | 'largestClass';
}

/**
 * Scores of retrieval by exact search. R of a query is the number of references of its label, itself left out; queries
 * with R = 0 cannot succeed and are left out of every score. Ranks are by float32 distance, ties by smaller row. With
 * fewer than R ranks MAP still divides by R, and mapAtR and rPrecision, which read R ranks, are absent.
 * Memory: vectors, labels and some 300 MB, whatever their number and k.
 * @param vectors [n, columnsOf(space)] the queries @param labels n classes, finite numbers
 * @throws ShapeError for other shapes; DomainError naming a row that is no point of the space, or if no query has
 *   anything to find; UsageError for k or recallAt out of range
 * @source Musgrave, Belongie, Lim 2020, "A metric learning reality check", arXiv:2003.08505, section 4
 */
export async function rankScores(
  space: Space,
  vectors: Matrix32,
  labels: ArrayLike<number>,
  options: RankSearchOptions = {},
): Promise<RankReport> {
  const who = 'rankScores';
  const { references, recallAt = [1, 10], average = 'queries', perClass = false } = options;
  requireLength(labels.length, vectors.rows, `${who} labels`);
  requirePoints(space, vectors, who);
  if (references) requireReferences(space, references, vectors, labels);
  const self = references?.includesQueries ?? references === undefined;
  const codes = rankLabels(labels, references?.labels ?? labels, self, who);
  const database = references?.vectors ?? vectors;
  const depth = rankDepth(options.k ?? 'all', database.rows - Number(self), recallAt, [codes], who);
  const tally = new RankTally(codes, depth, recallAt);
  for await (const { from, to, rows } of neighborBlocks(space, vectors, database, depth, self, options)) {
    tally.add(from, to, rows);
  }
  return tally.report(who, average, perClass);
}

/**
 * rankScores of neighbours that are at hand.
 * @param rows [n * k] references, nearest first, the query itself left out, -1 for none
 * @param labels n classes of the queries @param referenceLabels of what `rows` names; default: `labels`, one set
 * @throws ShapeError, DomainError, UsageError as rankScores
 */
export function rankScoresOf(
  rows: Int32Array,
  k: number,
  labels: ArrayLike<number>,
  options: RankOptions & { readonly referenceLabels?: ArrayLike<number> } = {},
): RankReport {
  const who = 'rankScoresOf';
  const { referenceLabels, recallAt = [1, 10], average = 'queries', perClass = false } = options;
  requireInteger(k, 1, `${who} k`);
  requireLength(rows.length, labels.length * k, `${who} rows`);
  const self = referenceLabels === undefined;
  const codes = rankLabels(labels, referenceLabels ?? labels, self, who);
  const available = codes.references.length - Number(self);
  requireRecallAt(recallAt, k, available, who);
  const tally = new RankTally(codes, k, recallAt);
  tally.add(0, labels.length, rows);
  return tally.report(who, average, perClass);
}

/**
 * How many ranks to look at.
 * @param available references of every query
 * @throws DomainError if no query of any labelling has anything to find; UsageError for k or recallAt out of range
 */
export function rankDepth(
  k: number | 'all' | 'largestClass',
  available: number,
  recallAt: readonly number[],
  labellings: readonly RankLabels[],
  who: string,
): number {
  if (typeof k === 'number') requireInteger(k, 1, `${who} k`);
  const largest = labellings.reduce((most, labels) => Math.max(most, largestRelevant(labels)), 0);
  if (largest === 0) {
    const remedy = 'retrieval needs a class with two items, or references with the labels of queries';
    throw new DomainError(expectation(`${who} labels`, 'a query with something to find', 'none', remedy));
  }
  if (k === 'largestClass') {
    requireRecallAt(recallAt, available, available, who);
    return Math.min(available, Math.max(largest, ...recallAt));
  }
  const depth = k === 'all' ? available : Math.min(k, available);
  requireRecallAt(recallAt, depth, available, who);
  return depth;
}

function requireRecallAt(recallAt: readonly number[], depth: number, available: number, who: string): void {
  for (const k of recallAt) {
    requireInteger(k, 1, `${who} recallAt`);
    if (k <= depth || depth >= available) continue;
    throw new UsageError(expectation(`${who} recallAt`, `at most k = ${depth}`, k, 'raise k'));
  }
}

function requireReferences(
  space: Space,
  { vectors, labels, includesQueries = false }: RankReferences,
  queries: Matrix32,
  queryLabels: ArrayLike<number>,
): void {
  const who = 'rankScores references';
  requireLength(labels.length, vectors.rows, `${who} labels`);
  requirePoints(space, vectors, who);
  if (!includesQueries) return;
  if (vectors.rows < queries.rows) {
    const expected = `at least the ${queries.rows} queries`;
    throw new ShapeError(expectation(who, expected, vectors.rows, 'begin them with the queries'));
  }
  const value = queries.data.findIndex((coordinate, at) => coordinate !== vectors.data[at]);
  const row = value < 0 ? differingLabel(queryLabels, labels) : Math.floor(value / queries.columns);
  if (row < 0) return;
  const remedy = 'with includesQueries, reference i must be query i';
  throw new DomainError(expectation(`${who} row ${row}`, 'vector and label of the query', 'others', remedy));
}

function differingLabel(queries: ArrayLike<number>, references: ArrayLike<number>): number {
  return Array.from(queries).findIndex((label, i) => label !== references[i]);
}
