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

/** Each arm's mean over splits and seeds. */
export function overallRows(results: Results, { arms }: Settings): Row[] {
  const [names] = [...results.values()].map((ofSplit) => [...ofSplit.keys()]);
  return names.flatMap((name) =>
    METRICS.map((metric) => {
      const all = [...results.values()].flatMap((ofSplit) => ofSplit.get(name)!);
      const values = all.map(({ scores }) => scores[arms[name].score]![metric]);
      return rowOf(`all splits: ${name}`, metric, values);
    }),
  );
}

/**
 * One arm less another of the same split and seed: with an interval over splits and seeds, and bootstrap intervals over
 * test drawings (recall at 1) and over digits, the seeds averaged.
 */
export function differenceRows(
  results: Results,
  pairs: readonly (readonly [string, string])[],
  { arms, resamples }: Settings,
  seed: number,
): Row[] {
  const rng = new Rng(seed);
  return pairs.flatMap(([a, b]) => {
    const arm = `${a} - ${b}`;
    const trained = [...results.values()].map((ofSplit) => [ofSplit.get(a)!, ofSplit.get(b)!] as const);
    const rows = METRICS.map((metric) => {
      const values = trained.flatMap(([own, others]) =>
        own.map(({ scores }, s) => scores[arms[a].score]![metric] - others[s].scores[arms[b].score]![metric]),
      );
      return rowOf(arm, metric, values);
    });
    const hits = trained.flatMap(([own, others]) => {
      const base = meanHits(others);
      return meanHits(own).map((value, i) => value - base[i]);
    });
    const [[low, high]] = bootstrapMeans([hits], rng.split('drawings'), { resamples });
    rows.push({ arm, metric: 'recallAt1 over drawings', mean: mean(hits), low, high, n: hits.length });
    return [...rows, ...digitRows(arm, trained, { resamples, rng: rng.split('digits') })];
  });
}

/** Digits are drawn whole: one is asked for in several splits. */
function digitRows(
  arm: string,
  trained: readonly (readonly [readonly Measured[], readonly Measured[]])[],
  { resamples, rng }: { readonly resamples: number; readonly rng: Rng },
): Row[] {
  const clusters = trained.flatMap(([own]) => own[0].digits.map(({ label }) => label));
  const columns = METRICS.map((metric) =>
    trained.flatMap(([own, others]) =>
      own[0].digits.map((_, d) => {
        const of = (seeds: readonly Measured[]) => mean(seeds.map(({ digits }) => digits[d][metric]));
        return of(own) - of(others);
      }),
    ),
  );
  const intervals = bootstrapMeans(columns, rng, { resamples, clusters });
  return METRICS.map((metric, m) => {
    const [low, high] = intervals[m];
    const n = new Set(clusters).size;
    return { arm, metric: `${metric} over digits`, mean: mean(columns[m]), low, high, n };
  });
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
