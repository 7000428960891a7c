/**
 * Squared length |Δ|² - (Δt)² of the chord between rows i and j of a hyperboloid of curvature -1, of which `space`
 * [n, k] holds the space parts and `time` [n] the first coordinates.
 */
export function chordSquared(
  space: Float64Array,
  time: Float64Array,
  k: number,
  i: number,
  j: number,
): number {
  let q = -((time[i] - time[j]) ** 2);
  for (let m = 0; m < k; m++) q += (space[i * k + m] - space[j * k + m]) ** 2;
  // Rounding takes that of near points far from the origin below 0.
  return Math.max(0, q);
}

/** Distance of two points whose chord has this squared length. */
export function chordToDistance(q: number): number {
  return 2 * Math.asinh(Math.sqrt(q) / 2);
}

/** d/dq of the distance, times the distance: finite at 0, where it is 1/2. */
export function distanceTimesSlope(q: number): number {
  return q > 0 ? chordToDistance(q) / (2 * Math.sqrt(q * (1 + q / 4))) : 0.5;
}

/** First coordinates √(1 + |row|²) of the points above the space parts [n, k]. */
export function timesOf(space: Float64Array, k: number): Float64Array {
  const time = new Float64Array(space.length / k);
  for (let i = 0; i < time.length; i++) {
    let squared = 1;
    for (let m = 0; m < k; m++) squared += space[i * k + m] ** 2;
    time[i] = Math.sqrt(squared);
  }
  return time;
}

/** Space parts [n, k] of the hyperboloid -> points of the unit ball, [n, k]. */
export function toUnitBall(space: Float64Array, k: number): Float64Array {
  const time = timesOf(space, k);
  return space.map((v, at) => v / (1 + time[Math.floor(at / k)]));
}
