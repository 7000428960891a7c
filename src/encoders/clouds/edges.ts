import * as tf from '../../engine/tf.js';

/** From which points each point hears, and how they lie to it. K = N, or the number of neighbours. */
export interface Edges {
  /** [n * N, K, 4]: 1 / (number of points heard) where there is one, and its direction, a unit vector, times that */
  readonly directions: tf.Tensor3D;
  /** [n, N, K, functions] */
  readonly radial: tf.Tensor4D;
  /** What each point hears from: y [n, N, c] -> [n, N, K, c], or [n, 1, N, c] where all hear from all. */
  heard(y: tf.Tensor3D): tf.Tensor4D;
}

export interface EdgeOptions {
  /** Points that each point hears from, itself not counted; all others by default. */
  readonly neighbors?: number | undefined;
  /** Distance over which the radial functions spread, unit of the points, > 0. */
  readonly radius: number;
  /** Radial functions. */
  readonly functions: number;
}

/** Beyond every squared distance that float32 points can have. */
const ABSENT = 1e30;
/** Keeps the direction from a point to one at the same place finite: it is zero. Share of the radius. */
const SAME_PLACE = 1e-6;

/**
 * Edges of clouds about their centre. Constants of a training: nothing here has a gradient to the points.
 * @param places [n, N, 3], absent ones zero @param mask [n, N]
 */
export function edgesOf(places: tf.Tensor3D, mask: tf.Tensor2D, options: EdgeOptions): Edges {
  const { neighbors, radius, functions } = options;
  const [n, N] = mask.shape;
  const own = tf.expandDims(places, 2);
  if (neighbors === undefined || neighbors >= N - 1) {
    const others = tf.expandDims(places, 1);
    const present = tf.mul(tf.expandDims(mask, 1), tf.expandDims(mask, 2)) as tf.Tensor3D;
    return {
      ...geometry(tf.sub(others, own) as tf.Tensor4D, withoutSelf(present), radius, functions),
      heard: (y) => tf.expandDims(y, 1) as tf.Tensor4D,
    };
  }
  const rows = nearestRows(places, mask, neighbors);
  const heard = (y: tf.Tensor3D): tf.Tensor4D => {
    const flat = tf.reshape(y, [n * N, y.shape[2]]);
    return tf.reshape(tf.gather(flat, rows), [n, N, neighbors, y.shape[2]]);
  };
  const present = tf.mul(
    tf.reshape(heard(tf.expandDims(mask, 2) as tf.Tensor3D), [n, N, neighbors]),
    tf.expandDims(mask, 2),
  );
  return {
    ...geometry(tf.sub(heard(places), own) as tf.Tensor4D, present as tf.Tensor3D, radius, functions),
    heard,
  };
}

function geometry(
  differences: tf.Tensor4D,
  present: tf.Tensor3D,
  radius: number,
  functions: number,
): Pick<Edges, 'directions' | 'radial'> {
  const [n, N, K] = differences.shape;
  const squared = tf.sum(tf.square(differences), 3, true);
  const distance = tf.sqrt(tf.add(squared, (SAME_PLACE * radius) ** 2));
  const share = tf.div(present, tf.maximum(tf.sum(present, 2, true), 1));
  const towards = tf.concat([tf.onesLike(distance), tf.div(differences, distance)], 3);
  const directions = tf.reshape(tf.mul(towards, tf.expandDims(share, 3)), [n * N, K, 4]) as tf.Tensor3D;
  return { directions, radial: radialFunctions(distance as tf.Tensor4D, radius, functions) };
}

/**
 * exp(-(d/w - k)²/2), k = 0.. `count` - 1, w = radius / (count - 1): distances [..., 1] -> [..., count]. Beyond the radius all fall to 0.
 * @source Schütt et al. 2017, arXiv:1706.08566, section 4.2
 */
export function radialFunctions<T extends tf.Tensor>(distance: T, radius: number, count: number): T {
  const centres = tf.range(0, count);
  const steps = tf.sub(tf.mul(distance, (count - 1) / radius), centres);
  return tf.exp(tf.mul(tf.square(steps), -0.5)) as T;
}

/** present [n, N, N] with an empty diagonal. */
function withoutSelf(present: tf.Tensor3D): tf.Tensor3D {
  const at = tf.range(0, present.shape[1]);
  const others = tf.minimum(tf.square(tf.sub(tf.expandDims(at, 0), tf.expandDims(at, 1))), 1);
  return tf.mul(present, others);
}

/** Rows of [n * N] of the k nearest others of each point, [n * N * k] int32; absent ones last. */
function nearestRows(places: tf.Tensor3D, mask: tf.Tensor2D, k: number): tf.Tensor1D {
  const [n, N] = mask.shape;
  const lengths = tf.sum(tf.square(places), 2, true);
  const products = tf.matMul(places, places, false, true);
  const squared = tf.sub(tf.add(lengths, tf.transpose(lengths, [0, 2, 1])), tf.mul(products, 2));
  const present = withoutSelf(tf.broadcastTo(tf.expandDims(mask, 1), [n, N, N]) as tf.Tensor3D);
  const hidden = tf.mul(tf.sub(1, present), ABSENT);
  const { indices } = tf.topk(tf.neg(tf.add(squared, hidden)), k, true);
  const first = tf.mul(tf.range(0, n, 1, 'int32'), tf.scalar(N, 'int32'));
  return tf.reshape(tf.add(tf.cast(indices, 'int32'), tf.reshape(first, [n, 1, 1])), [-1]) as tf.Tensor1D;
}
