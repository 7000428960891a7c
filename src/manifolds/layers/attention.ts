import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import type { Pass } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import { midpoint } from '../gyrovector.js';
import type { Curvature } from '../manifold.js';
import { manifoldOn } from '../manifoldOn.js';
import { betaConcat, betaSplit } from './beta.js';
import { type CurvatureSource, curvatureIn, type Layer } from './layer.js';
import { fullyConnectedTogether, linearParameters } from './linear.js';

export interface AttentionInput {
  /** [m, d], points of the ball, as keys and values. */
  readonly queries: tf.Tensor2D;
  /** [n, d] */
  readonly keys: tf.Tensor2D;
  /** [n, e] */
  readonly values: tf.Tensor2D;
  /**
   * [m, n]: 1 where the query may see the key, 0 where not. A query that sees none gets NaN: the mean of
   * nothing.
   */
  readonly mask?: tf.Tensor2D;
}

/** Added to the score of a pair that the mask closes: exp of it is 0 in float32. */
const CLOSED = -1e9;

/**
 * Attention between points of the ball: softmax over the keys of -β d(query, key) as weights, the
 * gyromidpoint of the values, which is their Einstein midpoint, as their mean.
 * @param sharpness β, 1/u, > 0: a number or scalar
 * @returns [m, e]
 * @throws ShapeError unless keys and values have the same rows and the mask is [m, n]
 * @source Gulcehre et al. 2019, arXiv:1805.09786; Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, attention
 */
export function hyperbolicAttention(input: AttentionInput, K: Curvature, sharpness: Curvature): tf.Tensor2D {
  const { queries, keys, values, mask } = input;
  const [m, n] = [queries.shape[0], keys.shape[0]];
  if (values.shape[0] !== n) {
    throw new ShapeError(
      expectation('attention values', `${n} rows`, values.shape[0], 'pass one for each key'),
    );
  }
  if (mask && (mask.shape[0] !== m || mask.shape[1] !== n)) {
    throw new ShapeError(
      expectation('attention mask', `shape ${m}x${n}`, mask.shape.join('x'), 'queries down, keys across'),
    );
  }
  return tf.tidy(() => {
    const ball = manifoldOn({ kind: 'poincare', dim: keys.shape[1], curvature: -1 }, K);
    const closeness = tf.mul(ball.pairwise(queries, keys), tf.mul(sharpness, -1));
    const scores = mask ? tf.add(closeness, tf.mul(tf.sub(1, mask), CLOSED)) : closeness;
    const weights = tf.softmax(scores as tf.Tensor2D);
    return midpoint(values, mask ? tf.mul(weights, mask) : weights, K);
  });
}

export interface AttentionOptions {
  readonly name: string;
  readonly inputDim: number;
  /** Of the result; a multiple of `heads`. */
  readonly dim: number;
  /** Default 1. */
  readonly heads?: number;
  readonly curvature: CurvatureSource;
}

/** As a Layer, every point attends to every point. */
export interface AttentionLayer extends Layer {
  /**
   * @param from [m, inputDim], what asks @param to [n, inputDim], what is asked @param mask as in
   *   AttentionInput
   */
  attend(pass: Pass, from: tf.Tensor2D, to: tf.Tensor2D, mask?: tf.Tensor2D): tf.Tensor2D;
}

/** softplus of it is 1. */
const UNIT_SHARPNESS = Math.log(Math.E - 1);

/**
 * Multi-head attention, [n, inputDim] -> [n, dim]: queries, keys and values by fully connected layers,
 * β-split into heads, attention with a learned sharpness β = softplus(b) > 0 each, from 1 on, and
 * β-concatenation.
 * @throws UsageError for widths below 1 and a `dim` that the heads do not divide
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, attention
 */
export function hyperbolicAttentionLayer(options: AttentionOptions): AttentionLayer {
  const { name, inputDim, dim, heads = 1, curvature } = options;
  requireInteger(heads, 1, `${name} heads`);
  if (dim % heads !== 0) {
    throw new UsageError(expectation(`${name} dim`, `a multiple of ${heads} heads`, dim, 'choose another'));
  }
  const parts = ['queries', 'keys', 'values'].map((part) => `${name}/${part}`);
  const sizes = Array.from({ length: heads }, () => dim / heads);

  function attend(pass: Pass, from: tf.Tensor2D, to: tf.Tensor2D, mask?: tf.Tensor2D): tf.Tensor2D {
    const K = curvatureIn(pass, curvature);
    const [queries, ...others] = parts.map((part) => ({
      z: pass.weight(`${part}/normals`),
      r: pass.weight<tf.Tensor1D>(`${part}/offsets`),
    }));
    const points =
      from === to
        ? fullyConnectedTogether(from, [queries, ...others], K)
        : [...fullyConnectedTogether(from, [queries], K), ...fullyConnectedTogether(to, others, K)];
    const [ofQueries, ofKeys, ofValues] = points.map((y) => betaSplit(y, sizes, K));
    const sharpness = tf.softplus(pass.weight<tf.Tensor1D>(`${name}/sharpness`));
    const each = heads === 1 ? [sharpness] : tf.split(sharpness, heads);
    const means = sizes.map((_, h) =>
      hyperbolicAttention(
        { queries: ofQueries[h], keys: ofKeys[h], values: ofValues[h], ...(mask ? { mask } : {}) },
        K,
        tf.reshape(each[h], []) as tf.Scalar,
      ),
    );
    return heads === 1 ? means[0] : betaConcat(means, K);
  }

  return {
    batchNorms: [],
    parameters: [
      ...parts.flatMap((part) => linearParameters({ name: part, inputDim, outputDim: dim, curvature })),
      {
        name: `${name}/sharpness`,
        shape: [heads],
        initial: (_, size) => new Float32Array(size).fill(UNIT_SHARPNESS),
      },
    ],
    attend,
    apply: (pass, x) => attend(pass, x, x),
  };
}
