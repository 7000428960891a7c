import { requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import { differentItems, nothingCompared, requirePairs, signOf } from './pairs.js';

export interface RankCorrelationOptions {
  /** Of the sigmoids in place of steps, in mean code distances, > 0. Default 0.1. */
  readonly temperature?: number;
}

/** Values of one comparison of all with all: 16 MiB. */
const BLOCK_VALUES = 2 ** 22;

/**
 * 1 - Spearman's correlation of distances with soft ranks of the codes, from 0 (same order) to 2 (opposite order): of each
 * item's distances to the others, averaged over items, or of one list of pairs. The rank of e_j among the e_k is
 * Σ_k σ((e_j - e_k) / (temperature mean e)), that of d exact, ties shared. Whatever keeps the order keeps the value low:
 * no unit and no scale is asked for. Work and gradient take n³ comparisons (p² of a list), some rows at a time.
 *
 * An item that all inputs are equally far from has no order and is left out; without any the value is 0. One whose code
 * distances are all equal counts 1, with gradient 0. NaN gives NaN. Once differentiable.
 * @param codes  [n, n] or [p], >= 0, differentiable
 * @param inputs same shape, constant
 * @throws       ShapeError for other shapes, DomainError unless temperature > 0
 * @source       ranks by sums of sigmoids: Qin, Liu, Li 2010, doi:10.1007/s10791-009-9124-x, section 3
 */
export function rankCorrelation(
  codes: tf.Tensor,
  inputs: tf.Tensor,
  { temperature = 0.1 }: RankCorrelationOptions = {},
): tf.Scalar {
  requirePairs('rankCorrelation', codes, inputs);
  requirePositive(temperature, 'rankCorrelation temperature');
  if (codes.size === 0) return nothingCompared(codes);
  const op = tf.customGrad((...args) => {
    const [e, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const columns = e.shape[e.rank - 1];
    const different = differentItems(e);
    const mean = tf.div(tf.sum(tf.mul(e, different)), tf.maximum(tf.sum(different), 1));
    const width = tf.mul(mean, temperature);
    const asRows = (t: tf.Tensor) => tf.reshape(t, [-1, columns]) as tf.Tensor2D;
    const rows = { x: asRows(tf.divNoNan(e, width)), d: asRows(inputs), mask: asRows(different) };
    const { costs, ordered, slopes } = correlationOfRows(rows);
    const share = tf.divNoNan(1, ordered);
    // x = e / width, and the width moves with every e.
    const toX = tf.mul(slopes, share);
    const along = tf.div(tf.sum(tf.mul(toX, rows.x)), tf.maximum(tf.sum(rows.mask), 1));
    const direct = tf.divNoNan(toX, width);
    const ofMean = tf.divNoNan(along, mean);
    save([tf.mul(tf.sub(tf.reshape(direct, e.shape), ofMean), different)]);
    const gradFunc = (dy: tf.Tensor, [slope]: tf.Tensor[]) => tf.mul(dy, slope);
    return { value: tf.add(tf.mul(costs, share), tf.mul(mean, 0)), gradFunc };
  });
  return tf.tidy(() => op(codes) as tf.Scalar);
}

interface Rows {
  /** [rows, columns]: code distances in widths of the sigmoid. */
  readonly x: tf.Tensor2D;
  readonly d: tf.Tensor2D;
  /** 1 for what is ranked. */
  readonly mask: tf.Tensor2D;
}

/** Sum of the costs of rows that have an order, the number of those, and the slopes [rows, columns] of the sum. */
function correlationOfRows({ x, d, mask }: Rows) {
  const [count, columns] = x.shape;
  const some = Math.max(1, Math.floor(BLOCK_VALUES / (columns * columns)));
  const sums = { costs: [] as tf.Tensor[], ordered: [] as tf.Tensor[], slopes: [] as tf.Tensor[] };
  for (let from = 0; from < count; from += some) {
    const rows = Math.min(some, count - from);
    const part = (t: tf.Tensor2D) => tf.slice(t, [from, 0], [rows, columns]) as tf.Tensor2D;
    const block = tf.scope(() => correlationOfBlock({ x: part(x), d: part(d), mask: part(mask) }));
    for (const name of ['costs', 'ordered', 'slopes'] as const) sums[name].push(block[name]);
  }
  return { costs: tf.addN(sums.costs), ordered: tf.addN(sums.ordered), slopes: tf.concat(sums.slopes) };
}

/** Ranks are counted from their mean: c_j = Σ_k (σ(x_j - x_k) - 1/2), and as Σ_j c_j = 0 no mean is taken away. */
function correlationOfBlock({ x, d, mask }: Rows) {
  const among = tf.mul(tf.expandDims(mask, 2), tf.expandDims(mask, 1));
  const above = (t: tf.Tensor2D) => tf.sub(tf.expandDims(t, 2), tf.expandDims(t, 1));
  const half = tf.tanh(tf.mul(above(x), 0.5));
  const soft = tf.mul(tf.sum(tf.mul(half, among), 2), 0.5);
  const exact = tf.mul(tf.sum(tf.mul(signOf(above(d)), among), 2), 0.5);
  const sizes = [soft, exact].map((c) => tf.sqrt(tf.sum(tf.square(c), 1, true)));
  const ordered = tf.step(sizes[1]);
  const direction = tf.divNoNan(soft, sizes[0]);
  const wanted = tf.divNoNan(exact, sizes[1]);
  const correlation = tf.sum(tf.mul(direction, wanted), 1, true);
  const costs = tf.sum(tf.sub(ordered, tf.mul(correlation, ordered)));
  const toRank = tf.divNoNan(tf.sub(tf.mul(direction, correlation), wanted), sizes[0]);
  const steep = tf.mul(tf.mul(tf.sub(1, tf.square(half)), among), 0.25);
  const own = tf.mul(toRank, tf.sum(steep, 2));
  const others = tf.sum(tf.mul(steep, tf.expandDims(toRank, 1)), 2);
  return { costs, ordered: tf.sum(ordered), slopes: tf.mul(tf.sub(own, others), ordered) };
}
