import { bootstrapMeans, Rng } from '../../src/index.js';
import { type Row, rowOf } from '../experiment.js';
import type { Measured, Weights } from './measure.js';
import type { Score, Settings } from './settings.js';

/** Measured, by split, arm and seed. */
export type Results = ReadonlyMap<string, ReadonlyMap<string, readonly Measured[]>>;

export const METRICS = ['recallAt1', 'mapAtR'] as const;
const SCORE_NAMES: Readonly<Record<Score, string>> = {
  euclidean: 'Euclidean',
  poincare: 'hyperbolic',
  mixed: 'mixed',
};

/** For names of files. */
export function fileName(arm: string): string {
  return arm.replace(/[^\w.-]+/g, '_');
}

/** The arm under its own score, then its other scores and the negatives of all. */
export function measuredRows(arm: string, score: Score, seeds: readonly Measured[]): Row[] {
  const of = (metric: string, value: (measured: Measured) => number) => rowOf(arm, metric, seeds.map(value));
  const rows = METRICS.map((metric) => of(metric, ({ scores }) => scores[score]![metric]));
  const { scores, headsDiffer, radius } = seeds[0];
  const names = Object.keys(scores) as Score[];
  for (const name of names.filter((other) => other !== score)) {
    for (const metric of METRICS) {
      rows.push(of(`${SCORE_NAMES[name]} ${metric}`, (measured) => measured.scores[name]![metric]));
    }
  }
  for (const name of names) {
    for (const key of ['mass', 'largest', 'effective', 'matchedMass', 'matchedLargest'] as const) {
      const value = ({ negatives }: Measured): number => (negatives[name] as Weights)[key];
      rows.push(of(`${SCORE_NAMES[name]} ${key}`, value));
    }
  }
  if (headsDiffer !== null) rows.push(of('hardest differs between heads', (m) => m.headsDiffer!));
  if (radius !== null) {
    rows.push(of('radius', (m) => m.radius!.mean));
    rows.push(of('radius sd / mean', (m) => m.radius!.relative));
  }
  return rows;
}

/**
 * Each arm less the baseline of the same split and seed: the mean with an interval over splits and seeds, and of recall
 * at 1 one over test drawings too, the seeds averaged.
 */
export function differenceRows(
  results: Results,
  { arms, baseline, resamples }: Settings,
  seed: number,
): Row[] {
  const names = [...(results.values().next().value?.keys() ?? [])];
  const rows: Row[] = [];
  for (const name of names) {
    const pairs = [...results.values()].flatMap((ofSplit) =>
      ofSplit.get(name)!.map((measured, s) => [measured, ofSplit.get(baseline)![s]] as const),
    );
    for (const metric of METRICS) {
      const own = pairs.map(([measured]) => measured.scores[arms[name].score]![metric]);
      rows.push(rowOf(`all splits: ${name}`, metric, own));
      if (name === baseline) continue;
      const base = pairs.map(([, measured]) => measured.scores[arms[baseline].score]![metric]);
      const less = own.map((value, at) => value - base[at]);
      rows.push(rowOf(`${name} - ${baseline}`, metric, less));
    }
    if (name !== baseline) rows.push(overDrawings(results, name, baseline, resamples, seed));
  }
  return rows;
}

function overDrawings(
  results: Results,
  name: string,
  baseline: string,
  resamples: number,
  seed: number,
): Row {
  const differences = [...results.values()].flatMap((ofSplit) => {
    const [own, base] = [name, baseline].map((arm) => meanHits(ofSplit.get(arm)!));
    return own.map((value, i) => value - base[i]);
  });
  const [[low, high]] = bootstrapMeans([differences], new Rng(seed).split('drawings'), { resamples });
  const mean = differences.reduce((a, b) => a + b, 0) / differences.length;
  const arm = `${name} - ${baseline}`;
  return { arm, metric: 'recallAt1 over drawings', mean, low, high, n: differences.length };
}

/** Of each test drawing: the share of seeds that find its digit first. */
function meanHits(seeds: readonly Measured[]): number[] {
  return Array.from(seeds[0].hits, (_, i) => mean(seeds.map(({ hits }) => Number(hits[i]))));
}

/** Share of test drawings whose hardest negative differs, of two arms under the same seed and under another. */
export function hardestRows(results: Results, pairs: readonly (readonly [string, string])[]): Row[] {
  return pairs.flatMap(([a, b]) => {
    const shares = (shift: number) =>
      [...results.values()].flatMap((ofSplit) => {
        const [own, others] = [ofSplit.get(a)!, ofSplit.get(b)!];
        if (shift % own.length === 0 && shift > 0) return [];
        return own.map(({ hardest }, s) => {
          const other = others[(s + shift) % others.length].hardest;
          return mean(hardest.map((row, i) => (row === other[i] ? 0 : 1)));
        });
      });
    const row = (metric: string, values: number[]) =>
      values.length > 0 ? [rowOf(`${a} | ${b}`, metric, values)] : [];
    const same = a === b ? [] : row('hardest differs, same seed', shares(0));
    return [...same, ...row('hardest differs, other seed', shares(1))];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
