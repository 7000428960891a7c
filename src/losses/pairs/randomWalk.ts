import { DomainError, expectation } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { identity } from './anchorOp.js';

/**
 * Where random walks end that go on with probability alpha at each step: F = (1 - α) (I - α S)⁻¹ with
 * S = D^-½ A D^-½, D the row sums of A. The series Σ (α S)^k has terms >= 0 and norm α^k, and is summed by squaring,
 * (I + αS)(I + (αS)²)(I + (αS)⁴)..., until what is left is below float32; 2 products a squaring.
 * @param affinities A, [n, n], symmetric, > 0; its diagonal is not used @returns [n, n], symmetric
 * @throws DomainError unless 0 < alpha < 1
 * @source Zhou et al. 2003, "Learning with local and global consistency"
 */
export function randomWalk(affinities: tf.Tensor2D, alpha: number): tf.Tensor2D {
  if (!(alpha > 0 && alpha < 1)) {
    const remedy = 'choose the share of walks that go on';
    throw new DomainError(expectation('randomWalk alpha', 'a number in (0, 1)', alpha, remedy));
  }
  return tf.tidy(() => {
    const n = affinities.shape[0];
    const self = identity(n);
    const graph = tf.mul(affinities, tf.sub(1, self));
    const root = tf.rsqrt(tf.sum(graph, 1, true));
    const S = tf.mul(tf.mul(graph, root), tf.reshape(root, [1, -1])) as tf.Tensor2D;
    return tf.mul(resolvent(S, self, alpha), 1 - alpha);
  });
}

/** What is left of a geometric series after 2^k terms, α^(2^k), is to be below this share of it. */
const REST = 1e-9;

/** (I - α S)⁻¹ = R; its gradient is α Rᵀ dy Rᵀ. */
function resolvent(S: tf.Tensor2D, identity: tf.Tensor2D, alpha: number): tf.Tensor2D {
  const squarings = Math.max(1, Math.ceil(Math.log2(Math.log(REST) / Math.log(alpha))));
  const op = tf.customGrad((...args) => {
    const [s, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    let power: tf.Tensor2D = tf.mul(s, alpha);
    let sum: tf.Tensor2D = tf.add(identity, power);
    for (let k = 1; k < squarings; k++) {
      power = tf.matMul(power, power);
      sum = tf.add(sum, tf.matMul(sum, power));
    }
    save([sum]);
    const gradFunc = (dy: tf.Tensor, [R]: tf.Tensor[]) => {
      const inner: tf.Tensor2D = tf.matMul(R as tf.Tensor2D, dy as tf.Tensor2D, true);
      return tf.mul(tf.matMul(inner, R as tf.Tensor2D, false, true), alpha);
    };
    return { value: sum, gradFunc };
  });
  return op(S) as tf.Tensor2D;
}
