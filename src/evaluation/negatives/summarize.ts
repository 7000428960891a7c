import type { Rng } from '../../core/rng.js';
import { type BootstrapOptions, bootstrapRatios, type RatioOfSums } from '../bootstrap.js';
import type { NegativesArm } from './arms.js';
import { spreadsOf } from './blockScan.js';
import { overlapOf } from './overlap.js';
import { radiusSpreads } from './radii.js';
import type {
  ArmSummary,
  Estimate,
  EstimateAt,
  FalseNegativeSummary,
  PairSummary,
  WeightSummary,
} from './records.js';
import type { ArmScan, PairScan, Scan, WeightScan } from './scan.js';
import { columnMeans, columnOf, columnQuantiles, pOfHardest, sharesOfHardest } from './weights.js';

/** 1, 2, 5, 10, 20, 50, ... up to `depth`: the k that are given with intervals. */
export function marksUpTo(depth: number): number[] {
  const decades = Array.from({ length: 8 }, (_, e) => [1, 2, 5].map((mark) => mark * 10 ** e)).flat();
  return decades.filter((k) => k <= depth);
}

/** What is known when the bootstrap has been drawn. */
type Drawn<T> = () => T;

/** Columns of values an anchor, whose bootstrap samples are drawn once for all of them. */
class Columns {
  private readonly ratios: RatioOfSums[] = [];
  private intervals: readonly (readonly [number, number])[] = [];

  constructor(private readonly anchors: number) {}

  mean(over: ArrayLike<number>): Drawn<Estimate> {
    return this.ratio(over, new Uint8Array(this.anchors).fill(1));
  }

  ratio(over: ArrayLike<number>, by: ArrayLike<number>): Drawn<Estimate> {
    const column = this.ratios.push({ over, by }) - 1;
    let [above, below] = [0, 0];
    for (let i = 0; i < this.anchors; i++) {
      if (Number.isNaN(over[i]) || Number.isNaN(by[i])) continue;
      above += over[i];
      below += by[i];
    }
    return () => ({ mean: above / below, interval: this.intervals[column] });
  }

  /** One column a mark. */
  at(marks: readonly number[], column: (k: number, mark: number) => ArrayLike<number>): Drawn<EstimateAt[]> {
    const estimates = marks.map((k, mark) => this.mean(column(k, mark)));
    return () => marks.map((k, mark) => ({ k, ...estimates[mark]() }));
  }

  draw(rng: Rng, options: BootstrapOptions): void {
    this.intervals = bootstrapRatios(this.ratios, rng, options);
  }
}

/** Arms and pairs of a finished scan, with intervals. @param clusters one an anchor */
export function summarize(
  scan: Scan,
  arms: readonly NegativesArm[],
  items: number,
  rng: Rng,
  options: BootstrapOptions,
): { readonly arms: ArmSummary[]; readonly pairs: PairSummary[] } {
  const columns = new Columns(scan.anchors.length);
  const spreads = spreadsOf(scan);
  const drawnArms = scan.arms.map((arm, a) => armSummary(scan, arm, arms[a], spreads[a], columns));
  const drawnPairs = scan.pairs.map((pair, p) => pairSummary(scan, pair, p, items, columns));
  columns.draw(rng, options);
  return { arms: drawnArms.map((drawn) => drawn()), pairs: drawnPairs.map((drawn) => drawn()) };
}

function armSummary(
  scan: Scan,
  arm: ArmScan,
  { name, space, matrix }: NegativesArm,
  spread: number,
  columns: Columns,
): Drawn<ArmSummary> {
  const weights = arm.weights.map((at) => weightSummary(scan, arm, at, spread, columns));
  const falseNegatives = falseNegativeSummary(scan, arm, columns);
  const radii = radiusSpreads(space, matrix);
  return () => ({
    ...{ name, space, radii },
    own: weights[0](),
    matched: weights[weights.length - 1](),
    falseNegatives: falseNegatives(),
  });
}

function weightSummary(
  { plan: { depth } }: Scan,
  arm: ArmScan,
  weights: WeightScan,
  spread: number,
  columns: Columns,
): Drawn<WeightSummary> {
  const { temperature, p, entropyEffective } = weights;
  const byRank = pOfHardest(arm, weights, depth);
  const shares = sharesOfHardest(arm, weights, depth);
  const mass = columns.mean(p);
  const largest = columns.mean(largestOf(weights));
  const effective = columns.mean(entropyEffective);
  const gradientShareAt = columns.at(marksUpTo(depth), (k) => columnOf(shares, depth, k - 1));
  const curves = {
    pByRank: { mean: columnMeans(byRank, depth), quantiles: columnQuantiles(byRank, depth) },
    gradientShare: columnMeans(shares, depth),
  };
  return () => ({
    ...{ temperature, spread: spread / temperature },
    ...{ mass: mass(), largest: largest(), effective: effective() },
    ...curves,
    gradientShareAt: gradientShareAt(),
  });
}

/** Probability of each anchor's hardest negative. */
export function largestOf({ p, mass }: WeightScan): Float64Array {
  return p.map((value, slot) => value / mass[slot]);
}

function falseNegativeSummary(scan: Scan, arm: ArmScan, columns: Columns): Drawn<FalseNegativeSummary> {
  const { plan, negatives, expected } = scan;
  const marks = marksUpTo(plan.depth);
  // The hardest are the nearest, so those of the k hardest that count are the first of them.
  const shareOf = (counts: Int32Array, k: number) =>
    Float64Array.from(counts, (count, slot) => {
      const compared = Math.min(k, negatives[slot]);
      return Math.min(count, compared) / compared;
    });
  const within = marks.map((k) => shareOf(arm.within, k));
  const nearerAt = columns.at(marks, (k) => shareOf(arm.nearer, k));
  const withinAt = columns.at(marks, (_, mark) => within[mark]);
  const chance = columns.mean(expected);
  const bounds = within.map((share) => columns.ratio(share, expected));
  const ofAll = columns.ratio(shareOf(arm.within, Number.POSITIVE_INFINITY), expected);
  return () => ({
    quantile: plan.quantile,
    nearerAt: nearerAt(),
    withinAt: withinAt(),
    expected: chance().mean,
    boundAt: bounds.map((bound, mark) => ({ k: marks[mark], ...atMostOne(bound()) })),
    boundOfAll: atMostOne(ofAll()),
  });
}

/** A share that may be all of them, but no more. */
function atMostOne({ mean, interval: [low, high] }: Estimate): Estimate {
  return { mean: Math.min(1, mean), interval: [Math.min(1, low), Math.min(1, high)] };
}

function pairSummary(
  { plan, arms, ranked }: Scan,
  { spearman, inversion }: PairScan,
  pair: number,
  items: number,
  columns: Columns,
): Drawn<PairSummary> {
  const { depth } = plan;
  const [a, b] = plan.pairs[pair];
  const marks = marksUpTo(depth);
  const overlap = overlapOf(arms[a].nearest, arms[b].nearest, depth, items, marks);
  const overlapAt = columns.at(marks, (_, mark) => overlap.at[mark]);
  const hardestDiffer = columns.mean(overlap.at[0].map((share) => 1 - share));
  const correlation = ranked ? columns.mean(spearman) : undefined;
  return () => ({
    arms: [a, b],
    hardestDiffer: hardestDiffer(),
    overlap: overlap.mean,
    overlapAt: overlapAt(),
    spearman: correlation?.() ?? null,
    sameOrder: ranked ? inversion.filter((gap) => gap === 0).length / inversion.length : null,
    widestInversion: ranked ? inversion.reduce((widest, gap) => Math.max(widest, gap), 0) : null,
  });
}
