import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { drawDigitSets } from '../../src/data/digitSets.js';

describe('drawDigitSets', () => {
  it('draws one-hot digits as often as the labels have them', () => {
    const sets = drawDigitSets([3, 3, 3, 7], 200, 20, new Rng(1));
    expect(sets).toHaveLength(200);
    const counts = new Array<number>(10).fill(0);
    for (const { data, rows } of sets) {
      for (let i = 0; i < rows; i++) {
        const digit = data.subarray(10 * i, 10 * i + 10);
        expect(digit.reduce((a, b) => a + b)).toBe(1);
        counts[digit.indexOf(1)]++;
      }
    }
    // 4,000 draws at 3/4: a standard deviation of 27.
    expect(Math.abs(counts[3] - 3000)).toBeLessThan(110);
    expect(counts[3] + counts[7]).toBe(4000);
  });

  it('is the same for the same seed', () => {
    expect(drawDigitSets([0, 1, 2], 3, 4, new Rng(5))).toEqual(drawDigitSets([0, 1, 2], 3, 4, new Rng(5)));
  });

  it('refuses no labels and sets of no size', () => {
    expect(() => drawDigitSets([], 1, 1, new Rng(1))).toThrow(UsageError);
    expect(() => drawDigitSets([1], 1, 0, new Rng(1))).toThrow(UsageError);
  });
});
