import { GyrometricError, UsageError } from '../../core/errors.js';
import type { Leaf } from './leaves.js';

/** How near is near enough. */
export interface Tolerance {
  readonly value: number;
  /** `each`: each deviation relative to max(1, |ref|). `largest`: to the largest |ref| of its vector or matrix. */
  readonly relativeTo: 'each' | 'largest';
}

/** float64 on both sides. */
export const EXACT: Tolerance = { value: 1e-9, relativeTo: 'each' };

export type Status = 'pass' | 'fail' | 'skip';

/** One quantity of one file, over all its cases. */
export interface Row {
  readonly file: string;
  readonly quantity: string;
  /** Numbers that the file has. */
  readonly count: number;
  /** Largest |ours - ref|; NaN if there is no number on one side; absent in a skip, as the following. */
  readonly maxAbs?: number;
  /** Largest deviation as the tolerance takes it: the row passes if this is not above `tolerance`. */
  readonly maxRel?: number;
  readonly tolerance?: number;
  readonly status: Status;
  /** Where a fail deviates most, or why we have no numbers there. */
  readonly reason?: string;
}

/** Our numbers for a leaf, row-major; undefined where we have none. Throws DomainError where our mathematics refuses. */
export type Recompute = (leaf: Leaf) => ArrayLike<number> | undefined;

/** Compares every leaf and gathers them by quantity, in the order of first appearance. */
export function compareLeaves(
  file: string,
  leaves: readonly Leaf[],
  recompute: Recompute,
  toleranceOf: (leaf: Leaf) => Tolerance,
): Row[] {
  const rows = new Map<string, Row>();
  for (const leaf of leaves) {
    const got = leaf.isSet || leaf.expected.length > 0 ? attempt(leaf, recompute) : undefined;
    const row = compareLeaf(file, leaf, got, toleranceOf(leaf));
    const before = rows.get(leaf.quantity);
    rows.set(leaf.quantity, before ? merge(before, row) : row);
  }
  return [...rows.values()];
}

/** The numbers, or the sentence with which they were refused. A file that lacks inputs is wrong use, and thrown on. */
function attempt(leaf: Leaf, recompute: Recompute): ArrayLike<number> | string | undefined {
  try {
    return recompute(leaf);
  } catch (error) {
    if (error instanceof GyrometricError && !(error instanceof UsageError)) return error.message;
    throw error;
  }
}

function compareLeaf(
  file: string,
  { quantity, at, expected }: Leaf,
  got: ArrayLike<number> | string | undefined,
  { value: tolerance, relativeTo }: Tolerance,
): Row {
  const count = expected.length;
  if (got === undefined) return { file, quantity, count, status: 'skip' };
  const fails = (reason: string): Row => {
    const none = Number.NaN;
    return { file, quantity, count, maxAbs: none, maxRel: none, tolerance, status: 'fail', reason };
  };
  if (typeof got === 'string') return fails(`${at}: ${got}`);
  if (got.length !== count) return fails(`${at}: expected ${count} numbers, got ${got.length}`);
  const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  let maxAbs = 0;
  let maxRel = 0;
  let worst = 0;
  for (let i = 0; i < count; i++) {
    const abs = got[i] === expected[i] ? 0 : Math.abs(got[i] - expected[i]);
    const unit = relativeTo === 'each' ? Math.max(1, Math.abs(expected[i])) : largest;
    // Zero deviation from an all-zero reference agrees, where 0 / 0 would not.
    const rel = abs === 0 ? 0 : abs / unit;
    if (exceeds(rel, maxRel)) worst = i;
    // Math.max keeps a NaN.
    maxAbs = Math.max(maxAbs, abs);
    maxRel = Math.max(maxRel, rel);
  }
  const row = { file, quantity, count, maxAbs, maxRel, tolerance };
  if (maxRel <= tolerance) return { ...row, status: 'pass' };
  const reason = `${at}, number ${worst}: expected ${expected[worst]}, got ${got[worst]}`;
  return { ...row, status: 'fail', reason };
}

/** Of two parts of a quantity a fail counts before a skip before a pass. */
const GRAVITY: Readonly<Record<Status, number>> = { pass: 0, skip: 1, fail: 2 };

function merge(a: Row, b: Row): Row {
  const graver = GRAVITY[b.status] - GRAVITY[a.status] || Number(exceeds(b.maxRel ?? 0, a.maxRel ?? 0));
  const row = { ...(graver > 0 ? b : a), count: a.count + b.count };
  if (a.maxRel === undefined || b.maxRel === undefined) return row;
  return {
    ...row,
    maxAbs: Math.max(a.maxAbs ?? 0, b.maxAbs ?? 0),
    maxRel: Math.max(a.maxRel, b.maxRel),
  };
}

/** NaN exceeds every number. */
function exceeds(a: number, b: number): boolean {
  return a > b || (Number.isNaN(a) && !Number.isNaN(b));
}
