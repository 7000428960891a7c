import { expectation, UsageError } from './errors.js';
import type { Matrix } from './matrix.js';

/** What is made of numbers in a known order: compared number by number. */
export type Values = number | ArrayLike<number> | Matrix;

/** The numbers of a value. @throws UsageError for anything else: say how to take its numbers */
export function valuesOf(value: unknown, who: string): ArrayLike<number> {
  if (typeof value === 'number') return [value];
  if (typeof value === 'object' && value !== null) {
    if (ArrayBuffer.isView(value) || Array.isArray(value)) return value as unknown as ArrayLike<number>;
    if ('data' in value && ArrayBuffer.isView(value.data)) return value.data as Float64Array;
  }
  const expected = 'a number, an array of numbers or a matrix';
  throw new UsageError(expectation(who, expected, value, 'pass valuesOf, which takes its numbers'));
}

/** √Σ (x - y)². Both of one length. */
export function apart(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] - y[k]) ** 2;
  return Math.sqrt(sum);
}

/** √Σ x². */
export function lengthOf(x: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] ** 2;
  return Math.sqrt(sum);
}
