import { join } from 'node:path';
import { bootstrapMeans, hasFurniture, MissingError, Rng } from '../../src/index.js';
import type { Context, Row } from '../experiment.js';
import { type Features, type Measured, measure, type Work } from './measure.js';
import type { Settings } from './settings.js';
import { modelsWhere, type Task, taskOf } from './task.js';
import { loadViews } from './views.js';

/** Whether heads are trained on them. */
const FEATURES: Readonly<Record<Features, boolean>> = {
  'raw coefficients': false,
  'power spectrum': true,
  'untrained invariants': true,
  'H-AE': true,
  'H-AE invariants': true,
  'H-AE and power spectrum': true,
};

export async function run({ scale, seed, config, slice, out }: Context): Promise<Row[]> {
  if (!hasFurniture()) {
    throw new MissingError('furniture: skipped, the models are not here; run: npm run fetch -- furniture');
  }
  const settings = config as Settings;
  const size = settings[scale];
  const views = loadViews(settings);
  const base: Work = { views, task: taskOf(views.words, settings), settings, size, encoded: new Map() };
  const found = new Map<string, Measured[]>();
  for (const [features, withHeads] of Object.entries(FEATURES) as [Features, boolean][]) {
    const seeds: Measured[] = [];
    // Nothing is drawn for the raw coefficients.
    const count = withHeads ? size.seeds : 1;
    for (let s = seed; s < seed + count; s++) {
      const work: Work = out ? { ...base, figure: join(out, `reconstructions-${scale}-${s}.png`) } : base;
      const key = `${features.replace(/\W+/g, '-')}-${s}`;
      seeds.push(await slice(key, () => measure(features, withHeads, work, s)));
    }
    found.set(features, seeds);
  }
  const row = rowBy(wordsOfScored(base.task, settings));
  const rows = [...found].flatMap(([features, seeds]) => rowsOf(features, seeds, settings, row));
  return [...rows, ...gainRows(found, row)];
}

const METRICS = { mAP: 'precisions', recallAt1: 'hits' } as const;

function rowsOf(features: string, seeds: readonly Measured[], { labels }: Settings, row: ToRow): Row[] {
  const ways = Object.keys(seeds[0].retrieval).flatMap((way) =>
    Object.entries(METRICS).map(([metric, key]) =>
      row(
        `${features}: ${way}`,
        metric,
        seeds.map(({ retrieval }) => retrieval[way][key]),
      ),
    ),
  );
  const curve = labels.map((count, k) =>
    row(
      features,
      `${count} labels`,
      seeds.map(({ curve }) => curve[k]),
    ),
  );
  return [...ways, ...curve];
}

const GAINS: readonly (readonly [Features, Features])[] = [
  ['H-AE', 'power spectrum'],
  ['H-AE invariants', 'power spectrum'],
  ['H-AE and power spectrum', 'power spectrum'],
  ['untrained invariants', 'power spectrum'],
  ['H-AE invariants', 'untrained invariants'],
];

/** Model by model: one description against another, without labels and with the heads' ensemble. */
function gainRows(found: ReadonlyMap<string, readonly Measured[]>, row: ToRow): Row[] {
  return GAINS.flatMap(([features, floor]) =>
    (['unlearned distance', 'heads, ensemble'] as const).flatMap((way) =>
      Object.entries(METRICS).map(([metric, key]) => {
        const of = (measured: Measured) => measured.retrieval[way][key];
        const below = found.get(floor)!.map(of);
        const gain = found.get(features)!.map((one, s) => of(one).map((value, i) => value - below[s][i]));
        return row(`${features} minus ${floor}: ${way}`, metric, gain);
      }),
    ),
  );
}

type ToRow = (arm: string, metric: string, seeds: readonly (readonly number[])[]) => Row;

/** Mean over seeds and scored models; the interval draws words anew, as models of a word resemble each other. */
const rowBy =
  (clusters: readonly number[]): ToRow =>
  (arm, metric, seeds) => {
    const each = seeds[0].map((_, i) => seeds.reduce((sum, values) => sum + values[i], 0) / seeds.length);
    const [[low, high]] = bootstrapMeans([each], new Rng(1).split(metric), { clusters });
    return { arm, metric, mean: each.reduce((a, b) => a + b, 0) / each.length, low, high, n: seeds.length };
  };

/** In the order of the scores. */
const wordsOfScored = ({ fold, word }: Task, { folds }: Settings): number[] =>
  Array.from({ length: folds }, (_, f) => modelsWhere(fold, (of) => of === f))
    .flat()
    .map((model) => word[model]);
