import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import {
  bootstrapMeans,
  bootstrapRatios,
  bootstrapSamples,
  percentileInterval,
} from '../../src/evaluation/bootstrap.js';

const rng = new Rng(8);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe('bootstrapMeans', () => {
  it('is a point for equal values, and contains the mean of others', () => {
    const values = Float64Array.from({ length: 200 }, () => rng.uniform());
    const [same, [low, high]] = bootstrapMeans([new Float64Array(200).fill(0.25), values], new Rng(1));
    expect(same).toEqual([0.25, 0.25]);
    expect(low).toBeLessThan(mean(values));
    expect(high).toBeGreaterThan(mean(values));
    // 95 % of a mean of n uniform values lie within 1.96 / sqrt(12 n); a thousand draws place the ends within a tenth.
    expect(high - low).toBeGreaterThan((0.9 * 2 * 1.96) / Math.sqrt(12 * 200));
    expect(high - low).toBeLessThan((1.1 * 2 * 1.96) / Math.sqrt(12 * 200));
  });

  it('draws the same observations for every column, so that a column and its double move together', () => {
    const values = Float64Array.from({ length: 50 }, () => rng.normal());
    const [one, two] = bootstrapMeans([values, values.map((v) => 2 * v)], new Rng(1));
    expect(two.map((end) => end / 2)).toEqual(one);
  });

  it('covers the true mean of clustered values nearly as often as it says, if it knows the clusters', () => {
    // 40 clusters of 10: a share of .8 of the variance is common to a cluster, so that 400 values weigh like some 48.
    const runs = 200;
    const clusters = Int32Array.from({ length: 400 }, (_, i) => i % 40);
    let [withClusters, without] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const draw = new Rng(run);
      const common = Float64Array.from({ length: 40 }, () => Math.sqrt(0.8) * draw.normal());
      const values = Float64Array.from(clusters, (c) => common[c] + Math.sqrt(0.2) * draw.normal());
      const options = { resamples: 200 };
      const [[low, high]] = bootstrapMeans([values], draw, { ...options, clusters });
      const [[from, to]] = bootstrapMeans([values], draw, options);
      withClusters += low <= 0 && 0 <= high ? 1 : 0;
      without += from <= 0 && 0 <= to ? 1 : 0;
    }
    // Percentile intervals of 40 clusters cover some 93 %; 200 runs count that to ± 4 points (two standard deviations).
    expect(withClusters / runs).toBeGreaterThan(0.88);
    expect(withClusters / runs).toBeLessThan(0.98);
    // Taken for independent, the interval is a third as wide as it should be.
    expect(without / runs).toBeLessThan(0.65);
  });

  it('leaves NaN out, and knows nothing where a sample may find nothing', () => {
    const values = Float64Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? Number.NaN : 1 + (i % 3)));
    const [[low, high], nothing] = bootstrapMeans([values, values.map(() => Number.NaN)], new Rng(3));
    expect(low).toBeGreaterThan(2);
    expect(high).toBeLessThan(3);
    expect(nothing).toEqual([Number.NaN, Number.NaN]);
  });

  it('refuses what it cannot draw', () => {
    const draw =
      (...given: Parameters<typeof bootstrapMeans>) =>
      () =>
        bootstrapMeans(...given);
    expect(draw([[]], rng)).toThrow(ShapeError);
    expect(draw([[1, 2], [1]], rng)).toThrow(ShapeError);
    expect(draw([[1, 2]], rng, { clusters: [1] })).toThrow(ShapeError);
    expect(draw([[1, 2]], rng, { resamples: 0 })).toThrow(UsageError);
    expect(draw([[1, 2]], rng, { confidence: 1 })).toThrow(DomainError);
    expect(bootstrapMeans([], rng)).toEqual([]);
  });
});

describe('bootstrapRatios', () => {
  it('is the ratio of sums, not the mean of ratios', () => {
    // Σ over / Σ by = 2 whatever is drawn, while the ratios themselves differ.
    const by = Float64Array.of(1, 2, 5, 9);
    const [interval] = bootstrapRatios([{ over: by.map((v) => 2 * v), by }], new Rng(4));
    expect(interval).toEqual([2, 2]);
  });
});

describe('bootstrapSamples', () => {
  const ones = (n: number) => new Float64Array(n).fill(1);

  it('draws whole clusters, then observations within them', () => {
    // Observations of a cluster agree, so a sample of two clusters has one of three means.
    const over = Float64Array.of(0, 0, 0, 1, 1, 1);
    const options = { clusters: [7, 7, 7, 9, 9, 9], within: true, resamples: 400 };
    const [means] = bootstrapSamples([{ over, by: ones(6) }], new Rng(3), options);
    const shares = [0, 0.5, 1].map((m) => means.filter((value) => value === m).length / 400);
    expect(shares.reduce((a, b) => a + b, 0)).toBe(1);
    // A quarter, a half and a quarter; 400 draws keep each within four standard errors, 0.1.
    [0.25, 0.5, 0.25].forEach((share, i) => {
      expect(Math.abs(shares[i] - share)).toBeLessThan(0.1);
    });
  });

  it('of one cluster is as wide as that of its observations, where they are drawn within it', () => {
    const over = Float64Array.from({ length: 100 }, () => rng.normal());
    const spread = (options: { clusters?: Int32Array; within?: boolean }) => {
      const [low, high] = bootstrapMeans([over], new Rng(5), options)[0];
      return high - low;
    };
    const clusters = new Int32Array(100);
    expect(spread({ clusters })).toBe(0);
    // Both ends are percentiles of a thousand draws, each off by a few percent of the width.
    expect(spread({ clusters, within: true }) / spread({})).toBeGreaterThan(0.85);
    expect(spread({ clusters, within: true }) / spread({})).toBeLessThan(1.15);
  });
});

describe('percentileInterval', () => {
  it('takes the middle of the values, by hand', () => {
    const values = Float64Array.from({ length: 101 }, (_, i) => 100 - i);
    expect(percentileInterval(values, 0.9)).toEqual([5, 95]);
  });
});
