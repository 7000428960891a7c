import { expectation, ShapeError, UsageError } from '../core/errors.js';
import * as tf from '../engine/tf.js';
import type { LossTerms, Terms } from './terms.js';

/** What some reducers need besides the terms. */
export interface ReducerContext {
  /** [n], weight of each anchor's row: the weights of the classes, gathered at the anchors' labels. For `classWeighted`. */
  readonly classWeights?: tf.Tensor1D;
  /** What `divisor` divides by where the part does not name its own. */
  readonly divisor?: tf.Scalar;
}

/**
 * One number of a part's terms. Every reducer here is linear in the values, with weights that have no gradient; where
 * nothing is left to average it gives 0 with gradient 0. NaN in the values comes out as NaN.
 */
export type Reducer = (terms: Terms, context?: ReducerContext) => tf.Scalar;

/** Terms that bring the number that `divisor` divides by, >= 0: losses that count pairs in a way of their own. */
export interface DividedTerms extends Terms {
  readonly divisor: tf.Scalar;
}

/** Σ values / Σ counts. */
export const mean: Reducer = (terms) => weigh(summed(terms), (known) => ({ scale: inverseTotal(known) }));

/** Σ values. */
export const sum: Reducer = (terms) => weigh(summed(terms), () => ({}));

/** Σ values / number of tuples with a value above 0. */
export const avgNonZero: Reducer = (terms) =>
  weigh(summed(terms), ({ values, counts, active }) => ({
    scale: inverse(tf.sum(active ?? tf.mul(above(values, 0), counts))),
  }));

/** Σ values / divisor, of the part (DividedTerms) or else of the context. @throws UsageError where neither has one */
export const divisor: Reducer = (terms, context) => {
  const by = (terms as Partial<DividedTerms>).divisor ?? context?.divisor;
  if (by) return weigh(summed(terms), () => ({ scale: inverse(by) }));
  throw new UsageError(
    expectation('divisor', 'a divisor', undefined, 'pass one in the context of the reducer'),
  );
};

/**
 * Σ w_anchor values / Σ counts.
 * @throws UsageError without classWeights, ShapeError unless there is one for each row of the values
 */
export const classWeighted: Reducer = (terms, context) => {
  const weights = context?.classWeights;
  if (!weights) {
    const remedy = 'pass the weights of the anchors in the context of the reducer';
    throw new UsageError(expectation('classWeighted', 'classWeights', undefined, remedy));
  }
  const { shape } = terms.counts;
  if (weights.size !== shape[0]) {
    const remedy = 'pass one weight for each anchor';
    throw new ShapeError(
      expectation('classWeighted classWeights', `${shape[0]} values`, weights.size, remedy),
    );
  }
  return weigh(summed(terms), (known) => ({
    scale: inverseTotal(known),
    mask: tf.reshape(weights, [-1, ...known.counts.shape.slice(1).fill(1)]),
  }));
};

/** Reducers without parameters, under the names that losses give as their default. */
export const REDUCERS = { mean, sum, avgNonZero, divisor, classWeighted } as const;
export type ReducerName = keyof typeof REDUCERS;

export interface ThresholdOptions {
  /** Values must be above it. */
  readonly low?: number;
  /** Values must be below it. */
  readonly high?: number;
}

/**
 * Mean of the values strictly between low and high.
 * @throws UsageError unless a finite bound is given; when called, for terms whose entries stand for several tuples,
 *   of which nothing but low = 0 without high can be told (that is `avgNonZero`)
 */
export function threshold({ low, high }: ThresholdOptions): Reducer {
  const bounds = [low, high].filter((bound) => bound !== undefined);
  const bad = bounds.length === 0 ? undefined : bounds.find((bound) => !Number.isFinite(bound));
  if (bounds.length === 0 || bad !== undefined) {
    throw new UsageError(expectation('threshold', 'a finite low, high or both', bad, 'check the bounds'));
  }
  if (low === 0 && high === undefined) return avgNonZero;
  return (terms) => {
    if (terms.active) {
      const remedy = 'use avgNonZero, or a loss that gives each pair a value';
      throw new UsageError(expectation('threshold', 'terms of single tuples', 'sums of several', remedy));
    }
    return weigh(terms, ({ values, counts }) => {
      let mask = above(counts, 0);
      if (low !== undefined) mask = tf.mul(mask, above(values, low));
      if (high !== undefined) mask = tf.mul(mask, above(tf.neg(values), -high));
      return { scale: inverse(tf.sum(mask)), mask };
    });
  };
}

export interface PerAnchorOptions {
  /** What is made of an anchor's tuples. Default 'mean'; an anchor without tuples gives 0. */
  readonly aggregation?: 'mean' | 'sum';
  /** Reduces the anchors' values, each of which counts as one; those of anchors without tuples too. Default `mean`. */
  readonly reducer?: Reducer;
}

/** First over the tuples of each anchor, then over the anchors. Values that are already one an anchor stay as they are. */
export function perAnchor({ aggregation = 'mean', reducer = mean }: PerAnchorOptions = {}): Reducer {
  return (terms, context) => {
    if (terms.counts.rank < 2 && !terms.active) return reducer(terms, context);
    const sums = summed(terms);
    return tf.tidy(() => reducer(ofAnchors(sums, aggregation), context));
  };
}

/** The terms of anchors where these cost less than those of pairs. */
function summed(terms: Terms): Terms {
  return terms.perAnchor?.() ?? terms;
}

function ofAnchors({ values, counts }: Terms, aggregation: 'mean' | 'sum'): Terms {
  const n = values.shape[0] ?? 1;
  const overRows = (t: tf.Tensor) =>
    t.rank === 1 ? t : tf.sum(tf.reshape(t, [n, t.size / Math.max(n, 1)]), 1);
  const sums = overRows(values);
  const ones = tf.fill([n], 1);
  if (aggregation === 'sum') return { values: sums, counts: ones };
  return { values: scaled(sums, () => inverse(overRows(counts))), counts: ones };
}

/**
 * Reduces each part and adds the results.
 * @param reducer one for all parts, or one a part: parts that are not named are reduced by `mean`
 * @throws UsageError for a name that the loss has no part of
 */
export function reduceTerms(
  lossTerms: LossTerms,
  reducer: Reducer | Readonly<Record<string, Reducer>>,
  context?: ReducerContext,
): tf.Scalar {
  if (typeof reducer !== 'function') requireParts(lossTerms, reducer);
  const of = (part: string) => (typeof reducer === 'function' ? reducer : (reducer[part] ?? mean));
  return tf.tidy(() => {
    const parts = Object.entries(lossTerms).map(([name, terms]) => of(name)(terms, context));
    return parts.reduce((total, part) => tf.add(total, part) as tf.Scalar);
  });
}

/** The values of each part, not reduced. */
export function unreduced(lossTerms: LossTerms): Readonly<Record<string, tf.Tensor>> {
  return Object.fromEntries(Object.entries(lossTerms).map(([name, { values }]) => [name, values]));
}

function requireParts(lossTerms: LossTerms, reducers: Readonly<Record<string, Reducer>>): void {
  const unknown = Object.keys(reducers).find((name) => !(name in lossTerms));
  if (unknown === undefined) return;
  const parts = Object.keys(lossTerms).join(', ');
  throw new UsageError(
    expectation('reduceTerms', `reducers of ${parts}`, unknown, 'name the parts of the loss'),
  );
}

/** 1 where t > bound, else 0. Off the tape. */
function above(t: tf.Tensor, bound: number): tf.Tensor {
  return tf.cast(tf.greater(t, bound), 'float32');
}

/** 1 / t, 0 where t is 0. Off the tape. */
function inverse(t: tf.Tensor): tf.Tensor {
  return tf.divNoNan(1, t);
}

/** 1 / Σ counts, 0 where that is 0. Off the tape. */
function inverseTotal({ counts, total }: Terms): tf.Tensor {
  return total === undefined ? inverse(tf.sum(counts)) : tf.scalar(total === 0 ? 0 : 1 / total);
}

interface Weights {
  /** scalar; absent: 1. */
  readonly scale?: tf.Tensor;
  /** Broadcasts to the values; absent: 1. */
  readonly mask?: tf.Tensor;
}

/** scale Σ mask values; what `weights` computes has no gradient. */
function weigh(terms: Terms, weights: (terms: Terms) => Weights): tf.Scalar {
  const op = tf.customGrad((...args) => {
    const [values, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const { scale, mask } = weights({ ...terms, values });
    save([...(scale ? [scale] : []), ...(mask ? [mask] : [])]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      // What broadcastTo makes of an empty shape has one value.
      if (values.size === 0) return tf.fill(values.shape, 0);
      const each = scale ? tf.mul(dy, saved[0]) : dy;
      return tf.broadcastTo(mask ? tf.mul(saved[scale ? 1 : 0], each) : each, values.shape);
    };
    const total = tf.sum(mask ? tf.mul(values, mask) : values);
    return { value: scale ? tf.mul(total, scale) : total, gradFunc };
  });
  return tf.tidy(() => op(terms.values) as tf.Scalar);
}

/** values * factors, element by element; the factors have no gradient. */
function scaled(values: tf.Tensor, factors: () => tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const f = factors();
    save([f]);
    return { value: tf.mul(v, f), gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, saved) };
  });
  return op(values);
}
