import { expectation, UsageError } from '../../core/errors.js';

/** Flags of `gyrometric train` in all of its forms. */
export interface TrainFlags {
  readonly out: string;
  readonly json?: boolean;
  readonly resume?: boolean;
  readonly seed?: number;
  readonly dim?: number;
  readonly tree?: string;
  readonly space?: string;
  readonly star?: boolean;
  readonly firstParent?: boolean;
  readonly compare?: boolean;
  readonly vectors?: string;
  readonly points?: string;
  readonly labels?: string;
  readonly hidden?: number;
  readonly curvature?: number;
  readonly epochs?: number;
  readonly steps?: number;
  readonly valShare?: number;
  readonly testShare?: number;
  readonly unseenClasses?: boolean;
  readonly patience?: number;
}

const VECTORS: readonly string[] = [
  ...['vectors', 'labels', 'hidden', 'dim', 'curvature', 'epochs', 'steps', 'seed', 'valShare', 'testShare'],
  ...['unseenClasses', 'patience', 'resume'],
];
const TREE: readonly string[] = ['tree', 'dim', 'space', 'star', 'firstParent', 'compare', 'seed'];
const OF_EACH: Readonly<Record<'config' | 'tree' | 'vectors' | 'points', readonly string[]>> = {
  config: ['resume'],
  points: ['points', 'labels', 'steps', 'seed', 'testShare', 'resume'],
  tree: TREE,
  vectors: VECTORS,
};

/** @throws UsageError for a flag that means nothing in this form: it would be ignored without a word */
export function requireFlagsOf(form: keyof typeof OF_EACH, flags: TrainFlags): void {
  const known = ['out', 'json', ...OF_EACH[form]];
  const foreign = Object.keys(flags).find((name) => !known.includes(name));
  if (foreign === undefined) return;
  const flag = `--${foreign.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const who = form === 'config' ? 'train CONFIG' : `train --${form}`;
  throw new UsageError(expectation(who, `no ${flag}`, flag, 'leave it out; --help says where it belongs'));
}

/** Reads the value of a flag that takes a number; its range is the config's to check. */
export function decimalNumber(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    throw new UsageError(expectation(flag, 'a number', text, 'correct the flag'));
  };
}
