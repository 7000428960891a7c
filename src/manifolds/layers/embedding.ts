import { requireInteger } from '../../core/checks.js';
import type { Matrix64 } from '../../core/matrix.js';
import { matrix } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';
import { columnsOf, type Space } from '../../core/space.js';
import * as tf from '../../engine/tf.js';
import { manifoldOf } from '../../geometry/manifold.js';
import { requirePoints } from '../../geometry/points.js';
import { uniformInBall, wrappedNormal } from '../../geometry/sampling.js';
import type { Layer } from './layer.js';

/**
 * Where points start: around the origin, with a standard deviation or uniformly by volume within a radius,
 * both in u.
 */
export type InitialPoints =
  | { readonly kind: 'wrappedNormal'; readonly sigma: number }
  | { readonly kind: 'uniform'; readonly radius: number };

export interface EmbeddingOptions {
  readonly name: string;
  /** Rows of the table. */
  readonly count: number;
  readonly space: Space;
  readonly initial: InitialPoints;
}

/**
 * A table of trained points: ids [n], int32, 0 to count - 1 -> points [n, columns]. Its one array,
 * `name/points`, says in which space it lies, so that an optimiser can keep it there.
 * @throws UsageError for a count below 1; when the network is made, what the samplers of geometry throw, and
 *   DomainError for points that float32 rounds off the space
 */
export function hyperbolicEmbedding(options: EmbeddingOptions): Layer<tf.Tensor1D, tf.Tensor2D> {
  const { name, count, space } = options;
  requireInteger(count, 1, `${name} count`);
  return {
    parameters: [
      {
        name: `${name}/points`,
        shape: [count, columnsOf(space)],
        space,
        initial(rng) {
          const data = Float32Array.from(draw(options, rng).data);
          requirePoints(space, matrix(data, count, columnsOf(space)), `${name} initial`);
          return data;
        },
      },
    ],
    batchNorms: [],
    apply: (pass, ids) => tf.gather(pass.weight(`${name}/points`), ids),
  };
}

function draw({ space, count, initial }: EmbeddingOptions, rng: Rng): Matrix64 {
  if (initial.kind === 'uniform') return uniformInBall(space, initial.radius, count, rng);
  return wrappedNormal(space, manifoldOf(space).origin(), initial.sigma, count, rng);
}
