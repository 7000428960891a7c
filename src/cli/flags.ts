import { expectation, UsageError } from '../core/errors.js';

/** Reads the value of a flag that takes a whole number in [low, high]. @throws UsageError naming the flag */
export function wholeNumber(flag: string, low: number, high?: number): (text: string) => number {
  const range = high === undefined ? `>= ${low}` : `${low}..${high}`;
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= (high ?? Number.MAX_SAFE_INTEGER)) return value;
    throw new UsageError(expectation(flag, `a whole number ${range}`, text, 'correct the flag'));
  };
}
