import { requirePositive } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Linearization } from '../../engine/linearization.js';
import * as tf from '../../engine/tf.js';
import type { Manifold } from '../../manifolds/manifold.js';
import { safeSqrt } from '../../manifolds/stable.js';
import { unitTangents } from './directions.js';

/**
 * A decoder or an encoder near the codes z of a batch. Its derivative is seen from the codes: A v for a tangent vector v at
 * z is J v of a decoder, and Jᵀ v of an encoder, whose rows say which change of the input moves the code along v. Inputs are
 * flat; codes lie on any manifold, whose metric measures v.
 */
export interface CodeMap {
  readonly side: 'decoder' | 'encoder';
  /** At the codes for a decoder, at the inputs for an encoder. */
  readonly linearization: Linearization;
  /** z, [n, columns] points: what the decoder takes, or the encoder gives */
  readonly codes: tf.Tensor2D;
  readonly manifold: Manifold;
}

/**
 * How far the map is from an isometry: mean of (|A v| / scale - 1)² over unit directions v. 0 for a decoder that keeps
 * lengths; for an encoder, if moves along the codes' directions keep them and all others change nothing. Its gradient
 * takes one backward pass. NaN gives NaN.
 * @param directions [k, n, dimension] @param options.scale > 0: input lengths a code length stands for; default 1
 * @returns scalar >= 0
 * @throws  ShapeError for directions of other codes, DomainError unless scale > 0
 * @source  Gropp, Atzmon, Lipman 2020, arXiv:2006.09289, isometry and pseudo-inverse terms
 */
export function isometryPenalty(
  map: CodeMap,
  directions: tf.Tensor3D,
  { scale = 1 }: { readonly scale?: number } = {},
): tf.Scalar {
  requirePositive(scale, 'isometryPenalty scale');
  return tf.tidy(() => {
    const moved = movedBy(map, unitTangents(map.manifold, map.codes, directions));
    const lengths = tf.mul(safeSqrt(squaredLengths(moved)), 1 / scale);
    return tf.mean(tf.square(tf.sub(lengths, 1))) as tf.Scalar;
  });
}

/**
 * How far the pulled-back metric H = Aᵀ A is from c I: N Σ |H v|² / (Σ <v, H v>)² - 1 over N unit directions. With all
 * directions of a frame this is the mean over eigenvalues of (λ / mean λ - 1)²; with random ones an estimate, 0 for the
 * same maps alone. `over` says whether c is one number for the batch ('batch': a scaled isometry, the relaxed distortion)
 * or each code has its own ('point': conformal, angles are kept; the mean over codes). No scale is asked for; a map that
 * moves nothing, and NaN, give NaN.
 * @param directions [k, n, dimension]
 * @returns scalar >= 0, up to rounding of 1e-6
 * @throws  ShapeError for directions of other codes
 * @source  Lee, Yoon, Son, Park 2022, "Regularized autoencoders for isometric representation learning" (ICLR)
 */
export function isotropyPenalty(map: CodeMap, directions: tf.Tensor3D, over: 'batch' | 'point'): tf.Scalar {
  return tf.tidy(() => {
    const { codes, manifold } = map;
    const [k, n] = directions.shape;
    const moved = movedBy(map, unitTangents(manifold, codes, directions));
    const again = movedBack(map, moved);
    const flat = tf.reshape(again, [k * n, codes.shape[1]]) as tf.Tensor2D;
    const inner = manifold.inner(tf.tile(codes, [k, 1]), flat, flat);
    const first = squaredLengths(moved);
    const second = tf.reshape(inner, [k, n]);
    const axis = over === 'batch' ? [0, 1] : [0];
    const count = over === 'batch' ? k * n : k;
    const ratio = tf.div(tf.mul(tf.sum(second, axis), count), tf.square(tf.sum(first, axis)));
    return tf.mean(tf.sub(ratio, 1)) as tf.Scalar;
  });
}

/**
 * Variance over a batch of the logarithm of the volume that a unit volume of codes becomes, log det(H) / 2: 0 where the
 * picture shows all parts at one magnification, whatever the angles. All directions of a frame are asked for, so it suits
 * codes of few dimensions. A map that is flat in some direction gives NaN or an infinity.
 * @param directions `frameDirections`, [dimension, n, dimension]
 * @returns scalar >= 0
 * @throws  UsageError for another number of directions than the codes have dimensions, ShapeError for those of other codes
 * @source  Nazari, Damrich, Hamprecht 2023, arXiv:2306.17638, the determinant regulariser
 */
export function volumePenalty(map: CodeMap, directions: tf.Tensor3D): tf.Scalar {
  const { codes, manifold } = map;
  if (directions.shape[0] !== manifold.dimension) {
    const got = directions.shape[0];
    const remedy = 'pass frameDirections';
    throw new UsageError(
      expectation('volumePenalty directions', `all ${manifold.dimension} of a frame`, got, remedy),
    );
  }
  return tf.tidy(() => {
    const logs = logVolume(movedBy(map, unitTangents(manifold, codes, directions)));
    return tf.mean(tf.square(tf.sub(logs, tf.mean(logs)))) as tf.Scalar;
  });
}

/** A v: tangent vectors at the codes [k, n, columns] -> [k, n, inputs]. */
function movedBy(map: CodeMap, v: tf.Tensor): tf.Tensor {
  if (map.side === 'decoder') return map.linearization.pushforward(v);
  return map.linearization.pullback(lowered(map, v));
}

/** H v from A v. */
function movedBack({ side, linearization, codes, manifold }: CodeMap, moved: tf.Tensor): tf.Tensor {
  const back = side === 'decoder' ? linearization.pullback(moved) : linearization.pushforward(moved);
  const [k, , columns] = back.shape;
  const flat = tf.reshape(back, [-1, columns]) as tf.Tensor2D;
  const places: tf.Tensor2D = tf.tile(codes, [k, 1]);
  const tangent =
    side === 'decoder' ? manifold.egrad2rgrad(places, flat) : manifold.projectTangent(places, flat);
  return tf.reshape(tangent, back.shape);
}

/** The covector <v, .> of a tangent vector: column j is the inner product of v and what of e_j is tangent. */
function lowered({ codes, manifold }: CodeMap, v: tf.Tensor): tf.Tensor {
  if (manifold.space.kind === 'euclidean') return v;
  const [k, n, columns] = v.shape;
  const index = tf.range(0, columns, 1, 'int32');
  const axes = tf.cast(tf.equal(tf.reshape(index, [-1, 1, 1]), tf.reshape(index, [1, 1, -1])), 'float32');
  const each = tf.reshape(tf.tile(axes, [1, k * n, 1]), [-1, columns]) as tf.Tensor2D;
  const many = (t: tf.Tensor, times: number) =>
    tf.tile(tf.reshape(t, [-1, columns]) as tf.Tensor2D, [times, 1]);
  const places = many(codes, k * columns);
  const products = manifold.inner(places, many(v, columns), manifold.projectTangent(places, each));
  return tf.reshape(tf.transpose(tf.reshape(products, [columns, k * n])), [k, n, columns]);
}

function squaredLengths(v: tf.Tensor): tf.Tensor {
  return tf.sum(tf.square(v), 2);
}

/**
 * Logarithm of the volume that m vectors span, [m, n, inputs] -> [n]: each is freed of what it shares with those before.
 * The determinant of their products would square the ratio of their lengths, which float32 does not bear.
 */
function logVolume(vectors: tf.Tensor): tf.Tensor1D {
  const [m, n, inputs] = vectors.shape;
  const logs: tf.Tensor[] = [];
  let rest = vectors;
  for (let left = m; left >= 1; left--) {
    const first = tf.slice(rest, [0, 0, 0], [1, n, inputs]);
    const square = tf.sum(tf.square(first), 2, true);
    logs.push(tf.mul(tf.reshape(tf.log(square), [n]), 0.5));
    if (left === 1) break;
    const others = tf.slice(rest, [1, 0, 0], [left - 1, n, inputs]);
    const shared = tf.div(tf.sum(tf.mul(others, first), 2, true), square);
    rest = tf.sub(others, tf.mul(shared, first));
  }
  return tf.addN(logs) as tf.Tensor1D;
}
