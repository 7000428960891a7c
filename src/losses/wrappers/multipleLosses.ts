import { requirePositive } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { LossReport, PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { type Reducer, type ReducerContext, reduceTerms } from '../reducers.js';
import type { Compared, LossTerms } from '../terms.js';

/** A loss with its options: what the files of losses/ export, called with a `Compared` alone. */
export type PairLoss = (compared: Compared) => LossTerms;

export interface WeightedLoss {
  readonly loss: PairLoss;
  /** One for all of the loss's parts, or one a part. */
  readonly reducer: Reducer | Readonly<Record<string, Reducer>>;
  /** > 0. Default 1. */
  readonly weight?: number;
  /** What a miner of this loss alone has chosen, in place of the plan of all. */
  readonly plan?: PairPlan;
}

/**
 * The weighted sum of several losses of the same distances; its parts are the losses, reduced and without their weights.
 * Call inside tidy.
 * @throws UsageError for no loss, DomainError for a weight that is no number > 0
 */
export function multipleLosses(
  losses: Readonly<Record<string, WeightedLoss>>,
  compared: Compared,
  context?: ReducerContext,
): LossReport {
  const entries = Object.entries(losses);
  if (entries.length === 0) {
    throw new UsageError(expectation('multipleLosses', 'at least one loss', 'none', 'name a loss'));
  }
  for (const [name, { weight = 1 }] of entries) requirePositive(weight, `multipleLosses ${name} weight`);
  const parts: Record<string, tf.Scalar> = {};
  const weighted = entries.map(([name, { loss, reducer, weight = 1, plan = compared.plan }]) => {
    const part = reduceTerms(loss({ ...compared, plan }), reducer, context);
    parts[name] = part;
    return tf.mul(part, weight) as tf.Scalar;
  });
  return { total: weighted.length === 1 ? weighted[0] : tf.addN(weighted), parts };
}
