import { UsageError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';

/** One way of computing the distances of a call, [n, m] or [n], and their derivatives. Nothing in it is on the tape. */
export interface PairPath {
  distances(x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature): tf.Tensor;
  /** The gradient of Σ dy d to the rows of x and then those of y, [n + m, columns], and to K where it is learned. */
  gradients(
    x: tf.Tensor2D,
    y: tf.Tensor2D,
    K: Curvature,
    dy: tf.Tensor,
  ): { readonly points: tf.Tensor2D; readonly curvature?: tf.Scalar };
  /** The gradient of Σ v gradients(dy).points to the points and to dy. */
  second(
    x: tf.Tensor2D,
    y: tf.Tensor2D,
    K: Curvature,
    dy: tf.Tensor,
    v: tf.Tensor2D,
  ): { readonly points: tf.Tensor2D; readonly dy: tf.Tensor };
}

/**
 * The distances as one op whose gradient is an op with a gradient of its own, all three in closed form. Where K is a
 * tensor its gradient is given too.
 * @throws UsageError where a second derivative by a learned K or a third derivative is asked for
 */
export function pairOp(path: PairPath, x: tf.Tensor2D, y: tf.Tensor2D, curvature: Curvature): tf.Tensor {
  const learned = typeof curvature !== 'number';
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const inputs = args as tf.Tensor[];
    const [p, q, K = curvature] = inputs as [tf.Tensor2D, tf.Tensor2D, Curvature?];
    const value = path.distances(p, q, K);
    // Not before: a bad point is an error there, and tfjs would keep what was saved.
    save(inputs);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [sx, sy, sK = curvature] = saved as [tf.Tensor2D, tf.Tensor2D, Curvature?];
        return gradientOp(path, sx, sy, sK, dy);
      },
    };
  });
  return tf.tidy(() => op(...(learned ? [x, y, curvature] : [x, y])));
}

/** [to x, to y], and to K where it is a tensor. */
function gradientOp(
  path: PairPath,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  curvature: Curvature,
  dy: tf.Tensor,
): tf.Tensor[] {
  const learned = typeof curvature !== 'number';
  let toK: tf.Scalar | undefined;
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const inputs = args as tf.Tensor[];
    const [p, q, d, K = curvature] = inputs as [tf.Tensor2D, tf.Tensor2D, tf.Tensor, Curvature?];
    const { points, curvature: slope } = path.gradients(p, q, K, d);
    save(inputs);
    if (slope) toK = tf.keep(slope);
    return {
      value: points,
      gradFunc: (v: tf.Tensor, saved: tf.Tensor[]) => {
        const [sx, sy, sd, sK = curvature] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor, Curvature?];
        const second = path.second(sx, sy, sK, sd, v as tf.Tensor2D);
        const last = (t: tf.Tensor) => dead([...saved, v], t, THIRD);
        const back = rowsOf(last(second.points) as tf.Tensor2D, x.shape[0], y.shape[0]);
        // The zero for K goes to `dead`, which says that there is no derivative by K here.
        return [...back, last(second.dy), ...(learned ? [tf.zerosLike(sK as tf.Scalar)] : [])];
      },
    };
  });
  const inputs = [x, y, dy];
  const points = op(...(learned ? [...inputs, dead([curvature], curvature, BY_CURVATURE)] : inputs));
  const back = rowsOf(points as tf.Tensor2D, x.shape[0], y.shape[0]);
  if (!learned) return back;
  const slope = toK as unknown as tf.Scalar;
  const result = [...back, dead([x, y, dy, curvature], slope, BY_CURVATURE)];
  slope.dispose();
  return result;
}

const BY_CURVATURE =
  'distance: no second derivative is given where the curvature is learned; pass it as a number';
const THIRD = 'distance: no third derivative is given; take at most two gradients, one inside the other';

/** A copy of `value` that depends on `inputs` and fails where their gradient is asked for. */
function dead(inputs: readonly tf.Tensor[], value: tf.Tensor, message: string): tf.Tensor {
  const op = tf.customGrad(() => ({
    value: tf.clone(value),
    gradFunc: () => {
      throw new UsageError(message);
    },
  }));
  return op(...inputs);
}

function rowsOf(points: tf.Tensor2D, n: number, m: number): tf.Tensor2D[] {
  const columns = points.shape[1];
  return [tf.slice(points, [0, 0], [n, columns]), tf.slice(points, [n, 0], [m, columns])];
}
