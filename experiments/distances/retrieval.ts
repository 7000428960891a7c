import {
  holdOut,
  leaveOneOutScores,
  loadMnist,
  parseModelConfig,
  presetConfig,
  Rng,
  takeImages,
  trainModel,
  turnRandomly,
} from '../../src/index.js';
import { type Row, rowOf } from '../experiment.js';
import type { Sizes } from './settings.js';
import type { Work } from './work.js';

interface Recalls {
  readonly euclidean: number;
  readonly hyperbolic: number;
  readonly ensemble: number;
}

/** R@1 of the quickstart's model, on digits that it was not trained on, each turned once, at a weight of the penalty. */
async function recallsAt(
  weight: number,
  seed: number,
  { steps, heldOut }: Sizes['retrieval'],
): Promise<Recalls> {
  const all = loadMnist('train');
  const rng = new Rng(seed).split('retrieval');
  const { train, held } = holdOut(all.labels, { count: heldOut }, rng.split('held out'));
  const preset = presetConfig('quickstart');
  const config = parseModelConfig({
    ...{ schemaVersion: 1, seed, encoder: preset.encoder },
    loss: { weights: { preservation: weight } },
    training: { steps },
  });
  const { model } = await trainModel(config, takeImages(all, train));
  try {
    const test = takeImages(all, held);
    const { heads, vectors } = await model.embed(turnRandomly(test, rng.split('turns')).pixels);
    const recall = async (space: (typeof heads)[number]['space'], codes: typeof vectors) =>
      (await leaveOneOutScores(space, codes, test.labels)).recallAt1;
    return {
      euclidean: await recall(heads[0].space, heads[0].matrix),
      hyperbolic: await recall(heads[1].space, heads[1].matrix),
      ensemble: await recall(model.space, vectors),
    };
  } finally {
    model.dispose();
  }
}

/** R@1 of the quickstart's model over the weight of its penalty. */
export async function retrieval({
  context: { slice, seed },
  sizes: { retrieval: sizes },
}: Work): Promise<Row[]> {
  const rows: Row[] = [];
  for (const weight of sizes.weights) {
    const found = [];
    for (let s = seed; s < seed + sizes.seeds; s++) {
      found.push(await slice(`retrieval-${weight}-${s}`, () => recallsAt(weight, s, sizes)));
    }
    for (const head of ['euclidean', 'hyperbolic', 'ensemble'] as const) {
      rows.push(
        rowOf(
          `quickstart, weight ${weight}`,
          `recallAt1 ${head}`,
          found.map((one) => one[head]),
        ),
      );
    }
  }
  return rows;
}
