import { requireFinite, requireLength, requirePositive } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import { type Matrix64, row } from '../core/matrix.js';
import type { HardnessStatistics } from '../core/records.js';

/**
 * p(x-): how much of the contrastive softmax goes to the negatives of each anchor. With logits s_ij = -d_ij / τ,
 * negatives k of i (other label) and positives p of i (same label, p ≠ i),
 *   q_ip(j) = exp(s_ij) / (exp(s_ip) + Σ_k exp(s_ik)),
 * q_i(j) is its mean over the positives, and p_i = Σ_j q_i(j). `effective` counts the negatives by their shares of p_i.
 * Anchors without a positive or without a negative are left out, so the result may have fewer than n values: see
 * hardnessAnchors.
 * @param distances [n, n], row i from anchor i; the diagonal plays no part
 * @param temperature τ > 0, unit of the distances
 * @throws ShapeError unless square with n labels; DomainError for τ <= 0, distances that are not
 *   finite, or if no anchor remains
 * @source the gradient of InfoNCE with one positive, as in Yue et al. 2024 (HypMix), WACV
 */
export function negativeProbabilities(
  distances: Matrix64,
  labels: ArrayLike<number>,
  temperature: number,
): HardnessStatistics {
  if (distances.rows !== distances.columns) {
    const got = `${distances.rows} x ${distances.columns}`;
    throw new ShapeError(
      expectation('negativeProbabilities', 'a square matrix', got, 'pass distances within one set'),
    );
  }
  requireLength(labels.length, distances.rows, 'negativeProbabilities labels');
  requirePositive(temperature, 'negativeProbabilities temperature');
  requireFinite(distances.data, distances.columns, 'negativeProbabilities distances');
  const kept = hardnessAnchors(labels);
  if (kept.length === 0) {
    const remedy = 'pass at least two classes, one of them with two items';
    throw new DomainError(
      expectation('negativeProbabilities', 'an anchor with a positive and a negative', 'none', remedy),
    );
  }
  const divided = new DividedRow(distances.columns);
  const anchors = Array.from(kept, (i) => {
    divided.take(row(distances, i), labels, i);
    const { positives, negatives, columns } = divided;
    const { p, mass, hardest, effective } = anchorHardness(positives, negatives, temperature);
    return { p, hardestP: p / mass, effective, hardest: columns[hardest] };
  });
  return {
    meanP: anchors.reduce((sum, anchor) => sum + anchor.p, 0) / anchors.length,
    p: Float32Array.from(anchors, (anchor) => anchor.p),
    hardestP: Float32Array.from(anchors, (anchor) => anchor.hardestP),
    effective: Float32Array.from(anchors, (anchor) => anchor.effective),
    hardest: Int32Array.from(anchors, (anchor) => anchor.hardest),
  };
}

/** The anchors that negativeProbabilities keeps, ascending: those with a positive and a negative. */
export function hardnessAnchors(labels: ArrayLike<number>): Int32Array {
  const sizes = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) sizes.set(labels[i], (sizes.get(labels[i]) ?? 0) + 1);
  const all = Int32Array.from({ length: labels.length }, (_, i) => i);
  return sizes.size < 2 ? new Int32Array(0) : all.filter((i) => sizes.get(labels[i])! > 1);
}

/** The distances of one anchor, those to its class apart from the others; one after the other in the same memory. */
export class DividedRow {
  private readonly same: Float64Array;
  private readonly other: Float64Array;
  private readonly at: Int32Array;
  private ofClass = 0;
  private others = 0;

  /** @param width most distances of a row */
  constructor(width: number) {
    this.same = new Float64Array(width);
    this.other = new Float64Array(width);
    this.at = new Int32Array(width);
  }

  /** @param d one distance a label @param i the anchor itself */
  take(d: Float32Array | Float64Array, labels: ArrayLike<number>, i: number): void {
    const { same, other, at } = this;
    const own = labels[i];
    let ofClass = 0;
    let others = 0;
    for (let j = 0; j < d.length; j++) {
      if (labels[j] !== own) {
        at[others] = j;
        other[others++] = d[j];
      } else if (j !== i) same[ofClass++] = d[j];
    }
    this.ofClass = ofClass;
    this.others = others;
  }

  get positives(): Float64Array {
    return this.same.subarray(0, this.ofClass);
  }

  get negatives(): Float64Array {
    return this.other.subarray(0, this.others);
  }

  /** Where each of the negatives stood. */
  get columns(): Int32Array {
    return this.at.subarray(0, this.others);
  }
}

/** The softmax of one anchor. A negative k has the probability p exp((d_hardest - d_k) / τ) / mass. */
export interface AnchorHardness {
  /** Probability of all negatives together, the mean over positives, 0..1. */
  readonly p: number;
  /** Σ_k exp((d_hardest - d_k) / τ), >= 1. */
  readonly mass: number;
  /** Position of the nearest negative, the first of equal ones. */
  readonly hardest: number;
  /** 1 / Σ q², q the shares of the negatives in p: Hill's number of order 2. */
  readonly effective: number;
  /** exp(-Σ q ln q), Hill's number of order 1: how many equal negatives would be as spread out. */
  readonly entropyEffective: number;
}

/**
 * @param positives, negatives distances of one anchor, finite, at least one of each
 * @param temperature τ > 0, unit of the distances
 * @source negativeProbabilities; Hill 1973, "Diversity and evenness", Ecology 54, for both effective numbers
 */
export function anchorHardness(
  positives: Float64Array,
  negatives: Float64Array,
  temperature: number,
): AnchorHardness {
  let hardest = 0;
  for (let k = 1; k < negatives.length; k++) if (negatives[k] < negatives[hardest]) hardest = k;
  const least = negatives[hardest];
  // Relative to the hardest negative every weight is in (0, 1], and their sum at least 1.
  let mass = 0;
  let squares = 0;
  let logits = 0;
  for (let k = 0; k < negatives.length; k++) {
    const logit = (least - negatives[k]) / temperature;
    const weight = Math.exp(logit);
    mass += weight;
    squares += weight * weight;
    // A weight below the smallest double counts nothing, however large its logit.
    if (weight > 0) logits += weight * logit;
  }
  let p = 0;
  for (let k = 0; k < positives.length; k++) {
    // mass / (mass + e^a); an e^a beyond the largest double gives the right limit, 0.
    p += mass / (mass + Math.exp((least - positives[k]) / temperature));
  }
  return {
    p: p / positives.length,
    mass,
    hardest,
    effective: (mass * mass) / squares,
    entropyEffective: mass * Math.exp(-logits / mass),
  };
}
