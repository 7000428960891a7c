import { type LabelledImages, loadMnist, Rng, takeImages, turnRandomly } from '../../src/index.js';
import type { Settings, Split } from './settings.js';

/** Drawings, each turned once, as models are asked. */
export interface Turned {
  /** [n * height * width], 0..1 */
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
}

export interface Task {
  readonly train: LabelledImages;
  /** Other drawings of the training digits. */
  readonly validation: Turned;
  /** Drawings of the other digits. */
  readonly test: Turned;
}

/** @param seed of the turns; they are the same for all arms and seeds of models */
export function taskOf({ train, test }: Split, perDigit: Settings['perDigit'], seed: number): Task {
  const images = loadMnist('test');
  const asked = takeImages(images, rowsOfDigits(images.labels, test, perDigit.test).flat());
  return withTest(asked, train, perDigit, seed);
}

/**
 * Trained on `digits` of those that train and asked for the rest of them, so that no other digit has a say.
 * @param fold 0, 1, ...; each begins behind the digits that the one before trains on
 */
export function trialTask(
  { train }: Split,
  perDigit: Settings['perDigit'],
  { digits, fold }: { readonly digits: number; readonly fold: number },
  seed: number,
): Task {
  const images = loadMnist('train');
  const from = (fold * digits) % train.length;
  const ordered = [...train.slice(from), ...train.slice(0, from)];
  const asked = rowsOfDigits(images.labels, ordered.slice(digits), perDigit.test);
  return withTest(takeImages(images, asked.flat()), ordered.slice(0, digits), perDigit, seed);
}

function withTest(
  test: LabelledImages,
  digits: readonly number[],
  perDigit: Settings['perDigit'],
  seed: number,
): Task {
  const images = loadMnist('train');
  const rng = new Rng(seed).split('turns');
  const rows = rowsOfDigits(images.labels, digits, perDigit.train + perDigit.validation);
  const part = (from: number, to?: number) =>
    takeImages(
      images,
      rows.flatMap((ofDigit) => ofDigit.slice(from, to)),
    );
  return {
    train: part(0, perDigit.train),
    validation: turned(part(perDigit.train), rng.split('validation')),
    test: turned(test, rng.split('test')),
  };
}

function turned(images: LabelledImages, rng: Rng): Turned {
  return { pixels: turnRandomly(images, rng).pixels, labels: images.labels };
}

/** The first rows of each digit. */
function rowsOfDigits(labels: Uint8Array, digits: readonly number[], count: number): number[][] {
  return digits.map((digit) => {
    const rows: number[] = [];
    for (let i = 0; i < labels.length && rows.length < count; i++) if (labels[i] === digit) rows.push(i);
    return rows;
  });
}
