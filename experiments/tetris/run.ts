import { join } from 'node:path';
import { bootstrapMeans, Rng, writeFileAtomic } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { noiseBound } from './bound.js';
import { codePicture } from './codePicture.js';
import { type Measured, measure } from './measure.js';
import type { Arm, Settings } from './models.js';

export async function run({ scale, seed, config, slice, out }: Context): Promise<Row[]> {
  const settings = config as Settings;
  const { steps, seeds, arms } = settings[scale];
  const rows: Row[] = [];
  const rng = new Rng(seed).split('intervals');
  for (const arm of arms) {
    const repetitions: Measured[] = [];
    for (let s = seed; s < seed + seeds; s++) {
      repetitions.push(await slice(`${nameOf(arm)}-${s}`, () => measure(arm, settings, { seed: s, steps })));
    }
    rows.push(...rowsOf(arm, repetitions, rng.split(arm)));
    if (out) writeFileAtomic(join(out, `codes-${scale}-${nameOf(arm)}.svg`), codePicture(repetitions[0]));
  }
  const { noise, codeDim } = settings;
  return [
    ...rows,
    ...inBothUnits(exact('bound', 'mse', noiseBound(noise, codeDim))),
    ...inBothUnits(exact('bound without a code', 'mse', noiseBound(noise, 0))),
  ];
}

/** Errors that tables of four decimals would round away. */
const UNIT = 1e-5;

function rowsOf(arm: string, repetitions: readonly Measured[], rng: Rng): Row[] {
  const columns = [
    repetitions.flatMap(({ squares }) => squares),
    repetitions.flatMap(({ absolutes }) => absolutes),
  ];
  const clusters = repetitions.flatMap(({ squares }, s) => squares.map(() => s));
  const intervals = bootstrapMeans(columns, rng, { clusters, within: true });
  const errors = ['mse', 'mae'].map((metric, m) => {
    const mean = columns[m].reduce((a, b) => a + b, 0) / columns[m].length;
    const [low, high] = intervals[m];
    return { arm, metric, mean, low, high, n: repetitions.length };
  });
  const [mse, mae] = errors;
  return [
    ...inBothUnits(mse),
    mae,
    rowOf(
      arm,
      'shapeAccuracy',
      repetitions.map((r) => r.shapeAccuracy),
    ),
    rowOf(
      arm,
      'codeChange',
      repetitions.map((r) => r.codeChange),
    ),
  ];
}

const inBothUnits = (row: Row): Row[] => [
  row,
  {
    ...row,
    metric: `${row.metric}, 1e-5`,
    mean: row.mean / UNIT,
    low: row.low / UNIT,
    high: row.high / UNIT,
  },
];

const exact = (arm: string, metric: string, value: number): Row => ({
  ...{ arm, metric, mean: value, low: value, high: value, n: 1 },
});

const nameOf = (arm: Arm): string => arm.replace(/\W+/g, '-');
