import { type Context, type Row, rowOf } from '../experiment.js';
import { type Measured, measure } from './measure.js';
import { fileName } from './rows.js';
import { modelConfig, type Settings, type Trials } from './settings.js';
import { trialTask } from './task.js';

/** MAP@R of other temperatures, on drawings of training digits that did not train. */
export async function trialRows(
  { scale, seed, slice }: Context,
  settings: Settings,
  { digits, seeds, temperatures }: Trials,
): Promise<Row[]> {
  const { steps, splits } = settings[scale];
  const task = trialTask(settings.splits[splits[0]], settings.perDigit, digits, seed);
  const { blockSize } = settings;
  const rows: Row[] = [];
  for (const [name, tried] of Object.entries(temperatures)) {
    for (const t of tried) {
      const arm = settings.arms[name];
      const changed = { ...arm, loss: { ...arm.loss, temperature: { euclidean: t, poincare: t } } };
      const found: Measured[] = [];
      for (let s = seed; s < seed + seeds; s++) {
        const config = modelConfig(settings, changed, { seed: s, steps, classes: digits });
        const key = `trial-${fileName(name)}-${t}-${s}`;
        found.push(await slice(key, () => measure(config, arm, task, { blockSize, keep: false })));
      }
      const values = found.map(({ scores }) => scores[arm.score]!.mapAtR);
      rows.push(rowOf(`trial: ${name}, t ${t}`, 'mapAtR', values));
    }
  }
  return rows;
}
