import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { Scan } from '../../src/evaluation/negatives/scan.js';
import { hardnessAnchors } from '../../src/geometry/hardness.js';
import type { NegativesCall } from '../../src/native/index.js';
import { FLOAT64 } from '../laws/tolerance.js';
import { addon, available } from './addon.js';

const ITEMS = 130;
const DEPTH = 7;
const TEMPERATURES = [0.1, 0.7];

/** Rows [first, first + rows) of random distances, many of them equal. */
function callOf(first: number, rows: number, seed: number): NegativesCall {
  const rng = new Rng(seed);
  const classes = Int32Array.from({ length: ITEMS }, (_, i) => (i === 3 ? 99 : (i * i) % 7));
  const anchors = hardnessAnchors(classes).filter((i) => i >= first && i < first + rows);
  const distances = Float32Array.from(
    { length: rows * ITEMS },
    () => Math.round(rng.uniform(0, 40)) / 20 - 0.5,
  );
  return { distances, classes, anchors, first, depth: DEPTH, quantile: 0.6, temperatures: TEMPERATURES };
}

describe.skipIf(!available)('the addon on negatives', () => {
  it('finds what the scan on this thread finds, ties by smaller item', () => {
    for (const [first, rows] of [
      [0, ITEMS],
      [40, 17],
    ] as const) {
      const call = callOf(first, rows, first + 1);
      const plan = { temperatures: [TEMPERATURES], depth: DEPTH, quantile: 0.6, pairs: [] };
      const [slow, fast] = [0, 1].map(() => new Scan(plan, call.anchors, false));
      for (const [slot, i] of call.anchors.entries()) {
        const d = Float64Array.from(call.distances.subarray((i - first) * ITEMS, (i - first + 1) * ITEMS));
        slow.takeArm(slot, 0, d, call.classes, i);
      }
      fast.put(0, 0, addon().negatives(call));
      expect(fast.negatives).toEqual(slow.negatives);
      expect(fast.expected).toEqual(slow.expected);
      const [exact, found] = [slow.arms[0], fast.arms[0]];
      for (const name of ['nearest', 'distances', 'nearer', 'within'] as const)
        expect(found[name]).toEqual(exact[name]);
      const close = (a: Float64Array, b: Float64Array) => {
        for (const [slot, value] of a.entries()) {
          expect(Math.abs(value - b[slot])).toBeLessThanOrEqual(FLOAT64 * Math.max(1, value));
        }
      };
      close(found.variance, exact.variance);
      for (const [t, { p, mass, effective, entropyEffective }] of found.weights.entries()) {
        close(p, exact.weights[t].p);
        close(mass, exact.weights[t].mass);
        close(effective, exact.weights[t].effective);
        close(entropyEffective, exact.weights[t].entropyEffective);
      }
    }
  });

  it('gives the same bits on any number of threads', () => {
    const call = callOf(0, ITEMS, 5);
    expect(addon().negatives({ ...call, threads: 3 })).toEqual(addon().negatives({ ...call, threads: 1 }));
  });

  it('says of an anchor with a distance that is not finite that nothing is known, and of the others all', () => {
    const call = callOf(0, ITEMS, 6);
    const whole = addon().negatives(call);
    for (const [value, column] of [
      [Number.NaN, 1],
      [Number.POSITIVE_INFINITY, 2],
      [Number.NaN, 17],
    ]) {
      const distances = call.distances.slice();
      // Anchor 10 is of class 2; 1 and 2 are not, 17 is.
      distances[10 * ITEMS + column] = value;
      const { variance, sums } = addon().negatives({ ...call, distances });
      const slot = call.anchors.indexOf(10);
      expect(variance[slot]).toBeNaN();
      expect(variance.filter((_, i) => i !== slot)).toEqual(whole.variance.filter((_, i) => i !== slot));
      expect(sums.subarray(8 * slot, 8 * slot + 8).every(Number.isNaN)).toBe(true);
    }
  });

  it('refuses anchors without a row, and lengths that do not fit', () => {
    const call = callOf(40, 17, 7);
    expect(() => addon().negatives({ ...call, anchors: Int32Array.of(39) })).toThrow(/anchor/);
    expect(() => addon().negatives({ ...call, anchors: Int32Array.of(57) })).toThrow(/anchor/);
    expect(() => addon().negatives({ ...call, distances: call.distances.subarray(1) })).toThrow(
      /rows of 130/,
    );
    expect(() => addon().negatives({ ...call, depth: 0 })).toThrow();
    expect(() => addon().negatives({ ...call, quantile: 1 })).toThrow(/quantile/);
  });
});
