import { type Context, type Row, rowOf } from '../experiment.js';
import { type Asked, asked, type Together, together } from './ensembles.js';
import { fileName, METRICS, type Results } from './rows.js';
import type { Settings } from './settings.js';
import type { Task } from './task.js';

/** Two models of unlike seeds asked together, and both heads of one model. */
export async function togetherRows(
  { scale, seed, slice }: Context,
  settings: Settings,
  tasks: ReadonlyMap<string, Task>,
  results: Results,
): Promise<Row[]> {
  const { arms } = settings;
  const { together: pairs, headsTogether, seeds } = settings[scale];
  const ask = (key: string, task: Task, pair: () => readonly [Asked, Asked]) =>
    slice(key, () => together(pair(), { validation: task.validation.labels, test: task.test.labels }, seed));
  const rows: Row[] = [];
  for (const [a, b] of seeds > 1 ? pairs : []) {
    const found: Together[] = [];
    for (const [split, task] of tasks) {
      const ofSplit = results.get(split)!;
      for (let s = 0; s < seeds; s++) {
        const key = `${split}-${fileName(`${a}-with-${b}`)}-${seed + s}`;
        const other = (s + 1) % seeds;
        found.push(
          await ask(key, task, () => [
            asked(ofSplit.get(a)![s], arms[a].score),
            asked(ofSplit.get(b)![other], arms[b].score),
          ]),
        );
      }
    }
    rows.push(...rowsOf(`${a} + ${b}, other seed`, found));
  }
  for (const name of headsTogether) {
    const found: Together[] = [];
    for (const [split, task] of tasks) {
      for (const [s, measured] of results.get(split)!.get(name)!.entries()) {
        const key = `${split}-${fileName(`heads-of-${name}`)}-${seed + s}`;
        found.push(await ask(key, task, () => [asked(measured, 'euclidean'), asked(measured, 'poincare')]));
      }
    }
    rows.push(...rowsOf(`both heads of ${name}`, found));
  }
  return rows;
}

function rowsOf(arm: string, found: readonly Together[]): Row[] {
  const rows = METRICS.flatMap((metric) => {
    const members = found.map(({ members: of }) => of.map((scores) => scores[metric]));
    const row = (name: string, values: number[]) => rowOf(arm, `${name} ${metric}`, values);
    const own = (way: 'scaled' | 'learned' | 'ranks') => found.map((one) => one[way][metric]);
    return [
      row(
        'mean of members',
        members.map(([a, b]) => (a + b) / 2),
      ),
      row(
        'better member',
        members.map(([a, b]) => Math.max(a, b)),
      ),
      row('scaled', own('scaled')),
      row('learned', own('learned')),
      row('rank fusion', own('ranks')),
      row(
        'scaled - mean of members',
        own('scaled').map((value, i) => value - (members[i][0] + members[i][1]) / 2),
      ),
      row(
        'scaled - better member',
        own('scaled').map((value, i) => value - Math.max(...members[i])),
      ),
      row(
        'learned - scaled',
        own('learned').map((value, i) => value - own('scaled')[i]),
      ),
    ];
  });
  return [
    ...rows,
    rowOf(
      arm,
      "learned weight's first share",
      found.map(({ firstShare }) => firstShare),
    ),
  ];
}
