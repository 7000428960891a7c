import {
  compareHardness,
  holdOut,
  leaveOneOutScores,
  loadMnist,
  parseModelConfig,
  Rng,
  takeImages,
  trainModel,
  turnRandomly,
} from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';

const FEEDINGS = ['unit', 'free'] as const;

interface Settings {
  readonly heldOut: number;
  readonly small: { readonly steps: number; readonly seeds: number };
  readonly full: { readonly steps: number; readonly seeds: number };
}

interface Measured {
  readonly euclidean: number;
  readonly hyperbolic: number;
  readonly ensemble: number;
  readonly hardestDiffer: number;
  readonly spearman: number;
}

/** Trains on MNIST less some held-out training digits and scores those, each turned once. */
async function measure(
  feeding: (typeof FEEDINGS)[number],
  seed: number,
  steps: number,
  heldOut: number,
): Promise<Measured> {
  const all = loadMnist('train');
  const rng = new Rng(seed).split('feeding');
  const { train, held } = holdOut(all.labels, { count: heldOut }, rng.split('held out'));
  const config = parseModelConfig({
    schemaVersion: 1,
    seed,
    heads: { poincare: { feeding } },
    training: { steps },
  });
  const { model } = await trainModel(config, takeImages(all, train));
  const test = takeImages(all, held);
  const { heads, vectors } = await model.embed(turnRandomly(test, rng.split('turns')).pixels);
  const [euclidean, hyperbolic] = heads;
  const { temperature } = config.loss;
  const hardness = compareHardness(
    { ...euclidean, temperature: temperature.euclidean },
    { ...hyperbolic, temperature: temperature.poincare },
    test.labels,
  );
  const recall = async (scores: ReturnType<typeof leaveOneOutScores>) => (await scores).recallAt1;
  const measured = {
    euclidean: await recall(leaveOneOutScores(euclidean.space, euclidean.matrix, test.labels)),
    hyperbolic: await recall(leaveOneOutScores(hyperbolic.space, hyperbolic.matrix, test.labels)),
    ensemble: await recall(leaveOneOutScores(model.space, vectors, test.labels)),
    hardestDiffer: hardness.hardestDiffer,
    spearman: hardness.spearman,
  };
  model.dispose();
  return measured;
}

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  const settings = config as Settings;
  const { steps, seeds } = settings[scale];
  const rows: Row[] = [];
  for (const feeding of FEEDINGS) {
    const repetitions: Measured[] = [];
    for (let s = seed; s < seed + seeds; s++) {
      repetitions.push(await slice(`${feeding}-${s}`, () => measure(feeding, s, steps, settings.heldOut)));
    }
    for (const metric of Object.keys(repetitions[0]) as (keyof Measured)[]) {
      rows.push(
        rowOf(
          feeding,
          metric,
          repetitions.map((r) => r[metric]),
        ),
      );
    }
  }
  return rows;
}
