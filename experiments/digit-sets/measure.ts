import {
  drawDigitSets,
  loadMnist,
  type Matrix32,
  matrix,
  packPointSets,
  Rng,
  tf,
  trainAutoencoder,
} from '../../src/index.js';
import { type Arm, autoencoderOf, CLASSES, type Settings } from './models.js';

/** Of each test set; JSON. */
export interface Measured {
  /** Share of elements that come out as they went in, each in its place, 0..1. */
  readonly elements: readonly number[];
  /** The same whatever the places: the digits that input and output have in common. */
  readonly content: readonly number[];
}

export async function measure(
  arm: Arm,
  settings: Settings,
  { seed, steps, test }: { readonly seed: number; readonly steps: number; readonly test: number },
): Promise<Measured> {
  const { size, batch, learningRate, warmup } = settings;
  const labels = loadMnist('train').labels;
  const rng = new Rng(seed).split('digit sets');
  const trained = await trainAutoencoder(autoencoderOf(arm, settings), {
    ...{ seed, steps, learningRate, warmup },
    nextRows: () => tensorOf(packed(drawDigitSets(labels, batch, size, rng), arm)),
    clipNorm: 1,
  });
  const sets = drawDigitSets(loadMnist('test').labels, test, size, new Rng(seed).split('test'));
  const elements: number[] = [];
  const content: number[] = [];
  try {
    await trained.each(
      packed(sets, arm),
      ({ output }, x) => ({ found: tf.argMax(output.points, 2), given: tf.argMax(x.points, 2) }),
      async ({ found, given }) => {
        const [of, from] = [await found.data(), await given.data()];
        for (let at = 0; at < of.length; at += size) {
          elements.push(agreeing(of.subarray(at, at + size), from.subarray(at, at + size)));
          content.push(inCommon(of.subarray(at, at + size), from.subarray(at, at + size)));
        }
      },
    );
  } finally {
    trained.dispose();
  }
  return { elements, content };
}

function tensorOf({ data, rows, columns }: Matrix32): tf.Tensor2D {
  return tf.tensor2d(data, [rows, columns]);
}

function packed(sets: readonly Matrix32[], arm: Arm): Matrix32 {
  const [first] = sets;
  const items = arm === 'sorted' ? sets.map(inOrder) : sets;
  return packPointSets(items, { maxPoints: first.rows, dim: CLASSES });
}

/** The elements of a set, by their digit. */
export function inOrder({ data, rows }: Matrix32): Matrix32 {
  const digits = Array.from({ length: rows }, (_, i) => data.indexOf(1, i * CLASSES) % CLASSES).sort();
  const sorted = new Float32Array(data.length);
  digits.forEach((digit, i) => {
    sorted[i * CLASSES + digit] = 1;
  });
  return matrix(sorted, rows, CLASSES);
}

/** Share of places with the same digit. */
function agreeing(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) count += Number(a[i] === b[i]);
  return count / a.length;
}

/** Share of digits that two sets have in common, each counted as often as it is in both. */
export function inCommon(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const left = new Int32Array(CLASSES);
  for (let i = 0; i < b.length; i++) left[b[i]]++;
  let count = 0;
  for (let i = 0; i < a.length; i++) if (left[a[i]]-- > 0) count++;
  return count / a.length;
}
