import { type Row, rowOf } from '../experiment.js';
import { fileName, type Items, itemsOf, type Model, modelOf, type Part, type Task } from './models.js';
import { findAll, type Similarities } from './ranks.js';
import { readingsOf, similaritiesOf } from './readings.js';
import { bestShare, reciprocalRanks, standardized, weighed } from './together.js';

/** Recall at 1 of two models and of what they say together. */
interface Asked {
  readonly first: number;
  readonly second: number;
  /** Sum of the similarities, each over its standard deviation. */
  readonly sum: number;
  readonly reciprocalRanks: number;
  /** The sum with the shares that validation chose. */
  readonly weighed: number;
  /** Where one of them at least is right: no way to put them together finds more. */
  readonly eitherRight: number;
}

/**
 * Two models of unlike seeds asked together: of one arm twice, which is the control, or of two. With one seed two arms are
 * of the same. Weights are chosen on validation classes, with models that did not train on those.
 */
export async function askTogether(
  task: Task,
  a: string,
  b: string,
  seeds: readonly number[],
  { classes }: Items,
): Promise<Row[]> {
  const pairs = seedPairs(seeds.length, a === b);
  // Of two models of one arm neither is the better one.
  const share =
    a === b
      ? 0.5
      : await task.slice(`share-${fileName(a)}-${fileName(b)}`, async () => {
          const first = await scoresOf(task, a, seeds[0], 'validation');
          const second = await scoresOf(task, b, seeds[pairs[0][1]], 'validation');
          return bestShare(first, second, itemsOf('validation', task.drawings).classes);
        });
  const asked: Asked[] = [];
  for (const [s, t] of pairs) {
    const key = `together-${fileName(a)}-${fileName(b)}-${seeds[s]}`;
    asked.push(
      await task.slice(key, async () => {
        const first = await scoresOf(task, a, seeds[s], 'test');
        const second = await scoresOf(task, b, seeds[t], 'test');
        return ask(first, second, share, classes);
      }),
    );
  }
  if (asked.length === 0) return [];
  const arm = `${a} + ${b}`;
  const row = (metric: string, of: (asked: Asked) => number) => rowOf(arm, metric, asked.map(of));
  return [
    row('recallAt1 of members', ({ first, second }) => (first + second) / 2),
    row('recallAt1 of sum', ({ sum }) => sum),
    row('recallAt1 of sum less better member', ({ first, second, sum }) => sum - Math.max(first, second)),
    row('recallAt1 of reciprocal ranks', (m) => m.reciprocalRanks),
    ...(a === b
      ? []
      : [row('recallAt1 of weighed sum', (m) => m.weighed), rowOf(arm, 'share of first', [share])]),
    row('either right', ({ eitherRight }) => eitherRight),
  ];
}

/**
 * Places of the seeds of two models, each seed with the next; every two once where the models are of one arm. With a single
 * seed two arms are of the same, and there is no pair of one.
 */
export function seedPairs(seeds: number, sameArm: boolean): readonly (readonly [number, number])[] {
  const pairs = Array.from({ length: seeds }, (_, s) => [s, (s + 1) % seeds] as const);
  return sameArm ? pairs.slice(0, seeds < 3 ? seeds - 1 : seeds) : pairs;
}

async function scoresOf(task: Task, name: string, seed: number, part: Part): Promise<Similarities> {
  const model: Model = await modelOf(task, name, seed, part);
  return standardized(await similaritiesOf(model, readingsOf(model.arm, task.settings.dim).own));
}

function ask(a: Similarities, b: Similarities, share: number, classes: Int32Array): Asked {
  const n = classes.length;
  const hits = (similarities: Similarities) =>
    findAll(similarities, classes).rank.map((r) => (r < 1 ? 1 : 0));
  const recall = (found: Int32Array) => found.reduce((sum, hit) => sum + hit, 0) / n;
  const [first, second] = [hits(a), hits(b)];
  return {
    first: recall(first),
    second: recall(second),
    sum: recall(hits(weighed(a, b, 0.5))),
    reciprocalRanks: recall(hits(reciprocalRanks(a, b, n))),
    weighed: recall(hits(weighed(a, b, share))),
    eitherRight: recall(first.map((hit, i) => Math.max(hit, second[i]))),
  };
}
