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
  const anchors = Array.from(kept, (i) => hardnessOf(row(distances, i), labels, i, temperature));
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

interface AnchorHardness {
  readonly p: number;
  readonly hardestP: number;
  readonly effective: number;
  readonly hardest: number;
}

function hardnessOf(
  d: Float64Array,
  labels: ArrayLike<number>,
  i: number,
  temperature: number,
): AnchorHardness {
  let hardest = -1;
  for (let j = 0; j < d.length; j++) {
    if (labels[j] !== labels[i] && (hardest < 0 || d[j] < d[hardest])) hardest = j;
  }
  // Relative to the hardest negative every weight is in (0, 1], and their sum at least 1.
  let mass = 0;
  let squares = 0;
  for (let j = 0; j < d.length; j++) {
    if (labels[j] === labels[i]) continue;
    const weight = Math.exp((d[hardest] - d[j]) / temperature);
    mass += weight;
    squares += weight * weight;
  }
  let p = 0;
  let positives = 0;
  for (let j = 0; j < d.length; j++) {
    if (j === i || labels[j] !== labels[i]) continue;
    // mass / (mass + e^a); an e^a beyond the largest double gives the right limit, 0.
    p += mass / (mass + Math.exp((d[hardest] - d[j]) / temperature));
    positives++;
  }
  p /= positives;
  return { p, hardestP: p / mass, effective: (mass * mass) / squares, hardest };
}
