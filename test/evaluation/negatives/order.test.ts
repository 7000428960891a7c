import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ranks } from '../../../src/evaluation/correlation.js';
import {
  ascendingOrder,
  ranksInOrder,
  smallest,
  widestInversion,
} from '../../../src/evaluation/negatives/order.js';

/** Ties, both zeros, infinities, and doubles that float32 cannot tell apart. */
const value = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300, 5e-324),
  fc.integer({ min: -3, max: 3 }).map((k) => 1 + k * 2 ** -40),
);
const values = fc.array(value, { maxLength: 60 }).map((list) => Float64Array.from(list));

function bySorting(of: Float64Array): number[] {
  return Array.from(of, (_, i) => i).sort((a, b) => (of[a] < of[b] ? -1 : of[a] > of[b] ? 1 : a - b));
}

describe('ascendingOrder', () => {
  it('is that of a sort by value and then by position', () => {
    fc.assert(
      fc.property(values, (of) => {
        expect(Array.from(ascendingOrder(of))).toEqual(bySorting(of));
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('smallest', () => {
  it('is the beginning of that order', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 70 }), (of, count) => {
        expect(Array.from(smallest(of, count))).toEqual(bySorting(of).slice(0, count));
      }),
      { seed: 8, numRuns: 500 },
    );
  });
});

describe('ranksInOrder', () => {
  it('are the ranks of the correlation, ties shared', () => {
    const whole = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 });
    fc.assert(
      fc.property(whole, (list) => {
        const of = Float64Array.from(list);
        expect(ranksInOrder(of, ascendingOrder(of))).toEqual(ranks(of));
      }),
      { seed: 9, numRuns: 300 },
    );
  });
});

describe('widestInversion', () => {
  it('is the widest gap that the other side turns round, over all pairs', () => {
    const whole = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(whole, (pairs) => {
        const [a, b] = [0, 1].map((side) => Float64Array.from(pairs, (pair) => pair[side]));
        let widest = 0;
        for (const i of a.keys())
          for (const j of a.keys()) if (b[i] > b[j]) widest = Math.max(widest, a[j] - a[i]);
        expect(widestInversion(a, ascendingOrder(a), b)).toBe(widest);
      }),
      { seed: 10, numRuns: 300 },
    );
  });
});
