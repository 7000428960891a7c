import {
  codeRelativeChange,
  knnAccuracy,
  type LabelledImages,
  type Matrix32,
  orientationErrorDegrees,
  type tf as Tensors,
  type TrainedAutoencoder,
  tf,
  wrapAngle,
} from '../../src/index.js';
import type { Element } from './arms.js';
import { type TurnedDigits, turnedBy } from './digits.js';

/** Turns of each test digit in steps of 10 degrees. */
const ANGLES = 36;

export interface Measured {
  /** Mean over pixels and test digits. */
  readonly mse: number;
  /** Of test codes among training codes. */
  readonly knnAccuracy: number;
  /** mean |η(gx) - η(x)| / mean |η(x) - η(y)|: 0 is invariance */
  readonly codeChange: number;
  /** Mean of the angle between ψ(gx) and gψ(x), degrees; 90 is chance. */
  readonly equivarianceDegrees?: number;
  /** Median over test digits of how far ψ is from the known turn, up to one offset a class, found on training digits. */
  readonly canonicalDegrees?: number;
}

type Trained = TrainedAutoencoder<Tensors.Tensor4D, Element, Element>;

/** Angles of ψ; empty for the classical autoencoder. */
async function anglesOf(trained: Trained, images: Matrix32): Promise<number[]> {
  const angles: number[] = [];
  await trained.each(
    images,
    ({ element }) => (element ? { element } : {}),
    async (result) => {
      const element = (result as { element?: Tensors.Tensor2D }).element;
      for (const [cos, sin] of (await element?.array()) ?? []) angles.push(Math.atan2(sin, cos));
    },
  );
  return angles;
}

async function meanSquaredError(trained: Trained, images: Matrix32): Promise<number> {
  let sum = 0;
  await trained.each(
    images,
    ({ output }, x) => ({ error: tf.sum(tf.square(tf.sub(output, x))) }),
    async ({ error }) => {
      sum += (await error.data())[0];
    },
  );
  return sum / images.data.length;
}

export async function measure(
  trained: Trained,
  train: TurnedDigits,
  test: TurnedDigits,
  { neighbors, turned }: { readonly neighbors: number; readonly turned: number },
): Promise<Measured> {
  const space = { kind: 'euclidean', dim: trained.autoencoder.encoder.codeDim } as const;
  const gallery = { vectors: await trained.codes(train.images), labels: train.upright.labels };
  const queries = { vectors: await trained.codes(test.images), labels: test.upright.labels };
  const common = {
    mse: await meanSquaredError(trained, test.images),
    knnAccuracy: await knnAccuracy(space, gallery, queries, neighbors),
  };
  const few: LabelledImages = {
    ...test.upright,
    pixels: test.upright.pixels.subarray(0, turned * test.images.columns),
    labels: test.upright.labels.subarray(0, turned),
    count: turned,
  };
  const steps = Array.from({ length: ANGLES }, (_, i) => (2 * Math.PI * i) / ANGLES);
  const rounds = steps.map((step) =>
    turnedBy(
      few,
      Array.from(test.turns.subarray(0, turned), (t) => t + step),
    ),
  );
  const codes: Matrix32[] = [];
  for (const round of rounds) codes.push(await trained.codes(round));
  const codeChange = codeRelativeChange(codes[0], codes.slice(1));
  const angles: number[][] = [];
  for (const round of rounds) angles.push(await anglesOf(trained, round));
  if (angles[0].length === 0) return { ...common, codeChange };
  const errors = steps
    .slice(1)
    .map((step, i) => orientationErrorDegrees(angles[0], Array<number>(turned).fill(step), angles[i + 1]));
  return {
    ...common,
    codeChange,
    equivarianceDegrees: errors.reduce((a, b) => a + b, 0) / errors.length,
    canonicalDegrees: canonicalError(
      train,
      await anglesOf(trained, train.images),
      test,
      await anglesOf(trained, test.images),
    ),
  };
}

/** Median over test digits of | ψ - turn - offset of the class |, degrees; the offset is the training digits' mean direction. */
function canonicalError(
  train: TurnedDigits,
  ofTrain: number[],
  test: TurnedDigits,
  ofTest: number[],
): number {
  const sums = new Map<number, [number, number]>();
  for (const [i, angle] of ofTrain.entries()) {
    const offset = angle - train.turns[i];
    const [cos, sin] = sums.get(train.upright.labels[i]) ?? [0, 0];
    sums.set(train.upright.labels[i], [cos + Math.cos(offset), sin + Math.sin(offset)]);
  }
  const errors = ofTest.map((angle, i) => {
    const [cos, sin] = sums.get(test.upright.labels[i]) ?? [1, 0];
    return Math.abs(wrapAngle(angle - test.turns[i] - Math.atan2(sin, cos)));
  });
  errors.sort((a, b) => a - b);
  return (errors[Math.floor(errors.length / 2)] * 180) / Math.PI;
}
