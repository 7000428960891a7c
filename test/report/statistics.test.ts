import { describe, expect, it } from 'vitest';
import { drawable, meanOf, quantiles, runningMedian, thin } from '../../src/report/statistics.js';

const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

describe('runningMedian', () => {
  it('gives the medians of groups in the order of x', () => {
    const x = Array.from({ length: 18 }, (_, i) => 17 - i);
    expect(runningMedian(x, x, all(18), 2)).toEqual([
      [4, 4],
      [13, 13],
    ]);
  });

  it('is empty for fewer values than one group needs', () => {
    expect(runningMedian([1, 2], [1, 2], all(2), 5)).toEqual([]);
  });
});

describe('samples with missing values', () => {
  it('are summed up over the drawable ones', () => {
    const values = [1, Number.NaN, 3, Number.POSITIVE_INFINITY, 1e300];
    expect([...drawable(values)]).toEqual([1, 3]);
    expect(meanOf(values)).toBe(2);
    expect(quantiles(values, [0, 0.5, 1])).toEqual([1, 2, 3]);
    expect(meanOf([])).toBeNaN();
  });

  it('are thinned evenly', () => {
    expect([...thin(all(10), 5)]).toEqual([0, 2, 4, 6, 8]);
    expect([...thin(all(3), 5)]).toEqual([0, 1, 2]);
  });
});
