import { requireInteger, requireNumber, requireWithin } from '../../core/checks.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms, Terms } from '../terms.js';
import { anchorOp } from './anchorOp.js';
import { randomWalk } from './randomWalk.js';

export interface ManifoldOptions {
  /** λ_C, weight of the context, >= 0; Infinity: the context alone, with weight 1. */
  readonly lambdaC: number;
  /** Share of a walk that goes on at each step, 0 < alpha < 1. */
  readonly alpha: number;
  readonly margin: number;
}

export const MANIFOLD_DEFAULTS: ManifoldOptions = { lambdaC: 1, alpha: 0.8, margin: 5e-4 };
export const MANIFOLD_REDUCER = 'mean';

/** Affinities are exp(s / TEMPERATURE); fixed in the published loss. */
const TEMPERATURE = 0.5;

/**
 * Proxies that walk: how much of a random walk from each item over the graph of items and proxies ends at each proxy.
 * With v = F[i, k] - F[i, k of i] + margin over the other proxies k, part `intrinsic` is log(1 + Σ_{v >= 0} exp v), and
 * part `context`, weighted by λ_C, the same of the cosines of the walks' rows of items and proxies; both [n].
 * @param compared distances [n + k, n + k] of the items followed by the k proxies, which are trained with them. Where
 *   `zero` is given, similarities below 0 count as 0, as published for cosines; else affinities are exp(-d / 0.5)
 * @param proxyOf [n], the proxy that stands for each item, 0..k-1; the plan is not used. See drawProxies
 * @throws ShapeError unless the distances are square with more rows than items, UsageError for an unknown proxy,
 *   DomainError for an option out of range
 * @source Aziere and Todorovic 2019, "Ensemble deep manifold similarity learning using hard proxies", CVPR
 */
export function manifoldLoss(
  { distances, zero }: Pick<Compared, 'distances' | 'zero'>,
  proxyOf: Int32Array,
  options: Partial<ManifoldOptions> = {},
): LossTerms {
  const { lambdaC, alpha, margin } = { ...MANIFOLD_DEFAULTS, ...options };
  const contextOnly = lambdaC === Number.POSITIVE_INFINITY;
  if (!contextOnly) requireWithin(lambdaC, 0, 'manifoldLoss lambdaC');
  requireNumber(margin, 'manifoldLoss margin');
  const n = proxyOf.length;
  const proxies = proxiesOf(distances, proxyOf);
  const affinity = zero === undefined ? tf.neg(distances) : tf.relu(tf.sub(zero, distances));
  const walks = randomWalk(tf.exp(tf.div(affinity, TEMPERATURE)) as tf.Tensor2D, alpha);
  const own = tf.oneHot(tf.tensor1d(proxyOf, 'int32'), proxies) as tf.Tensor2D;
  const unit = tf.mul(walks, tf.rsqrt(tf.sum(tf.square(walks), 1, true)));
  const [items, ends] = tf.split(unit, [n, proxies]) as [tf.Tensor2D, tf.Tensor2D];
  const context = intruders(tf.matMul(items, ends, false, true), own, margin);
  if (contextOnly) return { context };
  const intrinsic = intruders(tf.slice(walks, [0, n], [n, proxies]) as tf.Tensor2D, own, margin);
  return { intrinsic, context: { ...context, values: tf.mul(context.values, lambdaC) } };
}

/** A proxy for each item: each of the k at least once, the rest at random, shuffled. @throws UsageError unless n >= k */
export function drawProxies(n: number, k: number, rng: Rng): Int32Array {
  requireInteger(k, 1, 'drawProxies k');
  requireInteger(n, k, 'drawProxies n');
  return rng.shuffle(Int32Array.from({ length: n }, (_, i) => (i < k ? i : rng.below(k))));
}

/** log(1 + Σ exp v) over the other proxies with v = score - own score + margin >= 0. */
function intruders(scores: tf.Tensor2D, own: tf.Tensor2D, margin: number): Terms {
  const [values] = anchorOp([scores], ([s], save) => {
    const ofOwn = tf.sum(tf.mul(s, own), 1, true);
    const v = tf.add(tf.sub(s, ofOwn), margin);
    const counted = tf.mul(tf.cast(tf.greaterEqual(v, 0), 'float32'), tf.sub(1, own));
    const weights = tf.mul(tf.exp(v), counted);
    const total = tf.add(tf.sum(weights, 1, true), 1);
    const share = tf.div(weights, total);
    save([tf.sub(share, tf.mul(own, tf.sum(share, 1, true)))]);
    return { rows: [tf.log(total)], gradient: (dy, [slope]) => tf.mul(slope, dy) };
  });
  return { values, counts: tf.fill(values.shape, 1) };
}

function proxiesOf(distances: tf.Tensor2D, proxyOf: Int32Array): number {
  const [rows, columns] = distances.shape;
  const proxies = rows - proxyOf.length;
  if (rows !== columns || proxies < 1) {
    const expected = `a square matrix of ${proxyOf.length} items and at least one proxy`;
    const remedy = 'compare items and proxies with each other';
    throw new ShapeError(expectation('manifoldLoss distances', expected, `${rows} x ${columns}`, remedy));
  }
  const at = proxyOf.findIndex((proxy) => !(proxy >= 0 && proxy < proxies));
  if (at < 0) return proxies;
  const remedy = 'give each item one of the proxies';
  throw new UsageError(
    expectation(`manifoldLoss proxyOf[${at}]`, `a proxy in 0..${proxies - 1}`, proxyOf[at], remedy),
  );
}
