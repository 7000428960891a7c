import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNpy, type NpyData } from '../../src/core/npy.js';
import { loadMnist } from '../../src/data/mnist.js';
import { firstImages } from '../../src/data/split.js';

/** A training of a second: few digits, few channels, few steps. */
export const TINY = {
  schemaVersion: 1,
  seed: 3,
  data: { train: 200 },
  encoder: { kind: 'polarCnn', channels: [4, 4, 4, 4] },
  heads: { euclidean: { dim: 4 }, poincare: { dim: 4, curvature: -1 } },
  training: { steps: 4, perClass: 2, warmup: 1, reportEvery: 2 },
} as const;

export function writeNpy(path: string, data: NpyData, shape: readonly number[]): void {
  writeFileSync(path, formatNpy({ data, shape }));
}

/** The first test digits as digits.npy and labels.npy. */
export function writeDigits(folder: string, count: number): void {
  const { pixels, labels } = firstImages(loadMnist('test'), count);
  writeNpy(join(folder, 'digits.npy'), pixels, [count, 28, 28]);
  writeNpy(join(folder, 'labels.npy'), BigInt64Array.from(labels, BigInt), [count]);
}
