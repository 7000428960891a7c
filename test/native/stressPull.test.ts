import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import type { StressCall } from '../../src/native/index.js';
import { FLOAT64 } from '../laws/tolerance.js';
import { addon, available } from './addon.js';

/** Points, of which the first two coincide, and distances that are not theirs. */
function callOf(n: number, dim: number, weighted: boolean): StressCall {
  const rng = new Rng(n + dim);
  const points = Float64Array.from({ length: n * dim }, () => rng.normal());
  points.copyWithin(dim, 0, n > 1 ? dim : 0);
  const symmetric = () => {
    const values = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) values[i * n + j] = values[j * n + i] = rng.uniform(0, 3);
    }
    return values;
  };
  return { points, delta: symmetric(), n, ...(weighted && { weights: symmetric() }) };
}

/** The sums as they are written, pair by pair. */
function byHand({ points, delta, weights, n }: StressCall) {
  const dim = points.length / n;
  const pull = new Float64Array(points.length);
  let stress = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const d = Math.hypot(...points.slice(i * dim, (i + 1) * dim).map((x, k) => x - points[j * dim + k]));
      const w = weights?.[i * n + j] ?? 1;
      stress += (w * (d - delta[i * n + j]) ** 2) / 2;
      if (d === 0) continue;
      for (let k = 0; k < dim; k++) {
        pull[i * dim + k] += w * (1 - delta[i * n + j] / d) * (points[i * dim + k] - points[j * dim + k]);
      }
    }
  }
  return { stress, pull };
}

describe.skipIf(!available)('the addon on stress', () => {
  it.each([
    [1, 2, false],
    [7, 3, true],
    [8, 1, false],
    [77, 5, true],
    [540, 2, false],
  ])('adds up the pairs of %i points of %i columns, weighted: %s', (n, dim, weighted) => {
    const call = callOf(n, dim, weighted);
    const pull = new Float64Array(n * dim);
    const expected = byHand(call);
    const stress = addon().stress(call, pull);
    expect(Math.abs(stress - expected.stress)).toBeLessThanOrEqual(FLOAT64 * Math.max(1, expected.stress));
    const largest = expected.pull.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    for (const [at, value] of pull.entries()) {
      expect(Math.abs(value - expected.pull[at])).toBeLessThanOrEqual(FLOAT64 * largest);
    }
  });

  it('gives the same bits on any number of threads', () => {
    const call = callOf(301, 3, true);
    const results = [1, 2, 5].map((threads) => {
      const pull = new Float64Array(903);
      return [addon().stress({ ...call, threads }, pull), ...pull];
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('refuses arrays of other lengths', () => {
    const call = callOf(5, 2, false);
    expect(() => addon().stress(call, new Float64Array(9))).toThrow(/stress pull.*10 values/);
    expect(() => addon().stress({ ...call, delta: new Float64Array(24) }, new Float64Array(10))).toThrow(
      /delta/,
    );
    expect(() =>
      addon().stress({ ...call, n: 3, delta: new Float64Array(9) }, new Float64Array(10)),
    ).toThrow();
  });
});
