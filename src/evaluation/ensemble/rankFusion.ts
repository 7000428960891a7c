import { requireInteger, requireLength, requireWithin } from '../../core/checks.js';
import { DomainError, expectation, ShapeError } from '../../core/errors.js';

export interface RankFusionOptions {
  /** Added to each rank, >= 0: the larger, the less the first ranks count for. Default 60. */
  readonly constant?: number;
  /** One a table, >= 0, at least one > 0. Default 1 each. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Reciprocal rank fusion: references by descending Σ w / (constant + rank) over the tables, rank 1 the nearest; a table that
 * does not have a reference adds nothing. It sees ranks alone, so that no distances need to be brought to one scale. Ties by
 * smaller reference. Memory beside the tables: the result and one query's references.
 * @param tables [n * k] each: references of n queries, nearest first, no reference twice, -1 for none
 * @returns [n * k] the first k of the fused order, -1 where fewer are known
 * @throws ShapeError for no table, other lengths, or a length that k does not divide; UsageError for k; DomainError for
 *   constant or weights out of range
 * @source Cormack, Clarke, Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
 *   methods", SIGIR
 */
export function reciprocalRankFusion(
  tables: readonly Int32Array[],
  k: number,
  { constant = 60, weights }: RankFusionOptions = {},
): Int32Array {
  const who = 'reciprocalRankFusion';
  requireInteger(k, 1, `${who} k`);
  requireWithin(constant, 0, `${who} constant`);
  const length = requireTables(tables, k);
  const own = weightsOf(weights, tables.length);
  const fused = new Int32Array(length).fill(-1);
  const scores = new Map<number, number>();
  for (let start = 0; start < length; start += k) {
    scores.clear();
    for (const [t, table] of tables.entries()) {
      if (own[t] === 0) continue;
      for (let rank = 1; rank <= k; rank++) {
        const reference = table[start + rank - 1];
        if (reference < 0) continue;
        scores.set(reference, (scores.get(reference) ?? 0) + own[t] / (constant + rank));
      }
    }
    const order = [...scores].sort(([a, of], [b, than]) => than - of || a - b);
    for (let rank = 0; rank < Math.min(k, order.length); rank++) fused[start + rank] = order[rank][0];
  }
  return fused;
}

/** @returns their length */
function requireTables(tables: readonly Int32Array[], k: number): number {
  const refuse = (expected: string, got: unknown): never => {
    const remedy = 'pass tables of the same queries and k';
    throw new ShapeError(expectation('reciprocalRankFusion tables', expected, got, remedy));
  };
  const length = tables[0]?.length ?? refuse('at least one table', 0);
  if (length % k !== 0) refuse(`rows of k = ${k}`, `${length} values`);
  for (const table of tables) requireLength(table.length, length, 'reciprocalRankFusion table');
  return length;
}

function weightsOf(weights: ArrayLike<number> | undefined, tables: number): Float64Array {
  if (!weights) return new Float64Array(tables).fill(1);
  requireLength(weights.length, tables, 'reciprocalRankFusion weights');
  const own = Float64Array.from(weights);
  for (const [t, weight] of own.entries()) requireWithin(weight, 0, `reciprocalRankFusion weight ${t}`);
  if (own.some((weight) => weight > 0)) return own;
  const remedy = 'give one table a weight';
  throw new DomainError(expectation('reciprocalRankFusion weights', 'one above 0', 'none', remedy));
}
