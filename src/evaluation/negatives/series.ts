import { expectation, ShapeError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import type { NegativesArm } from './arms.js';
import { type NegativeStatisticsOptions, negativeStatistics } from './negativeStatistics.js';
import type { NegativesSummary } from './records.js';

/** The arms of a model as they are at one time: the same names and items each time. */
export interface NegativesSnapshot {
  /** Training steps made, epochs, or any other time. */
  readonly time: number;
  readonly arms: readonly NegativesArm[];
}

export interface NegativesMoment {
  readonly time: number;
  readonly summary: NegativesSummary;
  /** By arm: share of anchors whose hardest negative is another one than the time before; null the first time. */
  readonly changed: readonly number[] | null;
}

/**
 * The statistics of negatives over a training: of every snapshot among the same blocks, so that what differs is the model.
 * Snapshots are asked for one after the other and not kept.
 * @throws ShapeError for a snapshot with other arms than the first; and as negativeStatistics
 */
export async function negativesOverTime(
  snapshots: Iterable<NegativesSnapshot> | AsyncIterable<NegativesSnapshot>,
  labels: ArrayLike<number>,
  rng: Rng,
  options: NegativeStatisticsOptions = {},
): Promise<NegativesMoment[]> {
  const moments: NegativesMoment[] = [];
  let before: readonly Int32Array[] | undefined;
  for await (const { time, arms } of snapshots) {
    const { summary, anchors } = await negativeStatistics(arms, labels, rng.split('intervals'), options);
    requireSameArms(summary, moments[0]?.summary, time);
    const hardest = anchors.arms.map(({ nearest }) => nearest.filter((_, at) => at % summary.depth === 0));
    const known = before;
    const changed = known ? hardest.map((rows, arm) => shareOfOthers(rows, known[arm])) : null;
    moments.push({ time, summary, changed });
    before = hardest;
  }
  return moments;
}

function shareOfOthers(rows: Int32Array, before: Int32Array): number {
  return rows.filter((row, slot) => row !== before[slot]).length / rows.length;
}

function requireSameArms(now: NegativesSummary, first: NegativesSummary | undefined, time: number): void {
  const names = ({ arms }: NegativesSummary) => arms.map(({ name }) => name).join(', ');
  if (!first || names(now) === names(first)) return;
  const remedy = 'pass the same arms in the same order at every time';
  throw new ShapeError(
    expectation(`negativesOverTime ${time}`, `the arms ${names(first)}`, names(now), remedy),
  );
}
