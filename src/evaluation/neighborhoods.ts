import { requireFinite, requireInteger } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { type Matrix64, row } from '../core/matrix.js';

/** How neighbourhoods of codes follow those of inputs, each 0..1, 1 being best. */
export interface NeighborhoodReport {
  /** Low when code neighbours were far apart as inputs. */
  readonly trustworthiness: number;
  /** Low when input neighbours were torn apart: trustworthiness with the sides exchanged. */
  readonly continuity: number;
  /** Mean share of the k input neighbours among the k code neighbours. */
  readonly knnRecall: number;
}

/**
 * @param inputs, codes [n, n] distances within one set, the diagonal not read; ties by smaller index
 * @param k 1 <= k < n / 2, beyond which trustworthiness is not normalised
 * @throws ShapeError unless both are square and alike, UsageError for k out of range, DomainError for NaN
 * @source Venna and Kaski 2001, "Neighborhood preservation in nonlinear projection methods"
 */
export function neighborhoodReport(inputs: Matrix64, codes: Matrix64, k: number): NeighborhoodReport {
  const n = inputs.rows;
  for (const [who, m] of Object.entries({ inputs, codes })) {
    if (m.rows !== n || m.columns !== n) {
      const remedy = 'pass distances within the same set';
      throw new ShapeError(
        expectation(`neighborhoodReport ${who}`, `${n} x ${n}`, `${m.rows} x ${m.columns}`, remedy),
      );
    }
    requireFinite(m.data, n, `neighborhoodReport ${who}`);
  }
  requireInteger(k, 1, 'neighborhoodReport k', Math.ceil(n / 2) - 1);
  let intruders = 0;
  let absentees = 0;
  let shared = 0;
  for (let i = 0; i < n; i++) {
    const inputRank = ranksFrom(row(inputs, i), i);
    const codeRank = ranksFrom(row(codes, i), i);
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const nearInput = inputRank[j] <= k;
      const nearCode = codeRank[j] <= k;
      if (nearInput && nearCode) shared++;
      else if (nearCode) intruders += inputRank[j] - k;
      else if (nearInput) absentees += codeRank[j] - k;
    }
  }
  const norm = 2 / (n * k * (2 * n - 3 * k - 1));
  return {
    trustworthiness: 1 - norm * intruders,
    continuity: 1 - norm * absentees,
    knnRecall: shared / (n * k),
  };
}

/** rank[j] = 1 for the nearest other item, and so on. */
function ranksFrom(distances: Float64Array, self: number): Int32Array {
  const order = Int32Array.from({ length: distances.length }, (_, j) => j)
    .filter((j) => j !== self)
    .sort((a, b) => distances[a] - distances[b] || a - b);
  const rank = new Int32Array(distances.length);
  for (let r = 0; r < order.length; r++) rank[order[r]] = r + 1;
  return rank;
}
