import { join } from 'node:path';
import { bootstrapMeans, matrix, Rng, UsageError } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { type DigitTask, digitTask, type SphericalDigits } from './digits.js';
import { drawReconstructions } from './figure.js';
import { FLOORS, type Floor, floor } from './floors.js';
import { type Measured, measureArm } from './measure.js';
import { mean, type Probed } from './probes.js';
import type { Settings } from './settings.js';
import { trainArm } from './train.js';

/** Digits in the figure. */
const SHOWN = 6;

export async function run(context: Context): Promise<Row[]> {
  const { scale, seed, out, slice } = context;
  const settings = context.config as Settings;
  const size = settings[scale];
  const tasks = new Map<boolean, DigitTask>();
  // Projecting takes seconds to minutes: only where a slice is to be run.
  const taskOf = (turned: boolean): DigitTask => {
    const task = tasks.get(turned) ?? digitTask(settings, size, turned);
    tasks.set(turned, task);
    return task;
  };
  const rows: Row[] = [];
  for (const turned of [false, true]) {
    for (const kind of FLOORS) {
      const name = `${kind} ${turned ? 'R/R' : 'NR/R'}`;
      const found = await slice(`floor-${fileName(name)}`, () => floor(kind, taskOf(turned), settings));
      rows.push(...probeRows(name, [found]), ...curveRows(name, [found], settings));
    }
  }
  for (const name of chosenArms(size.arms)) {
    const arm = settings.arms[name];
    const seeds: Measured[] = [];
    for (let s = seed; s < seed + size.seeds; s++) {
      seeds.push(
        await slice(`${fileName(name)}-${s}`, async () => {
          const { train, test } = taskOf(arm.turned);
          const model = await trainArm(settings, size, arm, train.coefficients, s);
          try {
            if (out) {
              const file = join(out, `reconstructions-${scale}-${fileName(name)}-${s}.png`);
              await drawReconstructions(file, model, firstOf(test, SHOWN));
            }
            return await measureArm(model, { train, test }, settings, s);
          } finally {
            model.dispose();
          }
        }),
      );
    }
    rows.push(
      ...probeRows(name, seeds),
      ...reconstructionRows(name, seeds),
      ...curveRows(name, seeds, settings),
    );
  }
  return rows;
}

/** Arms of the environment SPHERICAL_ARMS, separated by commas: a machine may run some of them; else all. */
function chosenArms(all: readonly string[]): readonly string[] {
  const asked = process.env['SPHERICAL_ARMS']?.split(',');
  const unknown = asked?.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`SPHERICAL_ARMS: expected some of ${all.join(', ')}, got ${unknown}; correct it`);
  }
  return asked ?? all;
}

const fileName = (name: string): string => name.replace(/[^A-Za-z0-9]+/g, '-');

function firstOf({ coefficients, labels }: SphericalDigits, count: number): SphericalDigits {
  const { data, columns } = coefficients;
  return {
    coefficients: matrix(data.slice(0, count * columns), count, columns),
    labels: labels.slice(0, count),
  };
}

/** Means over test digits and seeds; the interval is that of drawing other test digits. */
function digitRow(arm: string, metric: string, seeds: readonly (readonly number[])[]): Row {
  const each = seeds[0].map((_, i) => mean(seeds.map((values) => values[i])));
  const [[low, high]] = bootstrapMeans([each], new Rng(1).split(metric));
  return { arm, metric, mean: mean(each), low, high, n: each.length };
}

function probeRows(arm: string, seeds: readonly Probed[]): Row[] {
  const clusters = ['purity', 'homogeneity', 'completeness', 'vMeasure'] as const;
  return [
    digitRow(
      arm,
      'logistic',
      seeds.map(({ logistic }) => logistic),
    ),
    digitRow(
      arm,
      'kNN5',
      seeds.map(({ neighbors }) => neighbors),
    ),
    ...clusters.map((metric) =>
      rowOf(
        arm,
        metric,
        seeds.map((values) => values[metric]),
      ),
    ),
  ];
}

function reconstructionRows(arm: string, seeds: readonly Measured[]): Row[] {
  const single = ['codeChange', 'frameChange', 'trainingSeconds'] as const;
  return [
    ...(['weightedCosine', 'cosine', 'error'] as const).map((metric) =>
      digitRow(
        arm,
        metric,
        seeds.map((values) => values[metric]),
      ),
    ),
    ...single.map((metric) =>
      rowOf(
        arm,
        metric,
        seeds.map((values) => values[metric]),
      ),
    ),
  ];
}

function curveRows(arm: string, seeds: readonly Pick<Floor, 'labelCurve'>[], { labels }: Settings): Row[] {
  return labels.sizes.map((size, k) =>
    rowOf(
      arm,
      `${size} labels`,
      seeds.map(({ labelCurve }) => labelCurve[k]),
    ),
  );
}
