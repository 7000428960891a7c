import { UsageError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';

/** x and y, or x alone for its rows among themselves: y is then x, and derivatives are the sums over both sides. */
export type PairSides = readonly [x: tf.Tensor2D, ...y: tf.Tensor2D[]];

/** One way of computing the distances of a call, [n, m] or [n], and their derivatives. Nothing in it is on the tape. */
export interface PairPath {
  distances(sides: PairSides, K: Curvature): tf.Tensor;
  /** The gradient of Σ dy d to the rows of x and then those of y, and to K where it is learned. */
  gradients(
    sides: PairSides,
    K: Curvature,
    dy: tf.Tensor,
  ): { readonly points: tf.Tensor2D; readonly curvature?: tf.Scalar };
  /** The gradient of Σ v gradients(dy).points to the points and to dy. */
  second(
    sides: PairSides,
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
export function pairOp(path: PairPath, sides: PairSides, curvature: Curvature): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const inputs = args as tf.Tensor[];
    const call = callOf(inputs, sides, curvature);
    const value = path.distances(call.sides, call.K);
    // Not before: a bad point is an error there, and tfjs would keep what was saved.
    save(inputs);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const at = callOf(saved, sides, curvature);
      return gradientOp(path, at.sides, at.K, dy);
    };
    return { value, gradFunc };
  });
  return tf.tidy(() => op(...sides, ...learnedOf(curvature)));
}

/** To each side, and to K where it is a tensor. */
function gradientOp(path: PairPath, sides: PairSides, curvature: Curvature, dy: tf.Tensor): tf.Tensor[] {
  let toK: tf.Scalar | undefined;
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const [d, ...inputs] = args as tf.Tensor[];
    const call = callOf(inputs, sides, curvature);
    const { points, curvature: slope } = path.gradients(call.sides, call.K, d);
    save([d, ...inputs]);
    if (slope) toK = tf.keep(slope);
    const gradFunc = (v: tf.Tensor, saved: tf.Tensor[]) => {
      const [sd, ...rest] = saved;
      const at = callOf(rest, sides, curvature);
      const second = path.second(at.sides, at.K, sd, v as tf.Tensor2D);
      const last = (t: tf.Tensor) => dead([...saved, v], t, THIRD);
      // The zero for K goes to `dead`, which says that there is no derivative by K here.
      const none = learnedOf(at.K).map((K) => tf.zerosLike(K));
      return [last(second.dy), ...rowsOf(last(second.points) as tf.Tensor2D, sides), ...none];
    };
    return { value: points, gradFunc };
  });
  const learned = learnedOf(curvature);
  const points = op(dy, ...sides, ...learned.map((K) => dead([K], K, BY_CURVATURE)));
  const back = rowsOf(points as tf.Tensor2D, sides);
  if (!toK) return back;
  const slope = dead([dy, ...sides, ...learned], toK, BY_CURVATURE);
  toK.dispose();
  return [...back, slope];
}

const BY_CURVATURE =
  'distance: no second derivative is given where the curvature is learned; pass it as a number';
const THIRD = 'distance: no third derivative is given; take at most two gradients, one inside the other';

const learnedOf = (curvature: Curvature): tf.Scalar[] => (typeof curvature === 'number' ? [] : [curvature]);

/** The sides and K among the inputs of an op, or what was saved of them. */
function callOf(inputs: readonly tf.Tensor[], sides: PairSides, curvature: Curvature) {
  const [K = curvature] = inputs.slice(sides.length) as Curvature[];
  return { sides: inputs.slice(0, sides.length) as unknown as PairSides, K };
}

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

/** The rows of each side. */
function rowsOf(points: tf.Tensor2D, [x, y]: PairSides): tf.Tensor2D[] {
  if (!y) return [points];
  const [n, columns] = x.shape;
  return [tf.slice(points, [0, 0], [n, columns]), tf.slice(points, [n, 0], [y.shape[0], columns])];
}
