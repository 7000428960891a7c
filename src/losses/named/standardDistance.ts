import { expectation, ShapeError } from '../../core/errors.js';
import { columnsOf, type Space } from '../../core/space.js';
import type { PairPlan } from '../../engine/records.js';
import type * as tf from '../../engine/tf.js';
import { cosineSpace, innerProductSpace, normalizeRows } from '../../manifolds/cosine.js';
import { productDistance } from '../../manifolds/distance/products.js';
import { metricOn } from '../../manifolds/manifoldOn.js';
import { planOfTuples } from '../../sampling/miners/tuples.js';
import { planOf } from '../../sampling/plan.js';
import type { Compared } from '../terms.js';
import type { LossBatch } from './metricLoss.js';

/** The distances that losses were published with, of rows scaled to norm 1. */
export type StandardDistance =
  | 'cosine'
  | 'innerProduct'
  | 'normalizedEuclidean'
  | 'normalizedSquaredEuclidean';

/**
 * The batch compared under its own space, or under the distance that the loss was published with.
 * @throws ShapeError for rows that are not of the space, and as planFor
 */
export function compare(batch: LossBatch, space: Space | StandardDistance, who: string): Compared {
  const plan = planFor(batch, who);
  return { ...distancesIn(space, batch.embeddings, batch.references, who), plan };
}

/** The pairs that a miner chose, or all of the relation. @throws ShapeError for a relation of other rows */
export function planFor({ embeddings, references, relation, tuples }: LossBatch, who: string): PairPlan {
  const [n, m] = [embeddings.shape[0], (references ?? embeddings).shape[0]];
  const plan = tuples ? planOfTuples(tuples, n, m) : planOf(relation);
  const { shape } = plan.positives;
  if (shape[0] === n && shape[1] === m) return plan;
  throw new ShapeError(
    expectation(`${who} relation`, `${n} x ${m}`, shape.join(' x '), 'relate the rows of this batch'),
  );
}

/** Distances of all rows to all references, and the similarity at distance 0. Call inside tidy. */
export function distancesIn(
  space: Space | StandardDistance,
  x: tf.Tensor2D,
  references: tf.Tensor2D | undefined,
  who: string,
): Pick<Compared, 'distances' | 'zero'> {
  if (typeof space !== 'string') {
    const columns = columnsOf(space);
    if (x.shape[1] !== columns) {
      const remedy = `pass points of the ${space.kind} space`;
      throw new ShapeError(expectation(`${who} embeddings`, `${columns} columns`, x.shape[1], remedy));
    }
    const same = references ? 'none' : 'diagonal';
    const distances = metricOn(space).pairwise(x, references ?? x, { same });
    return space.kind === 'cosine' ? { distances, zero: 1 } : { distances };
  }
  const dim = x.shape[1];
  const rows = normalizeRows(x);
  const others = references ? normalizeRows(references) : rows;
  switch (space) {
    case 'cosine':
      return { distances: cosineSpace(dim).pairwise(rows, others), zero: 1 };
    case 'innerProduct':
      return { distances: innerProductSpace(dim).pairwise(rows, others), zero: 0 };
    case 'normalizedEuclidean':
      return { distances: metricOn({ kind: 'euclidean', dim }).pairwise(rows, others) };
    case 'normalizedSquaredEuclidean':
      // |x - y|² = 2 (1 - cos) for rows of norm 1, without the root whose gradient is infinite at 0.
      return { distances: productDistance(rows, others, 2, 2) };
  }
}
