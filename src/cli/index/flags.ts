import type { RecallEstimate } from '../../../indices/index.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import { printJson, printLine } from '../output.js';

// What the commands of `gyrometric index` have in common.

/** Reads digits; which numbers a flag takes is said where they are used. @throws UsageError naming the flag */
export function whole(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new UsageError(expectation(flag, 'a whole number', text, 'correct the flag'));
  };
}

export const THREADS = ['--threads <count>', 'threads (default: one a core)', whole('--threads')] as const;

export function example(command: string): string {
  return `\nExample:\n  gyrometric index ${command}\n`;
}

/** The values alone would pass as rows of another length if their number happens to fit. */
export function requireColumns(columns: number, expected: number, who: string): void {
  if (columns === expected) return;
  throw new ShapeError(
    expectation(who, `${expected} columns, as the space has`, columns, 'embed them alike'),
  );
}

export function report(json: boolean | undefined, record: object, lines: readonly string[]): void {
  if (json) printJson(record);
  else for (const line of lines) printLine(line);
}

/** Seconds since `started`, to the millisecond. */
export function elapsed(started: number): number {
  return Math.round(performance.now() - started) / 1000;
}

export function recallLine({ k, ef, recall, low, high, queries }: RecallEstimate): string {
  if (queries === 0) return `recall@${k} 1: nothing can be missed`;
  const [mean, from, to] = [recall, low, high].map((share) => share.toFixed(4));
  return `recall@${k} ${mean} at ef ${ef} (95 %: ${from} to ${to}), estimated from ${queries} stored points`;
}
