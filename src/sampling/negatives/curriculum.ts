import { requireWithin } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { maskOf } from './mask.js';

/** Which negatives of an anchor take part, by their quantile of hardness: 0 is the easiest, 1 the hardest. */
export interface HardnessWindow {
  readonly low: number;
  readonly high: number;
}

/** The window at one moment of a training; between two moments both ends move linearly. */
export interface CurriculumStage extends HardnessWindow {
  /** Share of the training that is done, 0..1. */
  readonly at: number;
}

/** From the easier half of the negatives to the hardest tenth. */
export const EASY_TO_HARD: readonly CurriculumStage[] = [
  { at: 0, low: 0, high: 0.5 },
  { at: 1, low: 0.9, high: 1 },
];

/** Ranks are counted up to this part of one, so that rounding of a quantile adds none. */
const PART_OF_A_RANK = 1e-3;

/**
 * @param schedule by ascending `at`; before its first stage that one holds, after the last the last
 * @param progress share of the training that is done, 0..1
 * @throws UsageError for no stage or stages out of order; DomainError for a share out of 0..1
 */
export function windowAt(schedule: readonly CurriculumStage[], progress: number): HardnessWindow {
  requireSchedule(schedule);
  requireWithin(progress, 0, 'windowAt progress', 1);
  const next = schedule.findIndex(({ at }) => at >= progress);
  const { low, high } = schedule.at(next) as CurriculumStage;
  if (next <= 0) return { low, high };
  const before = schedule[next - 1];
  const share = (progress - before.at) / (schedule[next].at - before.at);
  const between = (from: number, to: number) => from + share * (to - from);
  return { low: between(before.low, low), high: between(before.high, high) };
}

/**
 * A plan with those negatives of each anchor whose hardness among its own lies in the window, with the positives as they
 * are: of N negatives, from the hardest, those after the first floor((1 - high) N) up to ceil((1 - low) N), at least one.
 * Every negative that ties with an end is in. No gradient. Call inside tidy.
 * @param logits [n, m], -distance / temperature
 * @returns negatives NaN where a logit is NaN or infinite
 * @throws DomainError unless 0 <= low <= high <= 1, ShapeError for logits of another shape than the plan
 */
export function negativesInWindow(plan: PairPlan, logits: tf.Tensor2D, window: HardnessWindow): PairPlan {
  const { low, high } = window;
  requireWithin(high, 0, 'negativesInWindow high', 1);
  requireWithin(low, 0, 'negativesInWindow low', high);
  const negatives = maskOf(logits, plan.negatives, 'negativesInWindow', (hardness) => {
    const m = hardness.shape[1];
    const count = tf.sum(plan.negatives, 1, true);
    const skipped = tf.floor(tf.add(tf.mul(count, 1 - high), PART_OF_A_RANK));
    const first = tf.maximum(tf.minimum(skipped, tf.sub(count, 1)), 0);
    const until = tf.ceil(tf.sub(tf.mul(count, 1 - low), PART_OF_A_RANK));
    const last = tf.maximum(tf.sub(until, 1), first);
    const { values } = tf.topk(hardness, m);
    const rank = tf.range(0, m, 1, 'float32');
    const valueAt = (place: tf.Tensor) =>
      tf.sum(tf.mul(values, tf.cast(tf.equal(rank, place), 'float32')), 1, true);
    const below = tf.greaterEqual(valueAt(first), hardness);
    return tf.logicalAnd(below, tf.greaterEqual(hardness, valueAt(last))) as tf.Tensor2D;
  });
  return { ...plan, negatives };
}

function requireSchedule(schedule: readonly CurriculumStage[]): void {
  const remedy = 'give stages by ascending at';
  if (schedule.length === 0) throw new UsageError(expectation('curriculum', 'at least one stage', 0, remedy));
  for (const [k, { at, low, high }] of schedule.entries()) {
    requireWithin(at, 0, `curriculum stage ${k} at`, 1);
    requireWithin(high, 0, `curriculum stage ${k} high`, 1);
    requireWithin(low, 0, `curriculum stage ${k} low`, high);
    if (k === 0 || at > schedule[k - 1].at) continue;
    throw new UsageError(
      expectation(`curriculum stage ${k} at`, `more than ${schedule[k - 1].at}`, at, remedy),
    );
  }
}
