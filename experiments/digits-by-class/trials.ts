import { type Context, type Row, rowOf } from '../experiment.js';
import { measure } from './measure.js';
import { fileName } from './rows.js';
import { type Arm, modelConfig, type Settings, type Trials } from './settings.js';
import { trialTask } from './task.js';

/** MAP@R of every fold, by arm and temperature. */
export type Tried = ReadonlyMap<string, ReadonlyMap<number, readonly number[]>>;

/** Asks drawings of training digits that did not train. */
export async function trialsOf(
  { scale, seed, slice }: Context,
  settings: Settings,
  { digits, folds, temperatures }: Trials,
  split: string,
): Promise<Tried> {
  const { steps } = settings[scale];
  const { blockSize, perDigit, splits } = settings;
  const tasks = Array.from({ length: folds }, (_, fold) =>
    trialTask(splits[split], perDigit, { digits, fold }, seed),
  );
  const found = new Map<string, Map<number, number[]>>();
  for (const [name, tried] of Object.entries(temperatures)) {
    const ofArm = new Map<number, number[]>();
    for (const t of tried) {
      const arm = withTemperature(settings.arms[name], t);
      const values: number[] = [];
      for (const [fold, task] of tasks.entries()) {
        const config = modelConfig(settings, arm, { seed: seed + fold, steps, classes: digits });
        const key = `${split}-trial-${fileName(name)}-${t}-${seed + fold}`;
        const { scores } = await slice(key, () => measure(config, arm, task, { blockSize, keep: false }));
        values.push(scores[arm.score]!.mapAtR);
      }
      ofArm.set(t, values);
    }
    found.set(name, ofArm);
  }
  return found;
}

/** Of each arm tried, the temperature of the highest mean. */
export function bestTemperatures(tried: Tried): Map<string, number> {
  return new Map(
    [...tried].map(([name, ofArm]) => {
      const means = [...ofArm].map(([t, values]) => [t, values.reduce((a, b) => a + b, 0)] as const);
      return [name, means.reduce((best, other) => (other[1] > best[1] ? other : best))[0]];
    }),
  );
}

/** Each temperature over all splits, and the best of each split. */
export function trialRows(bySplit: ReadonlyMap<string, Tried>): Row[] {
  const rows: Row[] = [];
  const [first] = bySplit.values();
  for (const [name, ofArm] of first ?? []) {
    for (const t of ofArm.keys()) {
      const values = [...bySplit.values()].flatMap((tried) => tried.get(name)!.get(t)!);
      rows.push(rowOf(`trial: ${name}, t ${t}`, 'mapAtR', values));
    }
  }
  for (const [split, tried] of bySplit) {
    for (const [name, t] of bestTemperatures(tried)) {
      rows.push(rowOf(`${split}: trial: ${name}`, 'best temperature', [t]));
    }
  }
  return rows;
}

function withTemperature(arm: Arm, t: number): Arm {
  return { ...arm, loss: { ...arm.loss, temperature: { euclidean: t, poincare: t } } };
}
