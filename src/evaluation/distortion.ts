import { requireLength } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import type { Matrix64 } from '../core/matrix.js';
import { pearson, spearman } from './correlation.js';

/** How distances of codes follow distances of inputs, over the same pairs. a: input, b: code. */
export interface ShepardReport {
  /** Rank and linear correlation of b with a, -1..1; NaN if one side is constant. */
  readonly spearman: number;
  readonly pearson: number;
  /** Σ (a - b)². */
  readonly rawStress: number;
  /** √(Σ (a - b)² / Σ a²). */
  readonly kruskalStress1: number;
  /** The same with b times its best factor, Σ ab / Σ b²: blind to the unit of the code, 0..1. */
  readonly scaledStress1: number;
  /** Σ (a - b)² / a, divided by Σ a. */
  readonly sammon: number;
  /** max b/a times max a/b, >= 1; 1 for a scaled copy. Infinity if only one side of a pair is 0. */
  readonly worstCaseDistortion: number;
  /** Mean of |b - a| / a. Infinity if an input distance is 0 and its code distance is not. */
  readonly averageDistortion: number;
}

/**
 * The Shepard diagram in numbers. Pairs at distance 0 on both sides agree: they add nothing to sammon,
 * worstCaseDistortion and averageDistortion.
 * @param inputDistances, codeDistances one value a pair, >= 0, in the same order: see pairsOf
 * @throws ShapeError for other lengths; DomainError for a distance that is not finite or < 0, or if all inputs coincide
 * @source Kruskal 1964, stress formula 1; Sammon 1969; Borg and Groenen 2005, "Modern multidimensional scaling"
 */
export function shepardReport(
  inputDistances: ArrayLike<number>,
  codeDistances: ArrayLike<number>,
): ShepardReport {
  requireLength(codeDistances.length, inputDistances.length, 'shepardReport codeDistances');
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let sumA = 0;
  let rawStress = 0;
  let relativeSquares = 0;
  let relative = 0;
  let expansion = 0;
  let contraction = 0;
  for (let i = 0; i < inputDistances.length; i++) {
    const a = requireDistance(inputDistances[i], i);
    const b = requireDistance(codeDistances[i], i);
    aa += a * a;
    ab += a * b;
    bb += b * b;
    sumA += a;
    rawStress += (a - b) ** 2;
    if (a === 0 && b === 0) continue;
    relativeSquares += (a - b) ** 2 / a;
    relative += Math.abs(b - a) / a;
    expansion = Math.max(expansion, b / a);
    contraction = Math.max(contraction, a / b);
  }
  if (!(aa > 0)) {
    const remedy = 'pass at least two different inputs';
    throw new DomainError(expectation('shepardReport', 'an input distance > 0', 'none', remedy));
  }
  return {
    spearman: spearman(inputDistances, codeDistances),
    pearson: pearson(inputDistances, codeDistances),
    rawStress,
    kruskalStress1: Math.sqrt(rawStress / aa),
    scaledStress1: scaledStress(inputDistances, codeDistances, bb > 0 ? ab / bb : 0, aa),
    sammon: relativeSquares / sumA,
    worstCaseDistortion: expansion * contraction,
    averageDistortion: relative / inputDistances.length,
  };
}

/** From the differences: aa - ab²/bb, the closed form, cancels for good codes. */
function scaledStress(a: ArrayLike<number>, b: ArrayLike<number>, factor: number, aa: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - factor * b[i]) ** 2;
  return Math.sqrt(sum / aa);
}

/** The n (n - 1) / 2 values above the diagonal, row by row. @throws ShapeError unless square */
export function pairsOf(distances: Matrix64): Float64Array {
  const n = distances.rows;
  if (distances.columns !== n) {
    const got = `${n} x ${distances.columns}`;
    throw new ShapeError(expectation('pairsOf', 'a square matrix', got, 'pass distances within one set'));
  }
  const pairs = new Float64Array((n * (n - 1)) / 2);
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) pairs[at++] = distances.data[i * n + j];
  }
  return pairs;
}

function requireDistance(value: number, pair: number): number {
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  const remedy = 'use a space whose distances are not negative';
  throw new DomainError(expectation(`shepardReport pair ${pair}`, 'a finite distance >= 0', value, remedy));
}
