import { bootstrapMeans, hasFurniture, MissingError, Rng } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { type Measured, measure } from './measure.js';
import { loadModels, taskOf } from './models.js';
import type { Settings } from './settings.js';

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  if (!hasFurniture()) {
    throw new MissingError('clouds: skipped, the furniture is not here; run: npm run fetch -- furniture');
  }
  const settings = config as Settings;
  const size = settings[scale];
  const models = loadModels(settings.dense);
  const work = { models, task: taskOf(models, settings), settings, size };
  const rng = new Rng(seed).split('intervals');
  const rows: Row[] = [];
  for (const [name, arm] of Object.entries(size.arms)) {
    const repetitions: Measured[] = [];
    for (let s = seed; s < seed + size.seeds; s++) {
      const key = `${name.replace(/\W+/g, '-')}-${s}`;
      repetitions.push(await slice(key, () => measure(name, arm, work, s)));
    }
    rows.push(...rowsOf(name, repetitions, rng.split(name)));
  }
  return rows;
}

/** Queries are drawn for the intervals, each with all its seeds: they are the same models for every seed. */
function rowsOf(arm: string, repetitions: readonly Measured[], rng: Rng): Row[] {
  const rows = (['word', 'category'] as const).flatMap((kind) => {
    const metrics = { recallAt1: 'hits', meanAveragePrecision: 'precisions' } as const;
    const columns = Object.values(metrics).map((values) => meanOver(repetitions.map((r) => r[kind][values])));
    const intervals = bootstrapMeans(columns, rng.split(kind));
    return Object.keys(metrics).map((metric, m) => {
      const mean = columns[m].reduce((a, b) => a + b, 0) / columns[m].length;
      const [low, high] = intervals[m];
      return { arm, metric: `${kind} ${metric}`, mean, low, high, n: repetitions.length };
    });
  });
  return [
    ...rows,
    rowOf(
      arm,
      'poseChange',
      repetitions.map((r) => r.poseChange),
    ),
  ];
}

/** Of each query over the seeds. */
function meanOver(values: readonly (readonly number[])[]): number[] {
  return values[0].map((_, q) => values.reduce((sum, of) => sum + of[q], 0) / values.length);
}
