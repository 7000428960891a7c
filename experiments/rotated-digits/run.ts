import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  firstImages,
  holdOut,
  knnAccuracy,
  loadMnist,
  Rng,
  takeImages,
  tf,
  trainAutoencoder,
} from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { type ArmName, autoencoderOf, parameterCount } from './arms.js';
import { type TurnedDigits, turnDigits } from './digits.js';
import { canonicalPicture } from './figure.js';
import { type Measured, measure } from './measure.js';
import type { Settings, Sizes } from './settings.js';

interface Trained extends Measured {
  readonly parameters: number;
  readonly steps: number;
  readonly trainingSeconds: number;
}

interface Digits {
  readonly train: TurnedDigits;
  readonly test: TurnedDigits;
}

/** Random digits of the training part, and the first of the test part, each turned once. */
export function drawDigits({ train, test }: Pick<Sizes, 'train' | 'test'>, seed: number): Digits {
  const rng = new Rng(seed).split('rotated-digits');
  const all = loadMnist('train');
  const { held } = holdOut(all.labels, { count: train }, rng.split('digits'));
  return {
    train: turnDigits(takeImages(all, rng.split('order').shuffle(held)), rng.split('turns')),
    test: turnDigits(firstImages(loadMnist('test'), test), rng.split('test turns')),
  };
}

/** Batches of rows without end: every row once before any comes again. */
function batchesOf({ images }: TurnedDigits, batch: number, rng: Rng): () => tf.Tensor2D {
  const { data, rows, columns } = images;
  let order: ArrayLike<number> = [];
  let at = 0;
  return () => {
    const values = new Float32Array(batch * columns);
    for (let i = 0; i < batch; i++, at++) {
      if (at >= order.length) [order, at] = [rng.shuffle(Array.from({ length: rows }, (_, row) => row)), 0];
      values.set(data.subarray(order[at] * columns, (order[at] + 1) * columns), i * columns);
    }
    return tf.tensor2d(values, [batch, columns]);
  };
}

interface Training {
  /** Columns. */
  readonly code: number;
  readonly seed: number;
  readonly steps: number;
  /** File for a picture. */
  readonly figure?: string;
}

export async function trainArm(
  arm: ArmName,
  settings: Settings,
  digits: Digits,
  { code, seed, steps, figure }: Training,
): Promise<Trained> {
  const autoencoder = autoencoderOf(arm, code, settings);
  const start = performance.now();
  const trained = await trainAutoencoder(autoencoder, {
    ...{ seed, steps, learningRate: settings.learningRate[arm], warmup: Math.min(50, Math.ceil(steps / 10)) },
    nextRows: batchesOf(digits.train, settings.batch, new Rng(seed).split('batches')),
    onEvent: ({ step, loss }) => console.error(`  ${arm} step ${step}: ${loss.toFixed(4)}`),
  });
  const trainingSeconds = (performance.now() - start) / 1000;
  try {
    if (figure) writeFileSync(figure, await canonicalPicture(trained, digits.test.upright));
    const measured = await measure(trained, digits.train, digits.test, settings);
    return { ...measured, parameters: parameterCount(autoencoder), steps, trainingSeconds };
  } finally {
    trained.dispose();
  }
}

/** What needs no training: pixels as codes, the mean image as reconstruction. */
async function floor({ train, test }: Digits, k: number): Promise<Pick<Measured, 'mse' | 'knnAccuracy'>> {
  const { columns } = train.images;
  const gallery = { vectors: train.images, labels: train.upright.labels };
  const queries = { vectors: test.images, labels: test.upright.labels };
  const mean = new Float64Array(columns);
  for (const [at, value] of train.images.data.entries()) mean[at % columns] += value / train.images.rows;
  const square = test.images.data.reduce((sum, value, at) => sum + (value - mean[at % columns]) ** 2, 0);
  return {
    mse: square / test.images.data.length,
    knnAccuracy: await knnAccuracy({ kind: 'euclidean', dim: columns }, gallery, queries, k),
  };
}

/** Metrics of the comparison: a ratio of errors and a difference of accuracies. */
const COMPARED = { mse: 'mseRatio', knnAccuracy: 'knnGain' } as const;

/** Arms one after the other, a slice each; classical also for as long as steerable trains. */
export async function run({ scale, seed, config, slice, out }: Context): Promise<Row[]> {
  const settings = config as Settings;
  const { steps, seeds, codes, ...sizes } = settings[scale];
  const results = new Map<string, Partial<Trained>[]>();
  const note = (arm: string, result: Partial<Trained>) =>
    results.set(arm, [...(results.get(arm) ?? []), result]);
  for (let s = seed; s < seed + seeds; s++) {
    const digits = drawDigits(sizes, s);
    note('pixels', await slice(`pixels-${s}`, () => floor(digits, settings.neighbors)));
    for (const code of codes) {
      const isShown = out !== undefined && s === seed && code === settings.mainCode;
      const train = (name: string, arm: ArmName, count: number) =>
        slice(`${name}-${code}-${s}`, () =>
          trainArm(arm, settings, digits, {
            ...{ code, seed: s, steps: count },
            ...(isShown && arm === 'steerable' && { figure: join(out, `canonical-${scale}-${s}.png`) }),
          }),
        );
      const steerable = await train('steerable', 'steerable', steps);
      const classical = await train('classical', 'classical', steps);
      const longer = Math.round((steps * steerable.trainingSeconds) / classical.trainingSeconds);
      const sameTime = await train('classical-same-time', 'classical', longer);
      const of = (arm: string) => `${arm}, code ${code}`;
      note(of('steerable'), steerable);
      note(of('classical'), classical);
      note(of('classical for the same time'), sameTime);
      note(of('polar'), await train('polar', 'polar', steps));
      note(of('steerable against classical'), compared(steerable, classical));
      note(of('steerable against classical for the same time'), compared(steerable, sameTime));
    }
  }
  return [...results].flatMap(([arm, repetitions]) =>
    (Object.keys(repetitions[0]) as (keyof Trained)[]).map((metric) =>
      rowOf(
        arm,
        arm.includes(' against ') ? COMPARED[metric as keyof typeof COMPARED] : metric,
        repetitions.map((one) => one[metric] as number),
      ),
    ),
  );
}

function compared(ours: Measured, other: Measured): Partial<Trained> {
  return { mse: ours.mse / other.mse, knnAccuracy: ours.knnAccuracy - other.knnAccuracy };
}
