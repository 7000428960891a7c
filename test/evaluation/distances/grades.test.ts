import { describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { spearman } from '../../../src/evaluation/correlation.js';
import { gradeMap, gradeOf, spearmanOfGrades } from '../../../src/evaluation/distances/grades.js';
import { GRADES } from '../../../src/native/index.js';

/** Pairs of distances whose ranks agree to some degree. */
function pairs(count: number, noise: number, rng: Rng): { input: Float64Array; code: Float64Array } {
  const input = Float64Array.from({ length: count }, () => Math.abs(rng.normal()) + 0.5);
  return { input, code: input.map((a) => a * a + noise * rng.uniform()) };
}

function byGrades(input: Float64Array, code: Float64Array, sampled: number) {
  const [a, b] = [input, code].map((side) => gradeMap(side.slice(0, sampled)));
  const [u, v] = [input.map((d) => gradeOf(a, d)), code.map((d) => gradeOf(b, d))];
  const tables = new Float64Array(4 * GRADES);
  let products = 0;
  for (let i = 0; i < u.length; i++) {
    tables[u[i]]++;
    tables[GRADES + u[i]] += v[i];
    tables[2 * GRADES + v[i]]++;
    tables[3 * GRADES + v[i]] += u[i];
    products += u[i] * v[i];
  }
  const sample = { input: u.subarray(0, sampled), code: v.subarray(0, sampled) };
  return spearmanOfGrades(tables, products, sample);
}

describe('grades of distances', () => {
  it('never fall as the distance rises, and stay within their number', () => {
    const map = gradeMap(pairs(2000, 1, new Rng(1)).input);
    const grades = Array.from({ length: 5000 }, (_, i) => gradeOf(map, i / 1000));
    expect(grades).toEqual([...grades].sort((a, b) => a - b));
    expect(grades[0]).toBe(0);
    expect(gradeOf(map, 1e9)).toBe(GRADES - 1);
    expect(new Set(grades).size).toBeGreaterThan(1000);
  });

  it('put everything into one place where all distances are equal', () => {
    const map = gradeMap(Float64Array.of(2, 2, 2));
    expect(gradeOf(map, 2)).toBe(gradeOf(map, 2));
  });

  it.each([0.01, 1, 20])('give the rank correlation within the error that is told, noise %f', (noise) => {
    const rng = new Rng(3);
    const { input, code } = pairs(200_000, noise, rng);
    const exact = spearman(input, code);
    // From a thirtieth of the pairs the provisional order is off by about a percent.
    const { value, error } = byGrades(input, code, 6000);
    expect(Math.abs(value - exact)).toBeLessThanOrEqual(error);
    expect(error).toBeLessThan(2e-3);
    expect(Math.abs(value - exact)).toBeLessThan(2e-5);
  });

  it('give exact ranks to few values that come often', () => {
    const rng = new Rng(4);
    const input = Float64Array.from({ length: 20_000 }, () => rng.below(5));
    const code = input.map((a) => a + rng.below(3));
    expect(byGrades(input, code, 20_000).value).toBeCloseTo(spearman(input, code), 9);
  });
});
