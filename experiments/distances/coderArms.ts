import { graphDistances, leaveOneOutNeighbors, type Matrix32 } from '../../src/index.js';
import { type Row, rowOf } from '../experiment.js';
import { chosenOf } from './choice.js';
import { type Digits, head } from './digits.js';
import type { Floor } from './floorArms.js';
import { euclideanOf, meanSquaredError, measureCodes } from './measure.js';
import type { PenaltyName } from './penalties.js';
import type { Settings } from './settings.js';
import { type Arm, trainCoder } from './train.js';
import type { Inputs, Result, Work } from './work.js';

/** One arm, trained and measured on validation and test digits. */
async function measureCoder(arm: Arm, settings: Settings, steps: number, inputs: Inputs): Promise<Result> {
  const { digits, compared, test, validation } = inputs;
  const geodesics = arm.penalty === 'geodesic' ? await geodesicsOf(digits, settings) : undefined;
  const coder = await trainCoder(arm, {
    settings,
    steps,
    train: digits.train,
    ...(geodesics && { geodesics }),
  });
  try {
    const ofTest = await measureCodes(test, await coder.codes(digits.test), settings.neighbors, coder.space);
    const codes = await coder.codes(compared);
    const ofValidation = await measureCodes(validation, codes, settings.neighbors, coder.space);
    const mse = async (rows: Matrix32) => meanSquaredError(await coder.reconstruct(rows), rows);
    return {
      test: { ...ofTest.measured, mse: await mse(digits.test) },
      ...(ofTest.intervals && { intervals: ofTest.intervals }),
      validation: { ...ofValidation.measured, mse: await mse(digits.validation) },
      secondsPerStep: coder.secondsPerStep,
    };
  } finally {
    coder.dispose();
  }
}

/** What the arm's slice has, or now makes. */
export function coderSlice(arm: Arm, { context, settings, sizes, inputs }: Work): Promise<Result> {
  const { code, penalty, weight, geometry = 'euclidean', encoder = 'perceptron' } = arm;
  const key = [code, penalty, weight, geometry, encoder, arm.seed].join('-');
  return context.slice(key, () => measureCoder(arm, settings, sizes.steps, inputs()));
}

async function geodesicsOf({ train }: Digits, { geodesicRows, neighbors }: Settings): Promise<Matrix32> {
  const rows = head(train, geodesicRows);
  const near = await leaveOneOutNeighbors(euclideanOf(rows), rows, neighbors);
  return graphDistances(near, rows.rows);
}

export interface Tried {
  readonly arm: Arm;
  readonly result: Result;
}

/** Every penalty at its weights; of the chosen weight of `stress`, and of the plain autoencoder, several seeds. */
export async function measureCoders(
  work: Work,
): Promise<{ rows: { arm: string; code: number; kind: string; results: Result[] }[]; tried: Tried[] }> {
  const { settings, sizes } = work;
  const { seed } = work.context;
  const train = (arm: Arm) => coderSlice(arm, work);
  const tried: Tried[] = [];
  const repeated = async (arm: Arm, first?: Result): Promise<Result[]> => {
    const results = [first ?? (await train(arm))];
    const seeds = sizes.repeated.includes(arm.code) ? sizes.seeds : 1;
    for (let s = 1; s < seeds; s++) results.push(await train({ ...arm, seed: seed + s }));
    return results;
  };
  const rows: { arm: string; code: number; kind: string; results: Result[] }[] = [];
  for (const code of sizes.codes) {
    const plain: Arm = { code, penalty: 'none', weight: 0, seed };
    const plainResults = await repeated(plain);
    tried.push({ arm: plain, result: plainResults[0] });
    rows.push({ arm: `AE, code ${code}`, code, kind: 'AE', results: plainResults });
    const names = (Object.keys(sizes.weights) as PenaltyName[]).filter(
      (name) => name === 'stress' || code === sizes.penaltyCode,
    );
    for (const penalty of names) {
      const ways: Tried[] = [];
      for (const weight of sizes.weights[penalty] ?? []) {
        const arm: Arm = { code, penalty, weight, seed };
        ways.push({ arm, result: await train(arm) });
      }
      tried.push(...ways);
      const chosen = chosenOf(ways, plainResults[0], settings.allowance);
      const label = `AE + ${penalty}, code ${code}`;
      const results = penalty === 'stress' ? await repeated(chosen.arm, chosen.result) : [chosen.result];
      rows.push({ arm: `${label}, weight ${chosen.arm.weight}`, code, kind: penalty, results });
    }
  }
  const linear: Arm = { code: sizes.penaltyCode, penalty: 'none', weight: 0, seed, encoder: 'orthogonal' };
  rows.push({
    arm: `orthogonal encoder, code ${linear.code}`,
    ...{ code: linear.code, kind: 'orthogonal' },
    results: [await train(linear)],
  });
  return { rows, tried };
}

/** The chosen weight of `stress` against PCA and against the plain autoencoder, over seeds. */
export function gains(
  trained: readonly { arm: string; code: number; kind: string; results: readonly Result[] }[],
  floors: readonly Floor[],
  codes: readonly number[],
): Row[] {
  return codes.flatMap((code) => {
    const of = (kind: string) => trained.find((one) => one.code === code && one.kind === kind)?.results ?? [];
    const pca = floors.find((floor) => floor.name === 'PCA' && floor.code === code)?.result.test;
    const [plain, kept] = [of('AE'), of('stress')];
    if (!pca || kept.length === 0) return [];
    const label = `AE + stress against PCA, code ${code}`;
    const errors = kept.map((one, s) => (one.test.mse ?? Number.NaN) / (plain[s]?.test.mse ?? Number.NaN));
    return [
      rowOf(
        label,
        'spearmanGain',
        kept.map((one) => one.test.spearman - pca.spearman),
      ),
      rowOf(
        label,
        'scaledStressRatio',
        kept.map((one) => one.test.scaledStress / pca.scaledStress),
      ),
      rowOf(`AE + stress against AE, code ${code}`, 'mseRatio', errors),
    ];
  });
}
