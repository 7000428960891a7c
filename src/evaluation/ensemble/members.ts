import { requireInteger, requireLength, requireWithin } from '../../core/checks.js';
import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import { concatColumns, type Matrix32, takeRows } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';
import { columnsOf, type ProductSpace, type Space } from '../../core/space.js';
import { distanceMatrix } from '../../geometry/distance.js';

/** One way to compare the items: a head of a model, a model, the vectors of another library. */
export interface EnsembleMember {
  readonly space: Space;
  /** [n, columnsOf(space)], row i of every member the same item */
  readonly vectors: Matrix32;
}

/** Several members as one: what an index is built from. */
export interface Ensemble {
  readonly space: ProductSpace;
  /** [n, columnsOf(space)] */
  readonly vectors: Matrix32;
}

/**
 * The mixed score Σ w d as a product space over the members' vectors side by side: HypMix's score of two heads, and any
 * other number of spaces, curvatures or models. A member of weight 0 is left out, a sum product becomes its factors.
 * @param weights >= 0, one a member, in 1 / unit of its distances; at least one > 0
 * @throws as requireMembers; ShapeError for another number of weights, DomainError for weights out of range or all 0
 */
export function ensembleOf(members: readonly EnsembleMember[], weights: ArrayLike<number>): Ensemble {
  requireMembers(members, 'ensembleOf');
  requireLength(weights.length, members.length, 'ensembleOf weights');
  const kept = members.flatMap((member, m) => {
    requireWithin(weights[m], 0, `ensembleOf weight ${m}`);
    return weights[m] > 0 ? [{ ...member, weight: weights[m] }] : [];
  });
  if (kept.length === 0) {
    const remedy = 'give one member a weight';
    throw new DomainError(expectation('ensembleOf weights', 'one above 0', 'none', remedy));
  }
  const factors = kept.flatMap(({ space, weight }) =>
    space.kind === 'product' && space.combine === 'sum'
      ? space.factors.map((factor) => ({ ...factor, weight: weight * factor.weight }))
      : [{ space, weight }],
  );
  return {
    space: { kind: 'product', combine: 'sum', factors },
    vectors: concatColumns(kept.map(({ vectors }) => vectors)),
  };
}

/** Items whose distances to each other tell the spread. */
const SPREAD_ITEMS = 512;

/**
 * Standard deviation of each member's distances between different items, over all pairs of at most `items` random ones.
 * Weights of 1 / spread make members of different units say as much as each other.
 * @throws as requireMembers; UsageError unless items >= 2; DomainError for a member whose distances are all the same
 */
export function distanceSpreads(
  members: readonly EnsembleMember[],
  rng: Rng,
  items = SPREAD_ITEMS,
): Float64Array {
  requireMembers(members, 'distanceSpreads');
  requireInteger(items, 2, 'distanceSpreads items');
  const rows = rng.permutation(members[0].vectors.rows).subarray(0, items).sort();
  return Float64Array.from(members, ({ space, vectors }, m) => {
    const some = takeRows(vectors, rows);
    const spread = spreadOf(distanceMatrix(space, some, some).data, some.rows);
    if (spread > 0) return spread;
    const remedy = 'leave the member out, or pass more items';
    throw new DomainError(
      expectation(`distanceSpreads member ${m}`, 'distances that differ', `spread ${spread}`, remedy),
    );
  });
}

/** Standard deviation off the diagonal; 0 for a single item. */
function spreadOf(d: Float64Array, n: number): number {
  const pairs = n * (n - 1);
  let sum = 0;
  for (let at = 0; at < d.length; at++) if (at % (n + 1) !== 0) sum += d[at];
  const mean = sum / pairs;
  let squares = 0;
  for (let at = 0; at < d.length; at++) if (at % (n + 1) !== 0) squares += (d[at] - mean) ** 2;
  return pairs > 0 ? Math.sqrt(squares / pairs) : 0;
}

/** @throws ShapeError for no member, other rows than the first's, or other columns than the space has */
export function requireMembers(members: readonly EnsembleMember[], who: string): void {
  if (members.length === 0) {
    throw new ShapeError(expectation(`${who} members`, 'at least one', 0, 'pass a member'));
  }
  for (const [m, { space, vectors }] of members.entries()) {
    requireLength(vectors.rows, members[0].vectors.rows, `${who} member ${m}`);
    const columns = columnsOf(space);
    if (vectors.columns === columns) continue;
    const remedy = 'pass the vectors of this space';
    throw new ShapeError(expectation(`${who} member ${m}`, `${columns} columns`, vectors.columns, remedy));
  }
}
