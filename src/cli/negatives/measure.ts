import { DomainError } from '../../core/errors.js';
import { takeRows } from '../../core/matrix.js';
import { Rng } from '../../core/rng.js';
import type { NegativesArm } from '../../evaluation/negatives/arms.js';
import { canSweep, curvatureSweep } from '../../evaluation/negatives/curvatureSweep.js';
import { type DifferentAnchor, mostDifferent } from '../../evaluation/negatives/mostDifferent.js';
import { negativeStatistics } from '../../evaluation/negatives/negativeStatistics.js';
import type { NegativeStatistics } from '../../evaluation/negatives/records.js';
import { sampleOf } from '../../model/vectors/split.js';
import type { Sweep } from '../../report/negatives/input.js';
import { noteLine } from '../output.js';
import { Progress } from '../progress.js';

/** Items of a curvature sweep, which measures every curvature on all of them. */
const SWEPT = 2000;
/** Work that takes less, in milliseconds, says nothing. */
const SILENT = 2000;

export interface MeasureOptions {
  /** Whether to look among all items too: time that grows with their square. */
  readonly whole: boolean;
  readonly blockSize: number;
  readonly depth: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface Measured {
  readonly blocks: NegativeStatistics;
  readonly whole?: NegativeStatistics;
  readonly sweep?: Sweep;
  readonly gallery: readonly DifferentAnchor[];
}

/**
 * Statistics in blocks, then a sweep and the whole set, then the anchors that the first two arms disagree about.
 * @param onDone called with all that is known whenever a part of it is new
 */
export async function measureNegatives(
  arms: readonly NegativesArm[],
  classes: Int32Array,
  { whole: isWhole, blockSize, depth, seed, signal }: MeasureOptions,
  onDone: (measured: Measured) => void,
): Promise<void> {
  const rng = new Rng(seed).split('negatives');
  const options = { blockSize, depth, signal };
  const blocks = await reported('negatives in blocks', (onProgress) =>
    negativeStatistics(arms, classes, rng.split('blocks'), { ...options, onProgress }),
  );
  const galleryOf = (statistics: NegativeStatistics) =>
    mostDifferent(statistics, arms, classes, [0, Math.min(1, arms.length - 1)]);
  let measured: Measured = { blocks, gallery: galleryOf(blocks) };
  onDone(measured);
  const swept =
    arms.find(({ space }) => canSweep(space) && 'curvature' in space) ??
    arms.find((arm) => canSweep(arm.space));
  const sweep = swept && (await sweepOf(swept, classes, rng.split('sweep'), { blockSize, signal }));
  if (sweep) {
    measured = { ...measured, sweep };
    onDone(measured);
  }
  if (!isWhole) return;
  const matchedTemperatures = blocks.summary.arms.map(({ matched }) => matched.temperature);
  const whole = await reported('negatives of all items', (onProgress) =>
    negativeStatistics(arms, classes, rng.split('whole'), {
      ...options,
      ...{ scope: 'whole', matchedTemperatures, onProgress },
    }),
  );
  onDone({ ...measured, whole, gallery: galleryOf(whole) });
}

async function sweepOf(
  arm: NegativesArm,
  classes: Int32Array,
  rng: Rng,
  options: { readonly blockSize: number; readonly signal: AbortSignal },
): Promise<Sweep | undefined> {
  const every = Int32Array.from(classes, (_, i) => i);
  const rows = sampleOf(every, classes, SWEPT, rng.split('sample'));
  const sample = { ...arm, matrix: takeRows(arm.matrix, rows) };
  const labels = rows.map((row) => classes[row]);
  try {
    const points = await reported('curvatures', (onProgress) =>
      curvatureSweep(sample, labels, rng.split('intervals'), undefined, { ...options, onProgress }),
    );
    return { arm: arm.name, items: rows.length, points };
  } catch (error) {
    // A point at the origin has no direction, which is no fault of the embedding.
    if (!(error instanceof DomainError)) throw error;
    noteLine(`no other curvatures: ${error.message}`);
    return undefined;
  }
}

async function reported<T>(
  title: string,
  work: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const progress = new Progress(title);
  const start = performance.now();
  let shown = false;
  const result = await work((done, total) => {
    if (performance.now() - start < SILENT) return;
    shown = true;
    progress.update(done, total, 'items');
  });
  if (shown) progress.finish('done');
  return result;
}
