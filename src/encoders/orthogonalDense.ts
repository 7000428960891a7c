import { requireInteger } from '../core/checks.js';
import type { Pass } from '../engine/network.js';
import { normal, zeros } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { closedForm } from '../manifolds/closed/closedForm.js';
import type { RowLayer } from './rowLayer.js';

export interface OrthogonalOptions {
  /** Mirrors whose product turns the rows, 1..the larger width; all of them reach every turn. Default: at most 64. */
  readonly reflections?: number;
  /** Whether the rows are moved as well. Default true. */
  readonly offset?: boolean;
}

const USUAL_REFLECTIONS = 64;

/**
 * Rotation, reflection and translation of rows, x Q + b: distances are kept exactly where the width stays the same or grows
 * (zeros are put beside x first); where it shrinks, the first columns of the turned rows are taken, which stretches
 * nothing. Q is the product of Householder reflections in the rows of one kernel, as one matrix form: with rows u_i of norm
 * 1, Q = I - Uᵀ T U, T⁻¹ = I/2 + the part of U Uᵀ above its diagonal. A row of zeros gives NaN.
 * @param inputs, outputs columns before and after
 * @throws UsageError for widths below 1 or another number of reflections
 * @source Joffrain, Low, Quintana-Ortí, van de Geijn, Van Zee 2006, doi:10.1145/1141885.1141886 (UT transform)
 */
export function orthogonalDense(
  name: string,
  inputs: number,
  outputs: number,
  { reflections, offset = true }: OrthogonalOptions = {},
): RowLayer {
  requireInteger(inputs, 1, `${name} inputs`);
  requireInteger(outputs, 1, `${name} outputs`);
  const width = Math.max(inputs, outputs);
  const count = reflections ?? Math.min(width, USUAL_REFLECTIONS);
  requireInteger(count, 1, `${name} reflections`, width);
  const turnOf = (pass: Pass) => turn(pass.weight(`${name}/mirrors`), inputs, outputs);
  const moved = (pass: Pass, y: tf.Tensor) =>
    offset ? tf.add(y, pass.weight<tf.Tensor1D>(`${name}/offset`)) : y;
  return {
    parameters: [
      { name: `${name}/mirrors`, shape: [count, width], initial: normal(1) },
      ...(offset ? [{ name: `${name}/offset`, shape: [outputs], initial: zeros }] : []),
    ],
    apply: (pass, x) => moved(pass, turnOf(pass).forward(x)),
    linearize(pass, x) {
      const { forward, back } = turnOf(pass);
      return { value: moved(pass, forward(x)) as tf.Tensor2D, pushforward: forward, pullback: back };
    },
    lipschitz: () => ({ lower: tf.scalar(inputs <= outputs ? 1 : 0), upper: tf.scalar(1) }),
  };
}

/** x -> x Q and back, of rows padded or cut to the widths. */
function turn(mirrors: tf.Tensor2D, inputs: number, outputs: number) {
  const U: tf.Tensor2D = tf.mul(mirrors, tf.rsqrt(tf.sum(tf.square(mirrors), 1, true)));
  const T = reflectionProduct(tf.matMul(U, U, false, true));
  const width = Math.max(inputs, outputs);
  const through = (x: tf.Tensor, core: tf.Tensor2D, to: number) => {
    const flat = withColumns(tf.reshape(x, [-1, x.shape[x.rank - 1]]) as tf.Tensor2D, width);
    const moves = tf.matMul(tf.matMul(tf.matMul(flat, U, false, true), core), U);
    const turned = withColumns(tf.sub(flat, moves), to);
    return tf.reshape(turned, [...x.shape.slice(0, -1), to]);
  };
  return {
    forward: (x: tf.Tensor) => through(x, T, outputs),
    back: (u: tf.Tensor) => through(u, tf.transpose(T), inputs),
  };
}

function withColumns(x: tf.Tensor2D, columns: number): tf.Tensor2D {
  const [rows, present] = x.shape;
  if (columns === present) return x;
  if (columns < present) return tf.slice(x, [0, 0], [rows, columns]);
  return tf.pad(x, [
    [0, 0],
    [0, columns - present],
  ]);
}

/**
 * T of the products U Uᵀ, [k, k]: the inverse of R = I/2 + what is above the diagonal. Blocks of rows are joined pair by
 * pair, [[A, B], [0, D]]⁻¹ = [[A⁻¹, -A⁻¹ B D⁻¹], [0, D⁻¹]]: every block on the way is the T of fewer reflections, whose
 * numbers are at most 4, so that nothing cancels however the mirrors lie; a series in powers of R would overflow.
 */
function reflectionProduct(products: tf.Tensor2D): tf.Tensor2D {
  return closedForm(
    [products] as const,
    (p) => joined(p),
    (p) => {
      const value = joined(p);
      return { value, kept: [value] };
    },
    (dy, [p], [T]) => {
      const inner = tf.matMul(tf.matMul(T as tf.Tensor2D, dy, true, false), T as tf.Tensor2D, false, true);
      return [tf.neg(tf.mul(inner, upper(p.shape[0])))];
    },
  );
}

function joined(products: tf.Tensor2D): tf.Tensor2D {
  const [k] = products.shape;
  const above = tf.mul(products, upper(k));
  let within = sameBlock(k, 1);
  let T: tf.Tensor2D = tf.mul(within, 2);
  for (let size = 2; size < 2 * k; size *= 2) {
    const pair = sameBlock(k, size);
    const between = tf.mul(above, tf.sub(pair, within)) as tf.Tensor2D;
    T = tf.sub(T, tf.matMul(tf.matMul(T, between), T));
    within = pair;
  }
  return T;
}

/** 1 above the diagonal. */
function upper(k: number): tf.Tensor2D {
  const index = tf.range(0, k);
  return tf.step(tf.sub(tf.reshape(index, [1, k]), tf.reshape(index, [k, 1])));
}

/** 1 where row and column are in the same block of `size`. */
function sameBlock(k: number, size: number): tf.Tensor2D {
  const block = tf.floor(tf.div(tf.range(0, k), size));
  return tf.cast(tf.equal(tf.reshape(block, [1, k]), tf.reshape(block, [k, 1])), 'float32') as tf.Tensor2D;
}
