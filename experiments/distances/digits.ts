import { firstImages, type LabelledImages, loadMnist, type Matrix32, matrix } from '../../src/index.js';
import type { Settings } from './settings.js';

/** Rows of 784 pixels in 0..1. */
export interface Digits {
  readonly train: Matrix32;
  readonly validation: Matrix32;
  readonly test: Matrix32;
}

export function readDigits({
  train,
  validation,
  test,
}: Pick<Settings, 'train' | 'validation' | 'test'>): Digits {
  const all = rowsOf(firstImages(loadMnist('train'), train));
  const part = (from: number, to: number) =>
    matrix(all.data.subarray(from * all.columns, to * all.columns), to - from, all.columns);
  return {
    train: part(0, train - validation),
    validation: part(train - validation, train),
    test: rowsOf(firstImages(loadMnist('test'), test)),
  };
}

function rowsOf({ pixels, count, height, width }: LabelledImages): Matrix32 {
  return matrix(
    Float32Array.from(pixels.subarray(0, count * height * width), (value) => value / 255),
    count,
    height * width,
  );
}

/** The first rows. */
export function head({ data, rows, columns }: Matrix32, count: number): Matrix32 {
  const kept = Math.min(count, rows);
  return matrix(data.subarray(0, kept * columns), kept, columns);
}
