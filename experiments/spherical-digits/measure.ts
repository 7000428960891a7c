import {
  type Matrix32,
  matrix,
  Rng,
  randomRotation,
  rotateCoefficients,
  singleChannels,
  type TrainedSphericalAutoencoder,
} from '../../src/index.js';
import type { DigitTask } from './digits.js';
import { labelCurve, type Probed, probe } from './probes.js';
import type { Settings } from './settings.js';

/** What is measured on the turned test digits. */
export interface Measured extends Probed {
  /** A digit: 1 - cosine of the coefficients and their reconstruction, plain and with degrees weighted by √(2l + 1). */
  readonly cosine: number[];
  readonly weightedCosine: number[];
  /** A digit: mean square error of the coefficients. */
  readonly error: number[];
  readonly labelCurve: number[];
  /** Largest over rotations: |code(g x) - code(x)| / |code(x)| over all digits. */
  readonly codeChange: number;
  /** Largest entry of frame(g x) - g frame(x), median over digits of the largest over rotations. */
  readonly frameChange: number;
  readonly trainingSeconds: number;
}

export async function measureArm(
  model: TrainedSphericalAutoencoder,
  task: DigitTask,
  settings: Settings,
  seed: number,
): Promise<Measured> {
  const { train, test } = task;
  const { codes: trainCodes } = await model.encode(train.coefficients);
  const { codes, frames } = await model.encode(test.coefficients);
  const drawn = await model.decode(codes, frames);
  const features = { train: trainCodes, test: codes, trainLabels: train.labels, testLabels: test.labels };
  return {
    ...(await probe(features, settings.probes, seed)),
    ...reconstruction(test.coefficients, drawn),
    labelCurve: labelCurve(features, settings.labels),
    ...(await equivariance(model, test.coefficients, settings)),
    trainingSeconds: model.history[model.history.length - 1].seconds,
  };
}

function reconstruction(
  signals: Matrix32,
  drawn: Matrix32,
): Pick<Measured, 'cosine' | 'weightedCosine' | 'error'> {
  const { rows, columns } = signals;
  const weights = Float64Array.from({ length: columns }, (_, k) =>
    Math.sqrt(2 * Math.floor(Math.sqrt(k)) + 1),
  );
  const cosineLoss = (i: number, weight: (k: number) => number) => {
    let [own, other, both] = [0, 0, 0];
    for (let k = 0; k < columns; k++) {
      const [a, b] = [signals.data[i * columns + k], drawn.data[i * columns + k]];
      own += weight(k) * a * a;
      other += weight(k) * b * b;
      both += weight(k) * a * b;
    }
    return 1 - both / Math.sqrt(own * other);
  };
  const each = <T>(value: (i: number) => T) => Array.from({ length: rows }, (_, i) => value(i));
  return {
    cosine: each((i) => cosineLoss(i, () => 1)),
    weightedCosine: each((i) => cosineLoss(i, (k) => weights[k])),
    error: each((i) => {
      let sum = 0;
      for (let k = i * columns; k < (i + 1) * columns; k++) sum += (signals.data[k] - drawn.data[k]) ** 2;
      return sum / columns;
    }),
  };
}

async function equivariance(
  model: TrainedSphericalAutoencoder,
  signals: Matrix32,
  { degree, equivariance: { rotations, digits } }: Settings,
): Promise<Pick<Measured, 'codeChange' | 'frameChange'>> {
  const some = matrix(signals.data.slice(0, digits * signals.columns), digits, signals.columns);
  const still = await model.encode(some);
  const rng = new Rng(3).split('equivariance');
  const norm = (values: Iterable<number>) => Math.hypot(...values);
  const length = norm(still.codes.data);
  let codeChange = 0;
  const worst = new Float64Array(digits);
  for (let r = 0; r < rotations; r++) {
    const g = randomRotation(rng);
    const turned = await model.encode(rotateCoefficients(some, g, singleChannels(degree)));
    const change = turned.codes.data.map((value, at) => value - still.codes.data[at]);
    codeChange = Math.max(codeChange, norm(change) / length);
    for (let i = 0; i < digits; i++) {
      for (let entry = 0; entry < 9; entry++) {
        const [row, column] = [Math.floor(entry / 3), entry % 3];
        let along = 0;
        for (let k = 0; k < 3; k++) along += g[3 * row + k] * still.frames.data[9 * i + 3 * k + column];
        worst[i] = Math.max(worst[i], Math.abs(turned.frames.data[9 * i + entry] - along));
      }
    }
  }
  return { codeChange, frameChange: worst.sort()[Math.floor(digits / 2)] };
}
