import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { intervalsOfMeans, middle95, resampledMeans } from '../../src/evaluation/bootstrap.js';

const rng = new Rng(8);

describe('intervalsOfMeans', () => {
  it('is a point for equal values, and contains the mean of others', () => {
    const values = Float64Array.from({ length: 200 }, () => rng.uniform());
    const mean = values.reduce((sum, value) => sum + value, 0) / 200;
    const [same, [low, high]] = intervalsOfMeans([new Float64Array(200).fill(0.25), values], new Rng(1));
    expect(same).toEqual([0.25, 0.25]);
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
    // 95 % of a mean of n uniform values lie within 1.96 / sqrt(12 n); a thousand draws place the ends within a tenth.
    expect(high - low).toBeGreaterThan((0.9 * 2 * 1.96) / Math.sqrt(12 * 200));
    expect(high - low).toBeLessThan((1.1 * 2 * 1.96) / Math.sqrt(12 * 200));
  });

  it('draws the same queries for every column, so that a column and its double move together', () => {
    const values = Float64Array.from({ length: 50 }, () => rng.normal());
    const [one, two] = intervalsOfMeans([values, values.map((v) => 2 * v)], new Rng(1));
    expect(two.map((end) => end / 2)).toEqual(one);
  });
});

describe('resampledMeans', () => {
  it('draws whole groups, and rows within them', () => {
    // Rows of a group agree, so a sample of two groups has one of three means.
    const values = Float64Array.of(0, 0, 0, 1, 1, 1);
    const [means] = resampledMeans([values], new Rng(3), { groups: [7, 7, 7, 9, 9, 9], resamples: 400 });
    const shares = [0, 0.5, 1].map((mean) => means.filter((m) => m === mean).length / 400);
    expect(shares.reduce((a, b) => a + b, 0)).toBe(1);
    // A quarter, a half and a quarter; 400 draws keep each within four standard errors, 0.1.
    [0.25, 0.5, 0.25].forEach((share, i) => {
      expect(Math.abs(shares[i] - share)).toBeLessThan(0.1);
    });
  });

  it('gives wider intervals where groups differ than rows taken as independent do', () => {
    const groups = Int32Array.from({ length: 100 }, (_, i) => Math.floor(i / 20));
    const values = Float64Array.from(groups, (g) => g + 0.1 * rng.normal());
    const width = ([low, high]: readonly [number, number]) => high - low;
    const [apart] = intervalsOfMeans([values], new Rng(1));
    const [together] = intervalsOfMeans([values], new Rng(1), { groups });
    expect(width(together)).toBeGreaterThan(2 * width(apart));
  });

  it('refuses groups of another number of rows', () => {
    expect(() => resampledMeans([new Float64Array(3)], rng, { groups: [0, 1] })).toThrow(ShapeError);
  });
});

describe('middle95', () => {
  it('leaves out 2.5 % at either end', () => {
    expect(middle95(Float64Array.from({ length: 1000 }, (_, i) => 999 - i))).toEqual([25, 974]);
  });
});
