import { columnsOf, type ProductSpace } from '../core/space.js';
import * as tf from '../engine/tf.js';
import { checkedManifold, checkedMetric } from './checked.js';
import type { Manifold, Metric } from './manifold.js';
import { safeSqrt } from './stable.js';

/**
 * Σ w_i d_i or √(Σ w_i d_i²) of the factors' distances; columns are the factors' side by side, in order.
 * The gradient is 0 where all distances are 0.
 * @param factors one metric for each factor of `space`, in order
 */
export function productMetric(space: ProductSpace, factors: readonly Metric[]): Metric {
  const widths = space.factors.map((factor) => columnsOf(factor.space));
  const weights = space.factors.map((factor) => factor.weight);
  const combine = space.combine === 'sum' ? weightedSum : weightedNorm;
  const parts = (x: tf.Tensor2D) => split(x, widths);
  return checkedMetric({
    space,
    pairwise(x, y, options) {
      const xs = parts(x);
      const ys = y === x ? xs : parts(y);
      return combine(
        factors.map((factor, f) => factor.pairwise(xs[f], ys[f], options)),
        weights,
      );
    },
    dist(x, y) {
      const [xs, ys] = [parts(x), parts(y)];
      return combine(
        factors.map((factor, f) => factor.dist(xs[f], ys[f])),
        weights,
      );
    },
  });
}

/**
 * The product with metric Σ w_i g_i, for combine "l2": every map goes factor by factor; a factor's gradient is divided
 * by its weight, and its frame by the root of it.
 * @param factors one manifold for each factor of `space`, in order
 */
export function productManifold(space: ProductSpace, factors: readonly Manifold[]): Manifold {
  const columns = factors.map((factor) => factor.columns);
  const dimensions = factors.map((factor) => factor.dimension);
  const weights = space.factors.map((factor) => factor.weight);
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

  type FactorMap = (factor: Manifold, parts: readonly tf.Tensor2D[], weight: number) => tf.Tensor2D;
  /** The results of `map` on the factors; its `parts` are a factor's columns of each input. */
  function results(inputs: readonly tf.Tensor2D[], map: FactorMap, widths = columns): tf.Tensor2D[] {
    const parts = inputs.map((input) => split(input, widths));
    return factors.map((factor, f) =>
      map(
        factor,
        parts.map((part) => part[f]),
        weights[f],
      ),
    );
  }
  const each = (inputs: readonly tf.Tensor2D[], map: FactorMap, widths?: number[]) =>
    tf.concat(results(inputs, map, widths), 1);

  return checkedManifold({
    ...productMetric(space, factors),
    ...{ columns: total(columns), dimension: total(dimensions) },
    inner: (x, u, v) => tf.addN(results([x, u, v], (m, [p, a, b], w) => tf.mul(m.inner(p, a, b), w))),
    exp: (x, u) => each([x, u], (m, [p, a]) => m.exp(p, a)),
    log: (x, y) => each([x, y], (m, [p, q]) => m.log(p, q)),
    exp0: (v) => each([v], (m, [a]) => m.exp0(a)),
    log0: (x) => each([x], (m, [p]) => m.log0(p)),
    transport: (x, y, u) => each([x, y, u], (m, [p, q, a]) => m.transport(p, q, a)),
    project: (x) => each([x], (m, [p]) => m.project(p)),
    projectTangent: (x, v) => each([x, v], (m, [p, a]) => m.projectTangent(p, a)),
    egrad2rgrad: (x, g) => each([x, g], (m, [p, a], w) => tf.mul(m.egrad2rgrad(p, a), 1 / w)),
    origin: () => each([], (m) => m.origin()),
    frame: (coordinates) =>
      each([coordinates], (m, [a], w) => tf.mul(m.frame(a), 1 / Math.sqrt(w)), dimensions),
  });
}

/** A split into one part has no gradient in tfjs 4.22. */
function split(x: tf.Tensor2D, widths: readonly number[]): tf.Tensor2D[] {
  return widths.length === 1 ? [x] : tf.split(x, [...widths], 1);
}

type Combine = <T extends tf.Tensor>(distances: T[], weights: readonly number[]) => T;

const weightedSum: Combine = (distances, weights) => tf.addN(distances.map((d, f) => tf.mul(d, weights[f])));

const weightedNorm: Combine = <T extends tf.Tensor>(distances: T[], weights: readonly number[]): T =>
  safeSqrt(tf.addN(distances.map((d, f) => tf.mul(tf.square(d), weights[f])))) as T;
