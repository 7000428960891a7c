import { requirePositive } from '../../core/checks.js';
import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { BatchGroup, Moment } from './batchGroup.js';
import { requireColumns } from './shapes.js';

/** What ψ reads: a score [n, N] of each point, by which the points are put in order, and where there are points. */
export interface Scores {
  readonly scores: tf.Tensor2D;
  /** [n, N]: 1 where a point is there, 0 elsewhere */
  readonly mask: tf.Tensor2D;
}

/** Orders of the points of each item. */
export interface Orders {
  /** [n, N, N], exactly one 1 in each row and column: entry [i, j] is 1 if point i comes from canonical slot j. */
  readonly matrix: tf.Tensor3D;
  /** [n, N, N], rows of present points sum to 1: what `matrix` takes its gradient from. In training alone. */
  readonly soft?: tf.Tensor3D;
  /** [n, N], of the points */
  readonly mask: tf.Tensor2D;
}

export interface PermutationOptions {
  /**
   * Softness of the order in training, in the unit of the scores, > 0; 1 by default. From `start` to `end` it goes with
   * the share of the training that is done, by equal factors in equal times.
   */
  readonly temperature?: number | { readonly start: number; readonly end: number };
}

/** Keeps log(0) and 0 / 0 out of the entropies; less than float32 can see beside 1, and its square is a float32 too. */
const LEAST_SHARE = 1e-12;
/** Added to the logits of slots that stay empty: exp of it is 0. */
const EMPTY_SLOT = -1e9;

/**
 * S_N on sets and clouds. ψ puts the points in order of falling score, equal ones by position: slot 0 holds the highest,
 * and the slots after the last present point hold the absent ones. The matrix is always a permutation; in training its
 * gradient is that of softmax over slots j of -|s_i - s_(j)| / temperature. The penalty is the mean entropy of the rows
 * of that softmax and of its columns, nats, over present points and their slots.
 * @throws DomainError for temperatures that are not > 0; ShapeError for scores and mask of different shapes
 * @source Winter et al. 2022, arXiv:2202.07559, section 3; SoftSort: Prillo and Eisenschlos 2020, arXiv:2006.16038
 */
export function permutationsBatch(options: PermutationOptions = {}): BatchGroup<PointSets, Scores, Orders> {
  const { temperature = 1 } = options;
  const { start, end } =
    typeof temperature === 'number' ? { start: temperature, end: temperature } : temperature;
  requirePositive(start, 'permutationsBatch temperature start');
  requirePositive(end, 'permutationsBatch temperature end');
  return {
    name: 'S_N',
    fromFeatures({ scores, mask }, moment: Moment) {
      requireColumns(scores, mask.shape.slice(1), 'S_N scores');
      const matrix = hardOrder(scores, mask);
      if (!moment.training) return { matrix, mask };
      const soft = softOrder(scores, mask, matrix, start * (end / start) ** moment.progress);
      return { matrix: withGradientOf(soft, matrix), soft, mask };
    },
    act({ matrix }, { points, mask, kinds }) {
      const parts = [points, ...(kinds ? [kinds] : []), tf.expandDims(mask, 2) as tf.Tensor3D];
      const moved: tf.Tensor3D = tf.matMul(matrix, tf.concat(parts, 2));
      const sizes = parts.map((part) => part.shape[2]);
      const split = tf.split(moved, sizes, 2) as tf.Tensor3D[];
      const flatMask: tf.Tensor2D = tf.reshape(split[split.length - 1], mask.shape);
      return { points: split[0], mask: flatMask, ...(kinds && { kinds: split[1] }) };
    },
    inverse: ({ matrix, mask }) => ({
      matrix: tf.transpose(matrix, [0, 2, 1]),
      // The points of the inverse are the slots.
      mask: tf.reshape(tf.matMul(matrix, tf.expandDims(mask, 2) as tf.Tensor3D, true), mask.shape),
    }),
    penalty({ soft, mask }) {
      return soft ? orderEntropy(soft, mask) : tf.scalar(0);
    },
  };
}

/**
 * [n, N, N], entry [i, j] is 1 if point i belongs in slot j. By counting the points before each: the WASM engine's own
 * sorting is wrong where values are equal. No gradient; NaN throughout an item with a NaN score.
 */
function hardOrder(scores: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor3D {
  const N = scores.shape[1];
  const order = tf.customGrad((s) => {
    const score = s as tf.Tensor2D;
    const keys = tf.where(tf.greaterEqual(mask, 0.5), score, tf.fill(score.shape, Number.NEGATIVE_INFINITY));
    const [own, others] = [tf.expandDims(keys, 2), tf.expandDims(keys, 1)];
    const at = tf.range(0, N);
    const earlier = tf.greater(tf.expandDims(at, 1), tf.expandDims(at, 0));
    const ahead = tf.logicalOr(tf.greater(others, own), tf.logicalAnd(tf.equal(others, own), earlier));
    const slots = tf.sum(tf.cast(ahead, 'float32'), 2);
    const hard = tf.cast(tf.equal(tf.expandDims(slots, 2), at), 'float32');
    const nanOrZero = tf.expandDims(tf.sum(tf.mul(score, 0), 1, true), 2);
    return {
      value: tf.add(hard, nanOrZero) as tf.Tensor3D,
      gradFunc: () => tf.zerosLike(score),
    };
  });
  return order(scores) as tf.Tensor3D;
}

/** [n, N points, N slots]. Absent points keep the slots of the hard order. */
function softOrder(
  scores: tf.Tensor2D,
  mask: tf.Tensor2D,
  hard: tf.Tensor3D,
  temperature: number,
): tf.Tensor3D {
  const present = tf.expandDims(mask, 2) as tf.Tensor3D;
  const s = tf.mul(tf.expandDims(scores, 2), present) as tf.Tensor3D;
  const sorted = tf.transpose(tf.matMul(hard, s, true), [0, 2, 1]);
  const filled = tf.transpose(tf.matMul(hard, present, true), [0, 2, 1]);
  const empty = tf.mul(tf.sub(1, filled), EMPTY_SLOT);
  const logits = tf.add(tf.div(tf.abs(tf.sub(s, sorted)), -temperature), empty);
  const rest = tf.mul(hard, tf.sub(1, present));
  return tf.add(tf.mul(tf.softmax(logits), present), rest) as tf.Tensor3D;
}

/** The values of `hard` with the gradient of `soft`. */
function withGradientOf(soft: tf.Tensor3D, hard: tf.Tensor3D): tf.Tensor3D {
  const through = tf.customGrad(() => ({
    value: tf.clone(hard),
    gradFunc: (dy: tf.Tensor) => dy,
  }));
  return through(soft) as tf.Tensor3D;
}

/** Mean entropy of the rows of present points and, each scaled to sum 1, of their slots' columns. nats, a scalar >= 0 */
function orderEntropy(soft: tf.Tensor3D, mask: tf.Tensor2D): tf.Scalar {
  const count = tf.maximum(tf.sum(mask), 1);
  const present = tf.expandDims(mask, 2);
  const rows = tf.mul(soft, present);
  const columns = tf.div(rows, tf.maximum(tf.sum(rows, 1, true), LEAST_SHARE));
  const entropy = (p: tf.Tensor) => tf.sum(tf.mul(p, tf.log(tf.maximum(p, LEAST_SHARE))));
  return tf.div(tf.neg(tf.add(entropy(rows), entropy(columns))), count);
}
