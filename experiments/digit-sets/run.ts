import { bootstrapMeans, Rng } from '../../src/index.js';
import type { Context, Row } from '../experiment.js';
import { type Measured, measure } from './measure.js';
import { ARMS, type Arm, type Settings, sizeOf } from './models.js';

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  const settings = config as Settings;
  const { steps, seeds, test } = settings[scale];
  const of = new Map<Arm, Measured[]>();
  for (const arm of ARMS) {
    const repetitions: Measured[] = [];
    for (let s = seed; s < seed + seeds; s++) {
      repetitions.push(await slice(`${arm}-${s}`, () => measure(arm, settings, { seed: s, steps, test })));
    }
    of.set(arm, repetitions);
  }
  const rng = new Rng(seed).split('intervals');
  const rows = ARMS.flatMap((arm) => rowsOf(arm, of.get(arm) as Measured[], rng));
  return [...rows, ...ARMS.map((arm) => exact(arm, 'parameters', sizeOf(arm, settings)))];
}

const METRICS: Readonly<Record<string, (measured: Measured) => readonly number[]>> = {
  elementAccuracy: ({ elements }) => elements,
  setAccuracy: ({ elements }) => elements.map((share) => Number(share === 1)),
  contentAccuracy: ({ content }) => content,
  contentSetAccuracy: ({ content }) => content.map((share) => Number(share === 1)),
};

/** Means over all sets of all seeds; seeds are drawn first, then the sets of each: the interval holds both. */
function rowsOf(arm: string, repetitions: readonly Measured[], rng: Rng): Row[] {
  const metrics = Object.entries(METRICS);
  const columns = metrics.map(([, values]) => repetitions.flatMap(values));
  const clusters = repetitions.flatMap(({ elements }, s) => elements.map(() => s));
  const intervals = bootstrapMeans(columns, rng.split(arm), { clusters, within: true });
  return metrics.map(([metric], m) => {
    const mean = columns[m].reduce((a, b) => a + b, 0) / columns[m].length;
    const [low, high] = intervals[m];
    return { arm, metric, mean, low, high, n: repetitions.length };
  });
}

const exact = (arm: string, metric: string, value: number): Row => ({
  ...{ arm, metric, mean: value, low: value, high: value, n: 1 },
});
