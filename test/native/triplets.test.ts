import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { hostTriplets } from '../../src/losses/pairs/hostTriplets.js';
import type { TripletCall, TripletSums } from '../../src/native/index.js';
import { addon, available } from './addon.js';

interface Batch {
  readonly anchors: number;
  readonly references: number;
  readonly classes: number;
  /** Distances are multiples of 1 / steps, so that many are equal; the margin is one of them. */
  readonly steps: number;
}

function callOf({ anchors, references, classes, steps }: Batch, seed: number): TripletCall {
  const rng = new Rng(seed);
  const cells = Array.from({ length: anchors * references }, (_, at) => at);
  const same = cells.map((at) => Math.floor(at / references) % classes === (at % references) % classes);
  const itself = (at: number) => Math.floor(at / references) === at % references;
  return {
    distances: Float32Array.from(cells, () => Math.round(rng.uniform(0, 2) * steps) / steps),
    positives: Float32Array.from(cells, (at) => (same[at] && !itself(at) ? 1 : 0)),
    negatives: Float32Array.from(cells, (at) => (same[at] ? 0 : 1)),
    anchors,
    references,
    margin: 0.25,
  };
}

/** By definition, a triplet at a time. */
function slowly({ distances: d, positives, negatives, anchors, references: m, margin }: TripletCall) {
  const sums = new Float64Array(anchors);
  const active = new Float64Array(anchors);
  const slope = new Float64Array(anchors * m);
  for (let i = 0; i < anchors; i++)
    for (let p = i * m; p < (i + 1) * m; p++)
      for (let q = i * m; q < (i + 1) * m; q++) {
        if (!(positives[p] > 0 && negatives[q] > 0)) continue;
        const v = d[p] - d[q] + margin;
        if (Number.isNaN(v)) sums[i] = v;
        if (!(v > 0)) continue;
        sums[i] += v;
        active[i]++;
        slope[p]++;
        slope[q]--;
      }
  return { sums, active, slope };
}

/** The float32 that a float64 sum is rounded to; the order of adding shows only far below it. */
const ROUNDED = 1.2e-7;

function expectSame(actual: TripletSums, expected: ReturnType<typeof slowly>): void {
  expect(Array.from(actual.active)).toEqual(Array.from(expected.active));
  // Neither side tells 0 from -0.
  expect(actual.slope.every((s, at) => s === expected.slope[at])).toBe(true);
  actual.sums.forEach((sum, i) => {
    expect(Math.abs(sum - expected.sums[i])).toBeLessThanOrEqual(ROUNDED * expected.sums[i]);
  });
}

const FINE = 2 ** 20;
const BATCHES: readonly Batch[] = [
  { anchors: 1, references: 2, classes: 1, steps: FINE },
  { anchors: 24, references: 24, classes: 6, steps: FINE },
  { anchors: 70, references: 70, classes: 2, steps: FINE },
  { anchors: 70, references: 70, classes: 3, steps: 8 },
  // More negatives than go down the bisection side by side.
  { anchors: 9, references: 1037, classes: 3, steps: FINE },
  { anchors: 9, references: 600, classes: 600, steps: FINE },
];

describe.skipIf(!available)('triplets', () => {
  it.each(BATCHES)(
    'of %o are those of the definition, and of the loop without the addon to the bit',
    (batch) => {
      const call = callOf(batch, 1);
      const sums = addon().triplets(call);
      expectSame(sums, slowly(call));
      expect(sums).toEqual(hostTriplets(call));
    },
  );

  it('count a triplet whose v is 0 as none: by hand', () => {
    const call: TripletCall = {
      distances: Float32Array.of(0.5, 0.25, 0.75, 0.5, 1),
      positives: Float32Array.of(1, 1, 0, 0, 0),
      negatives: Float32Array.of(0, 0, 1, 1, 1),
      anchors: 1,
      references: 5,
      margin: 0.25,
    };
    // 0.5 - 0.5 + 0.25 alone is above 0; 0.5 - 0.75 + 0.25 and 0.25 - 0.5 + 0.25 are 0.
    const { sums, active, slope } = addon().triplets(call);
    expect([sums[0], active[0]]).toEqual([0.25, 1]);
    expect(slope).toEqual(Float32Array.of(1, 0, 0, -1, 0));
  });

  it('count a mask of any weight once, and let a column be both', () => {
    const call = callOf(BATCHES[1], 2);
    const heavy = {
      ...call,
      positives: call.positives.map((p) => 3 * p),
      negatives: call.negatives.map((q) => q / 2),
    };
    expect(addon().triplets(heavy)).toEqual(addon().triplets(call));
    const both = { ...call, negatives: call.negatives.map(() => 1) };
    expectSame(addon().triplets(both), slowly(both));
    expect(addon().triplets(both)).toEqual(hostTriplets(both));
  });

  it('give the same bits on any number of threads', () => {
    const call = callOf(BATCHES[2], 3);
    const one = addon().triplets({ ...call, threads: 1 });
    expect(addon().triplets({ ...call, threads: 2 })).toEqual(one);
    expect(addon().triplets({ ...call, threads: 7 })).toEqual(one);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'are not finite in the row of a distance %d, and only there',
    (bad) => {
      for (const column of [3, 4]) {
        const call = callOf(BATCHES[1], 4);
        // Item 9 is of the class of item 3; its distance to 4 is that to a negative.
        call.distances[9 * 24 + column] = bad;
        const sums = addon().triplets(call);
        expect(sums).toEqual(hostTriplets(call));
        sums.sums.forEach((sum, i) => {
          expect(Number.isFinite(sum)).toBe(i !== 9);
        });
        if (!Number.isNaN(bad)) continue;
        expect(sums.sums[9]).toBeNaN();
        const { active, slope } = slowly(call);
        expect(Array.from(sums.active)).toEqual(Array.from(active));
        expect(sums.slope.every((s, at) => s === slope[at])).toBe(true);
      }
    },
  );

  it('leave out a NaN that is in no triplet', () => {
    const call = callOf(BATCHES[1], 5);
    call.distances[0] = Number.NaN;
    expectSame(addon().triplets(call), slowly(call));
  });

  it('are 0 without positives, without negatives and without rows', () => {
    const call = callOf(BATCHES[1], 6);
    const none = new Float32Array(24 * 24);
    for (const empty of [
      { ...call, positives: none },
      { ...call, negatives: none },
    ]) {
      const { sums, active, slope } = addon().triplets(empty);
      for (const values of [sums, active, slope]) expect(values.every((value) => value === 0)).toBe(true);
    }
    const [distances, positives, negatives] = [none, none, none].map((t) => t.subarray(0, 0));
    const nobody = { distances, positives, negatives, margin: 0 };
    expect(addon().triplets({ ...nobody, anchors: 0, references: 4 }).sums.length).toBe(0);
    expect(addon().triplets({ ...nobody, anchors: 3, references: 0 }).sums).toEqual(new Float32Array(3));
  });

  it('refuse lengths that do not fit and margins that are no numbers', () => {
    const call = callOf(BATCHES[1], 7);
    const { triplets } = addon();
    expect(() => triplets({ ...call, references: 23 })).toThrow(
      /triplets distances: expected 24 x 23 values/,
    );
    expect(() => triplets({ ...call, negatives: new Float32Array(3) })).toThrow(/triplets negatives.*got 3/);
    expect(() => triplets({ ...call, margin: Number.NaN })).toThrow(/margin: expected a finite number/);
    expect(() => triplets({ ...call, threads: 0 })).toThrow(/threads/);
  });
});
