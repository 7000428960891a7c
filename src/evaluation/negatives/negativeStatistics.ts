import { requireInteger, requireLength, requirePositive } from '../../core/checks.js';
import type { Rng } from '../../core/rng.js';
import { type BootstrapOptions, requireShare } from '../bootstrap.js';
import { type NegativesArm, numberedClasses, refuseNoAnchors, requireArms } from './arms.js';
import { blocksOf, mostNegatives, scanBlocks, spreadsOf } from './blockScan.js';
import type { ArmValues, NegativeStatistics, NegativesSummary } from './records.js';
import type { ArmScan, Scan, ScanPlan, WeightScan } from './scan.js';
import { largestOf, summarize } from './summarize.js';
import { scanWhole } from './wholeScan.js';

export interface NegativeStatisticsOptions extends Pick<BootstrapOptions, 'resamples' | 'confidence'> {
  /** blocks (default): among the items of a block that stands for a training batch; whole: among all items. */
  readonly scope?: NegativesSummary['scope'];
  /** Items that compete in one softmax, as in a training batch; p(x-) grows with it. Default 256. */
  readonly blockSize?: number;
  /** Hardest negatives of an anchor that are followed; fewer where there are fewer. Default 50. */
  readonly depth?: number;
  /** Position of the arm whose spread of logits the others are brought to. Default 0. */
  readonly reference?: number;
  /** Share of an anchor's positives within whose distance a negative looks like one: FalseNegativeSummary. Default 0.5. */
  readonly quantile?: number;
  /** One an arm, in the place of those found: for instance those of another scope. */
  readonly matchedTemperatures?: readonly number[];
  /** Positions of the arms to compare. Default: each with each that follows. */
  readonly pairs?: readonly (readonly [number, number])[];
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then: items looked at, of all that will be. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * p(x-) of any number of arms on the same items, and how their hard negatives differ. An anchor is an item with another of
 * its class and one of another class in scope; its negatives are all items of other classes there. With logits
 * s = -d/τ, p_j = exp(s_j) / (exp(s_+) + Σ_k exp(s_k)), the mean over the anchor's positives. Since p depends on the
 * temperature more than on the space, every arm is also given at the temperature where the spread of its logits is that
 * of the reference; both spreads are those in blocks, and the arm's own temperature serves where one of them is 0.
 * Blocks are float64 throughout; over the whole set distances may be rounded to float32 (see scanWhole), only the
 * hardest negatives are put in order, and time grows with the square of the items. Intervals draw classes, with all
 * their anchors.
 * @param labels one a row @param rng draws the bootstrap samples
 * @throws as requireArms; DomainError for one class and where no anchor remains; UsageError for options out of range
 * @source Yue et al. 2024 (HypMix), WACV, for p(x-) and the hardest negative in both geometries
 */
export async function negativeStatistics(
  arms: readonly NegativesArm[],
  labels: ArrayLike<number>,
  rng: Rng,
  options: NegativeStatisticsOptions = {},
): Promise<NegativeStatistics> {
  const who = 'negativeStatistics';
  const { scope = 'blocks', blockSize = 256, depth = 50, quantile = 0.5, reference = 0 } = options;
  const { pairs = allPairs(arms.length), signal, onProgress, resamples, confidence } = options;
  requireArms(arms, labels.length, who);
  requireInteger(depth, 1, `${who} depth`);
  requireInteger(reference, 0, `${who} reference`, arms.length - 1);
  for (const arm of pairs.flat()) requireInteger(arm, 0, `${who} pairs`, arms.length - 1);
  requireShare(quantile, `${who} quantile`);
  requireTemperatures(options.matchedTemperatures, arms.length, who);
  const classes = numberedClasses(labels, who);
  const blocks = blocksOf(classes, blockSize);
  const ofBlocks = blocks.reduce((sum, block) => sum + block.rows.length, 0);
  const parts = scope === 'blocks' ? blocks.map((block) => block.classes) : [classes];
  const most = parts.reduce((largest, part) => Math.max(largest, mostNegatives(part)), 0);
  if (blocks.length === 0 || most === 0) refuseNoAnchors(who);

  const looksForSpreads = arms.length > 1 && !options.matchedTemperatures;
  const before = looksForSpreads ? ofBlocks : 0;
  const total = before + (scope === 'blocks' ? ofBlocks : classes.length);
  const run = (work: Generator<number, Scan>, done: number) =>
    breathing(work, signal, onProgress && ((now) => onProgress(done + now, total)));
  const own = arms.map(({ temperature }) => temperature);
  let matched = options.matchedTemperatures ?? own;
  if (looksForSpreads) {
    const plan = { temperatures: arms.map(() => []), depth: 1, quantile, pairs: [] };
    matched = matchedTo(own, spreadsOf(await run(scanBlocks(arms, blocks, plan, false), 0)), reference);
  }
  const plan: ScanPlan = {
    temperatures: own.map((t, a) => (matched[a] === t ? [t] : [t, matched[a]])),
    ...{ depth: Math.min(depth, most), quantile, pairs },
  };
  const work = scope === 'blocks' ? scanBlocks(arms, blocks, plan, true) : scanWhole(arms, classes, plan);
  const scan = await run(work, before);
  const clusters = Array.from(scan.anchors, (i) => classes[i]);
  const bootstrap = {
    clusters,
    ...(resamples !== undefined && { resamples }),
    ...(confidence !== undefined && { confidence }),
  };
  return {
    summary: {
      ...{ scope, items: classes.length, classes: new Set(classes).size, anchors: scan.anchors.length },
      negatives: scan.negatives.reduce((sum, count) => sum + count, 0) / scan.anchors.length,
      blockSize: scope === 'blocks' ? blockSize : null,
      ...{ depth: plan.depth, reference },
      ...summarize(scan, arms, classes.length, rng, bootstrap),
    },
    anchors: { rows: scan.anchors, arms: scan.arms.map(valuesOf) },
  };
}

function requireTemperatures(given: readonly number[] | undefined, arms: number, who: string): void {
  if (!given) return;
  requireLength(given.length, arms, `${who} matchedTemperatures`);
  for (const temperature of given) requirePositive(temperature, `${who} matchedTemperatures`);
}

function allPairs(arms: number): [number, number][] {
  return Array.from({ length: arms }, (_, a) =>
    Array.from({ length: arms - a - 1 }, (_, b): [number, number] => [a, a + b + 1]),
  ).flat();
}

/** Temperatures at which the logits of all arms spread as those of the reference do. */
function matchedTo(own: readonly number[], spreads: readonly number[], reference: number): number[] {
  const factor = own[reference] / spreads[reference];
  return own.map((t, a) =>
    a !== reference && spreads[a] > 0 && spreads[reference] > 0 ? spreads[a] * factor : t,
  );
}

function valuesOf({ nearest, distances, weights }: ArmScan): ArmValues {
  const of = (weight: WeightScan) => ({
    mass: weight.p,
    largest: largestOf(weight),
    effective: weight.entropyEffective,
  });
  return { nearest, distances, own: of(weights[0]), matched: of(weights[weights.length - 1]) };
}

/** Runs a generator to its end, giving way to the event loop after each step. */
async function breathing<T>(
  work: Generator<number, T>,
  signal: AbortSignal | undefined,
  onStep: ((done: number) => void) | undefined,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const step = work.next();
    if (step.done) return step.value;
    onStep?.(step.value);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
