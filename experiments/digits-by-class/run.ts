import { type Context, type Row, rowOf } from '../experiment.js';
import { pixelFloor, ringSpectra } from './floors.js';
import { type Measured, measure, retrieval } from './measure.js';
import {
  differenceRows,
  fileName,
  hardestRows,
  METRICS,
  measuredRows,
  overallRows,
  type Results,
} from './rows.js';
import { atTemperatures, modelConfig, type Settings } from './settings.js';
import { type Task, taskOf } from './task.js';
import { togetherRows } from './togetherRows.js';
import { bestTemperatures, type Tried, trialRows, trialsOf } from './trials.js';

export async function run(context: Context): Promise<Row[]> {
  const settings = context.config as Settings;
  const size = settings[context.scale];
  const tasks = new Map(
    size.splits.map((name) => [name, taskOf(settings.splits[name], settings.perDigit, context.seed)]),
  );
  const rows: Row[] = [];
  const tried = new Map<string, Tried>();
  for (const split of size.trials ? size.splits : []) {
    tried.set(split, await trialsOf(context, settings, size.trials!, split));
  }
  rows.push(...trialRows(tried));
  for (const [split, task] of tasks) rows.push(...(await floorRows(context, split, task)));
  const results = await trainAll(context, settings, tasks, tried);
  for (const [split, arms] of results) {
    for (const [name, seeds] of arms) {
      rows.push(...measuredRows(`${split}: ${name}`, settings.arms[name].score, seeds));
    }
  }
  if (results.size > 1) rows.push(...overallRows(results, settings));
  rows.push(...differenceRows(results, size.less, settings, context.seed));
  rows.push(...hardestRows(results, size.differ));
  return [...rows, ...(await togetherRows(context, settings, tasks, results))];
}

async function trainAll(
  { scale, seed, slice }: Context,
  settings: Settings,
  tasks: ReadonlyMap<string, Task>,
  tried: ReadonlyMap<string, Tried>,
): Promise<Results> {
  const { arms, seeds, steps, together, headsTogether } = settings[scale];
  const askedLater = new Set([...together.flat(), ...headsTogether]);
  const results = new Map<string, Map<string, Measured[]>>();
  for (const [split, task] of tasks) {
    const ofSplit = new Map<string, Measured[]>(arms.map((name) => [name, []]));
    const classes = settings.splits[split].train.length;
    const best = bestTemperatures(tried.get(split) ?? new Map());
    for (let s = seed; s < seed + seeds; s++) {
      for (const name of arms) {
        const arm = atTemperatures(settings.arms[name], best);
        const config = modelConfig(settings, arm, { seed: s, steps, classes });
        const options = { blockSize: settings.blockSize, keep: askedLater.has(name) };
        const key = `${split}-${fileName(name)}-${s}`;
        ofSplit.get(name)!.push(await slice(key, () => measure(config, arm, task, options)));
      }
    }
    results.set(split, ofSplit);
  }
  return results;
}

async function floorRows({ slice }: Context, split: string, { test }: Task): Promise<Row[]> {
  const pixels = test.pixels.length / test.labels.length;
  const floors = {
    'turned pixels': () => pixelFloor(test.pixels, pixels),
    'ring spectra': () => ringSpectra(test.pixels, Math.sqrt(pixels)),
  };
  const rows: Row[] = [];
  for (const [name, floor] of Object.entries(floors)) {
    const scores = await slice(
      `${split}-${fileName(name)}`,
      async () => (await retrieval(floor(), test.labels)).scores,
    );
    for (const metric of METRICS) rows.push(rowOf(`${split}: ${name}`, metric, [scores[metric]]));
  }
  return rows;
}
