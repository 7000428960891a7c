import { bootstrapMeans, hasFurniture, MissingError, Rng } from '../../src/index.js';
import type { Context, Row } from '../experiment.js';
import { type Features, type Measured, measure, type Work } from './measure.js';
import type { Ranked } from './retrieval.js';
import type { Settings } from './settings.js';
import { taskOf } from './task.js';
import { loadViews } from './views.js';

/** Whether heads are trained on them. */
const FEATURES: Readonly<Record<Features, boolean>> = {
  'raw coefficients': false,
  'power spectrum': true,
  'H-AE': true,
  'H-AE and power spectrum': true,
};

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  if (!hasFurniture()) {
    throw new MissingError('furniture: skipped, the models are not here; run: npm run fetch -- furniture');
  }
  const settings = config as Settings;
  const size = settings[scale];
  const views = loadViews(settings);
  const work: Work = { views, task: taskOf(views.words, settings), settings, size, codes: new Map() };
  const found = new Map<string, Measured[]>();
  for (const [features, withHeads] of Object.entries(FEATURES) as [Features, boolean][]) {
    const seeds: Measured[] = [];
    // Nothing is drawn for the raw coefficients.
    const count = withHeads ? size.seeds : 1;
    for (let s = seed; s < seed + count; s++) {
      const key = `${features.replace(/\W+/g, '-')}-${s}`;
      seeds.push(await slice(key, () => measure(features, withHeads, work, s)));
    }
    found.set(features, seeds);
  }
  const rows = [...found].flatMap(([features, seeds]) => rowsOf(features, seeds, settings));
  return [...rows, ...gainRows(found)];
}

const METRICS = { mAP: 'precisions', recallAt1: 'hits' } as const;

function rowsOf(features: string, seeds: readonly Measured[], { labels }: Settings): Row[] {
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

/** Model by model: codes against the floor, each by its better distance without labels, and with the heads' ensemble. */
function gainRows(found: ReadonlyMap<string, readonly Measured[]>): Row[] {
  const floor = found.get('power spectrum')!;
  return (['H-AE', 'H-AE and power spectrum'] as const).flatMap((features) => {
    const codes = found.get(features)!;
    return (['unlearned distance', 'heads, ensemble'] as const).flatMap((way) =>
      Object.entries(METRICS).map(([metric, key]) => {
        const of = (measured: Measured) => rankedBy(measured, way)[key];
        const gain = codes.map((one, s) => of(one).map((value, i) => value - of(floor[s])[i]));
        return row(`${features} minus power spectrum: ${way}`, metric, gain);
      }),
    );
  });
}

function rankedBy({ retrieval }: Measured, way: 'unlearned distance' | 'heads, ensemble'): Ranked {
  if (way === 'heads, ensemble') return retrieval[way];
  const [euclid, cosine] = [retrieval['Euclid'], retrieval['cosine']];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return mean(euclid.precisions) >= mean(cosine.precisions) ? euclid : cosine;
}

/** Mean over seeds and scored models; the interval draws models anew. */
function row(arm: string, metric: string, seeds: readonly (readonly number[])[]): Row {
  const each = seeds[0].map((_, i) => seeds.reduce((sum, values) => sum + values[i], 0) / seeds.length);
  const [[low, high]] = bootstrapMeans([each], new Rng(1).split(metric));
  return { arm, metric, mean: each.reduce((a, b) => a + b, 0) / each.length, low, high, n: seeds.length };
}
