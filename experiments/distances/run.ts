import { join } from 'node:path';
import {
  type DistanceSource,
  graphDistances,
  leaveOneOutNeighbors,
  type Matrix32,
  spaceDistances,
} from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { chosenOf } from './choice.js';
import { type Digits, head, readDigits } from './digits.js';
import {
  type FloorCodes,
  placedCodes,
  principalCodes,
  principalMap,
  randomCodes,
  scaledCodes,
  umapCodes,
} from './floors.js';
import { writeFrontier } from './frontier.js';
import { euclideanOf, type Intervals, type Measured, meanSquaredError, measureCodes } from './measure.js';
import { panelsOf } from './panels.js';
import type { PenaltyName } from './penalties.js';
import { recallsAt } from './retrieval.js';
import type { Settings, Sizes } from './settings.js';
import { type Arm, rotationCodes, trainCoder } from './train.js';
import { digitDistances, fitPoints, mammalDistances } from './trees.js';

/** What a slice keeps of one way to make codes. */
export interface Result {
  readonly test: Measured;
  readonly intervals?: Intervals;
  /** Of autoencoders: what weights are chosen by. */
  readonly validation?: Measured;
  readonly secondsPerStep?: number;
}

interface Inputs {
  readonly digits: Digits;
  /** The validation digits whose distances are looked at. */
  readonly compared: Matrix32;
  readonly test: DistanceSource;
  readonly validation: DistanceSource;
}

/** Everything is made on first use: slices that are done need no data. */
function onDemand<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

export async function run(context: Context): Promise<Row[]> {
  const settings = context.config as Settings;
  const sizes = settings[context.scale];
  const inputs = onDemand((): Inputs => {
    const digits = readDigits(settings);
    const source = (rows: Matrix32) => spaceDistances(euclideanOf(rows), rows);
    const compared = head(digits.validation, settings.compared);
    return { digits, compared, test: source(digits.test), validation: source(compared) };
  });
  const rows: Row[] = [];
  const floors = await measureFloors(context, settings, sizes, inputs);
  for (const { arm, result } of floors) rows.push(...rowsOf(arm, [result]));
  const trained = await measureCoders(context, settings, sizes, inputs);
  for (const { arm, results } of trained.rows) rows.push(...rowsOf(arm, results));
  rows.push(...gains(trained.rows, floors, sizes.codes));
  rows.push(...(await curves(context, settings, sizes, inputs)));
  rows.push(...(await geometries(context, settings, sizes, inputs)));
  rows.push(...(await retrieval(context, sizes)));
  if (context.out) {
    const file = join(context.out, `frontier-${context.scale}-${context.seed}.svg`);
    writeFrontier(file, panelsOf(sizes.codes, floors, trained.tried), 2);
  }
  return rows;
}

export interface Floor {
  readonly name: string;
  readonly code: number;
  readonly arm: string;
  readonly result: Result;
}

async function measureFloors(
  { slice, seed }: Context,
  settings: Settings,
  sizes: Sizes,
  inputs: () => Inputs,
): Promise<Floor[]> {
  const { neighbors: k } = settings;
  const found: Floor[] = [];
  const principal = onDemand(() => {
    const { train } = inputs().digits;
    return principalMap(train, Math.max(...sizes.codes));
  });
  const between = onDemand(() => digitDistances(inputs().digits, settings.test));
  const note = async (
    name: string,
    code: number,
    make: () => FloorCodes | Promise<FloorCodes | undefined>,
  ) => {
    const result = await slice(`${name.replaceAll(' ', '-')}-${code}`, async () => {
      const made = await make();
      return made ? measureFloor(made, inputs(), k) : null;
    });
    if (result) found.push({ name, code, arm: `${name}, code ${code}`, result });
  };
  for (const code of sizes.codes) {
    const test = () => inputs().digits.test;
    await note('PCA', code, () => principalCodes(principal(), code, test()));
    await note('random projection', code, () => randomCodes(code, test(), seed));
    await note('MDS of the test digits', code, () => scaledCodes(between(), code));
    await note('MDS and placement', code, () =>
      placedCodes(code, inputs().digits.train, test(), sizes.landmarks),
    );
    if (sizes.umap.codes.includes(code)) {
      await note('UMAP', code, () =>
        umapCodes(code, head(inputs().digits.train, sizes.umap.rows), test(), seed),
      );
    }
  }
  await note('rotation', 784, async () => ({ codes: await rotationCodes(inputs().digits.test, seed) }));
  return found;
}

async function measureFloor(
  { codes, output }: FloorCodes,
  { digits, test }: Inputs,
  k: number,
): Promise<Result> {
  const { measured, intervals } = await measureCodes(test, codes, k);
  const mse = output && meanSquaredError(output, digits.test);
  return { test: { ...measured, ...(mse !== undefined && { mse }) }, ...(intervals && { intervals }) };
}

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

async function geodesicsOf({ train }: Digits, { geodesicRows, neighbors }: Settings): Promise<Matrix32> {
  const rows = head(train, geodesicRows);
  const near = await leaveOneOutNeighbors(euclideanOf(rows), rows, neighbors);
  return graphDistances(near, rows.rows);
}

export interface Tried {
  readonly arm: Arm;
  readonly result: Result;
}

async function measureCoders(
  { slice, seed }: Context,
  settings: Settings,
  sizes: Sizes,
  inputs: () => Inputs,
): Promise<{ rows: { arm: string; code: number; kind: string; results: Result[] }[]; tried: Tried[] }> {
  const tried: Tried[] = [];
  const train = async (arm: Arm): Promise<Result> => {
    const { code, penalty, weight, geometry = 'euclidean', encoder = 'perceptron' } = arm;
    const key = [code, penalty, weight, geometry, encoder, arm.seed].join('-');
    return slice(key, () => measureCoder(arm, settings, sizes.steps, inputs()));
  };
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
function gains(
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

const METRICS = [
  ...['spearman', 'pearson', 'scaledStress', 'stress', 'trustworthiness', 'continuity'],
  ...['knnRecall', 'distortion', 'mse'],
] as (keyof Measured)[];

/** Of several seeds the interval is over these, of one it is over the test digits, where there is one. */
function rowsOf(arm: string, results: readonly Result[]): Row[] {
  const rows: Row[] = [];
  for (const metric of METRICS) {
    const values = results.map(({ test }) => test[metric]).filter((value) => value !== undefined);
    if (values.length < results.length) continue;
    const row = rowOf(arm, metric, values);
    const interval = results.length === 1 ? results[0].intervals?.[metric as keyof Intervals] : undefined;
    rows.push(interval ? { ...row, low: interval[0], high: interval[1] } : row);
  }
  const seconds = results.map(({ secondsPerStep }) => secondsPerStep).filter((value) => value !== undefined);
  if (seconds.length > 0) {
    rows.push(
      rowOf(
        arm,
        'msPerStep',
        seconds.map((s) => 1000 * s),
      ),
    );
  }
  return rows;
}

/** Share of the neighbours of digits that stay neighbours, during training, for digits that train and others. */
async function curves(
  { slice, seed }: Context,
  settings: Settings,
  sizes: Sizes,
  inputs: () => Inputs,
): Promise<Row[]> {
  const rows: Row[] = [];
  const looks = settings.curve.map((share) => Math.round(share * sizes.steps));
  for (const penalty of ['none', 'stress'] as const) {
    const arm: Arm = { code: sizes.penaltyCode, penalty, weight: penalty === 'none' ? 0 : 1, seed };
    const found = await slice(`curve-${penalty}`, async () => {
      const { digits } = inputs();
      const parts = { train: head(digits.train, 1000), test: head(digits.test, 1000) };
      const recalls: { step: number; train: number; test: number }[] = [];
      const coder = await trainCoder(arm, {
        ...{ settings, steps: sizes.steps, train: digits.train, looks },
        onLook: async (step, now) => {
          const recall = async (rows: Matrix32) =>
            neighborRecall(rows, await now.codes(rows), settings.neighbors);
          recalls.push({ step, train: await recall(parts.train), test: await recall(parts.test) });
        },
      });
      coder.dispose();
      return recalls;
    });
    for (const { step, train, test } of found) {
      const label = `${penalty === 'none' ? 'AE' : 'AE + stress'} after ${step} steps`;
      rows.push(rowOf(label, 'knnRecallTrain', [train]), rowOf(label, 'knnRecallTest', [test]));
    }
  }
  return rows;
}

async function neighborRecall(inputs: Matrix32, codes: Matrix32, k: number): Promise<number> {
  const [a, b] = [
    await leaveOneOutNeighbors(euclideanOf(inputs), inputs, k),
    await leaveOneOutNeighbors(euclideanOf(codes), codes, k),
  ];
  let shared = 0;
  for (let i = 0; i < inputs.rows; i++) {
    const own = new Set(a.rows.subarray(i * k, (i + 1) * k));
    for (const row of b.rows.subarray(i * k, (i + 1) * k)) if (own.has(row)) shared++;
  }
  return shared / (inputs.rows * k);
}

/** Euclidean against hyperbolic: points fitted to distances of a tree and of digits, and codes of an autoencoder. */
async function geometries(
  { slice, seed }: Context,
  settings: Settings,
  sizes: Sizes,
  inputs: () => Inputs,
): Promise<Row[]> {
  const rows: Row[] = [];
  const data = {
    mammals: onDemand(() => mammalDistances(settings.mammals)),
    digits: onDemand(() => digitDistances(inputs().digits, sizes.trees.digits)),
  };
  for (const [name, between] of Object.entries(data)) {
    for (const dim of sizes.trees.dims) {
      for (const geometry of ['euclidean', 'hyperbolic'] as const) {
        const fitted = await slice(`points-${name}-${dim}-${geometry}`, () =>
          fitPoints(between(), dim, geometry, settings.neighbors),
        );
        const label = `points of ${name}, d ${dim}, ${geometry}`;
        for (const metric of ['scaledStress', 'spearman', 'distortion', 'knnRecall', 'curvature'] as const) {
          rows.push(rowOf(label, metric, [fitted[metric]]));
        }
      }
    }
  }
  for (const code of sizes.codes.slice(0, 2)) {
    const arm: Arm = { code, penalty: 'stress', weight: 1, seed, geometry: 'poincare' };
    const results: Result[] = [];
    for (let s = 0; s < (sizes.repeated.includes(code) ? sizes.seeds : 1); s++) {
      results.push(
        await slice(`poincare-${code}-${seed + s}`, () =>
          measureCoder({ ...arm, seed: seed + s }, settings, sizes.steps, inputs()),
        ),
      );
    }
    rows.push(...rowsOf(`hyperbolic AE + stress, code ${code}, weight 1`, results));
  }
  return rows;
}

/** R@1 of the quickstart's model over the weight of its penalty. */
async function retrieval({ slice, seed }: Context, { retrieval: sizes }: Sizes): Promise<Row[]> {
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
