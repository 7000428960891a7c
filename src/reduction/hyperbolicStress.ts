import { chordSquared, chordToDistance, distanceTimesSlope, timesOf } from './hyperboloidPairs.js';

export interface StressTask {
  /** [n, n], δ; the half below the diagonal is read. */
  readonly delta: ArrayLike<number>;
  readonly n: number;
  /** Columns of the space parts. */
  readonly dim: number;
}

/**
 * Σ_{i<j} (d_ij - s δ_ij)² of points of the hyperboloid of curvature -1, with its derivatives by the space parts
 * [n, dim], written to `gradient`, and by s. dt/dx = x / t.
 */
export function hyperbolicStress(
  space: Float64Array,
  { delta, n, dim: k }: StressTask,
  s: number,
  gradient: Float64Array,
): { raw: number; byScale: number } {
  const time = timesOf(space, k);
  gradient.fill(0);
  let raw = 0;
  let byScale = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const q = chordSquared(space, time, k, i, j);
      const d = chordToDistance(q);
      const off = d - s * delta[i * n + j];
      raw += off * off;
      byScale -= 2 * off * delta[i * n + j];
      // Of (d - δ)² by q: 2 (d - δ) d', where d' d is the known limit; at d = 0 there is no direction to go.
      const pull = d > 0 ? 2 * off * (distanceTimesSlope(q) / d) : 0;
      const dt = time[i] - time[j];
      for (let m = 0; m < k; m++) {
        const apart = space[i * k + m] - space[j * k + m];
        gradient[i * k + m] += 2 * pull * (apart - (dt * space[i * k + m]) / time[i]);
        gradient[j * k + m] -= 2 * pull * (apart - (dt * space[j * k + m]) / time[j]);
      }
    }
  }
  return { raw, byScale };
}
