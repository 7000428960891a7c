import { requirePositive } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { Space } from '../../core/space.js';
import * as tf from '../../engine/tf.js';
import type { PairwiseOptions } from '../../manifolds/manifold.js';
import { type Curvatures, metricOn } from '../../manifolds/manifoldOn.js';
import { weightedSum } from './weightedSum.js';

/** A number > 0, or a scalar tensor > 0 where it is learned. */
export type Scale = number | tf.Scalar;

/** One of the spaces that a loss looks at, and how much it says. */
export interface MixedHead {
  readonly space: Space;
  /** In place of the curvatures in `space`: see manifoldOn. */
  readonly curvature?: Curvatures;
  /** t, in the unit of the head's distances. */
  readonly temperature: Scale;
  /** w. Default 1. */
  readonly weight?: Scale;
}

/**
 * Logits of pairs, -Σ w d / t over the heads: of any number of spaces, each with gradients to its points and to what is a
 * tensor of its curvature, temperature and weight. HypMix is cosine with weight 1 and poincare with weight lambda.
 * @param embeddings one a head, [n, columns of its space]; references likewise, [m, columns], or the embeddings
 * @returns [n, m]; its negative is a distance to give to any loss of pairs, with temperature 1
 * @throws ShapeError for another number of embeddings than heads or unequal rows, DomainError for a temperature or weight
 *   that is no number > 0
 * @source Yue et al. 2024, arXiv:2404.15523
 */
export function mixedLogits(
  heads: readonly MixedHead[],
  embeddings: readonly tf.Tensor2D[],
  references: readonly tf.Tensor2D[] = embeddings,
  options?: PairwiseOptions,
): tf.Tensor2D {
  requireItems(heads, embeddings, references);
  return tf.tidy(() => {
    const distances = heads.map(({ space, curvature }, h) =>
      metricOn(space, curvature).pairwise(embeddings[h], references[h], options),
    );
    return weightedSum(distances, heads.map(factorOf));
  });
}

/** -w / t */
function factorOf({ temperature, weight = 1 }: MixedHead, h: number): Scale {
  for (const [name, scale] of Object.entries({ temperature, weight })) {
    if (typeof scale === 'number') requirePositive(scale, `mixedLogits heads[${h}].${name}`);
    else if (scale.rank !== 0) {
      const remedy = 'give one value for the whole head';
      throw new ShapeError(expectation(`mixedLogits heads[${h}].${name}`, 'a scalar', scale.shape, remedy));
    }
  }
  if (typeof temperature === 'number' && typeof weight === 'number') return -weight / temperature;
  return tf.neg(tf.div(weight, temperature));
}

/** @throws ShapeError unless there is one tensor a head, all of as many rows, on either side */
export function requireItems(
  heads: readonly MixedHead[],
  embeddings: readonly tf.Tensor2D[],
  references: readonly tf.Tensor2D[],
): void {
  requireRows(heads, embeddings, 'embeddings');
  requireRows(heads, references, 'references');
}

function requireRows(heads: readonly MixedHead[], points: readonly tf.Tensor2D[], name: string): void {
  if (heads.length === 0 || points.length !== heads.length) {
    const remedy = 'pass one for each head, at least one';
    throw new ShapeError(
      expectation(`mixedLogits ${name}`, `${Math.max(heads.length, 1)} tensors`, points.length, remedy),
    );
  }
  const rows = points[0].shape[0];
  const other = points.find((p) => p.shape[0] !== rows);
  if (other) {
    const remedy = 'every head has the same items';
    throw new ShapeError(expectation(`mixedLogits ${name}`, `${rows} rows`, other.shape[0], remedy));
  }
}
