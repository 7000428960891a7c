import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import type { AngularCall } from '../../src/native/index.js';
import { addon, available } from './addon.js';

interface Batch {
  readonly items: number;
  readonly classes: number;
  /** Largest distance. */
  readonly reach: number;
  /** Of the exponents. */
  readonly scale: number;
}

/** Masks that are not symmetric, with pairs that count twice; distances that are not symmetric either. */
function callOf({ items, classes, reach, scale }: Batch, seed: number): AngularCall {
  const rng = new Rng(seed);
  const cells = Array.from({ length: items * items }, (_, at) => at);
  const same = (at: number) => Math.floor(at / items) % classes === (at % items) % classes;
  const weight = () => (rng.uniform(0, 1) < 0.8 ? (rng.uniform(0, 1) < 0.2 ? 2 : 1) : 0);
  return {
    distances: Float32Array.from(cells, () => rng.uniform(0, reach)),
    positives: Float32Array.from(cells, (at) =>
      same(at) && Math.floor(at / items) !== at % items ? weight() : 0,
    ),
    negatives: Float32Array.from(cells, (at) => (same(at) ? 0 : weight())),
    scales: Float32Array.from({ length: items }, () => scale * rng.uniform(0.5, 1.5)),
    items,
    zero: 1,
    pull: 3.4,
  };
}

/** By definition, a positive and its negatives at a time, in float64. */
function slowly(
  { distances: d, positives, negatives, scales, items: n, zero, pull }: AngularCall,
  dy: Float32Array,
) {
  const sums = new Float64Array(n);
  const active = new Float64Array(n);
  const counts = new Float64Array(n);
  const toDistances = new Float64Array(n * n);
  const toScales = new Float64Array(n);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < n; p++) {
      const times = positives[i * n + p];
      if (!(times > 0)) continue;
      counts[i] += times;
      const exponent = (k: number) =>
        scales[k] * (2 * zero - d[i * n + k] - d[p * n + k]) - pull * (zero - d[i * n + p]);
      const columns = Array.from({ length: n }, (_, k) => k).filter((k) => negatives[i * n + k] > 0);
      const top = Math.max(0, ...columns.map(exponent));
      const weights = columns.map((k) => negatives[i * n + k] * Math.exp(exponent(k) - top));
      const above = weights.reduce((a, b) => a + b, 0);
      const whole = Math.exp(-top) + above;
      const value = top > 0 ? top + Math.log(whole) : Math.log1p(above);
      sums[i] += times * value;
      if (value > 0) active[i] += times;
      for (const [at, k] of columns.entries()) {
        const share = (dy[i] * times * weights[at]) / whole;
        toDistances[i * n + k] -= scales[k] * share;
        toDistances[p * n + k] -= scales[k] * share;
        toDistances[i * n + p] += pull * share;
        toScales[k] += (2 * zero - d[i * n + k] - d[p * n + k]) * share;
      }
    }
  return { sums, active, counts, toDistances, toScales };
}

/** design.md: values of losses to 1e-5, gradients to 1e-4 of the largest. */
function expectClose(got: Float32Array, expected: Float64Array, tolerance: number): void {
  const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const worst = got.reduce((a, b, at) => Math.max(a, Math.abs(b - expected[at])), 0);
  expect(got.every(Number.isFinite)).toBe(true);
  expect(worst).toBeLessThanOrEqual(tolerance * largest);
}

const pullsOf = (n: number) => Float32Array.from({ length: n }, (_, i) => 0.5 + (i % 3));
const BATCHES: readonly Batch[] = [
  { items: 2, classes: 2, reach: 2, scale: 2 },
  { items: 15, classes: 4, reach: 2, scale: 2.8 },
  { items: 70, classes: 6, reach: 2, scale: 2.8 },
  // More columns than a sum in float32 and a block of the gradients take.
  { items: 290, classes: 40, reach: 2, scale: 2.8 },
  // Exponents of up to 1000 either way, beyond what float32 holds.
  { items: 40, classes: 5, reach: 12, scale: 30 },
];

describe.skipIf(!available)('angular', () => {
  it.each(BATCHES)('sums of %o are those of the definition, with their derivatives', (batch) => {
    const call = callOf(batch, 1);
    const dy = pullsOf(batch.items);
    const expected = slowly(call, dy);
    const { angular } = addon();
    const { sums, active, counts, logarithms } = angular.sums(call);
    expectClose(sums, expected.sums, 1e-5);
    expect(Array.from(active)).toEqual(Array.from(expected.active));
    expect(Array.from(counts)).toEqual(Array.from(expected.counts));
    expect(logarithms.length).toBe(call.positives.filter((weight) => weight > 0).length);
    const { distances, scales } = angular.gradients(call, logarithms, dy);
    expectClose(distances, expected.toDistances, 1e-4);
    expectClose(scales, expected.toScales, 1e-4);
  });

  it('give the same bits on any number of threads', () => {
    const call = callOf(BATCHES[3], 2);
    const dy = pullsOf(call.items);
    const { angular } = addon();
    const on = (threads: number) => {
      const sums = angular.sums({ ...call, threads });
      return { ...sums, ...angular.gradients({ ...call, threads }, sums.logarithms, dy) };
    };
    const one = on(1);
    expect(on(2)).toEqual(one);
    expect(on(7)).toEqual(one);
  });

  it('is log(1 + 2 e^x) of a positive with two equal negatives, and half the rest for each: by hand', () => {
    const call: AngularCall = {
      distances: Float32Array.of(0, 0.5, 0.25, 0.25, 0.5, 0, 0.75, 0.75, ...new Array(8).fill(1)),
      positives: Float32Array.of(0, 1, 0, 0, ...new Array(12).fill(0)),
      negatives: Float32Array.of(0, 0, 1, 1, ...new Array(12).fill(0)),
      scales: new Float32Array(4).fill(2),
      items: 4,
      zero: 1,
      pull: 3,
    };
    // 2 (0.75 + 0.25) - 3 * 0.5 = 0.5 twice.
    const { angular } = addon();
    const { sums, logarithms } = angular.sums(call);
    expect(sums[0]).toBeCloseTo(Math.log(1 + 2 * Math.exp(0.5)), 6);
    const { distances } = angular.gradients(call, logarithms, Float32Array.of(1, 0, 0, 0));
    const half = Math.exp(0.5) / (1 + 2 * Math.exp(0.5));
    const expected = [0, 6 * half, -2 * half, -2 * half, 0, 0, -2 * half, -2 * half];
    expected.forEach((value, at) => {
      expect(distances[at]).toBeCloseTo(value, 6);
    });
  });

  it('are NaN for the anchors that a NaN reaches, and for them alone', () => {
    const n = 24;
    const label = (at: number) => [Math.floor(at / n) % 6, (at % n) % 6];
    const call = callOf({ items: n, classes: 6, reach: 2, scale: 2 }, 3);
    const whole = {
      ...call,
      positives: call.positives.map((_, at) => (label(at)[0] === label(at)[1] && at % (n + 1) ? 1 : 0)),
      negatives: call.negatives.map((_, at) => (label(at)[0] === label(at)[1] ? 0 : 1)),
    };
    // From item 9, of class 3, to one of another class: the row of a positive of all of its class.
    whole.distances[9 * n + 4] = Number.NaN;
    const { sums } = addon().angular.sums(whole);
    expect(Array.from(sums, Number.isNaN)).toEqual(Array.from({ length: n }, (_, i) => i % 6 === 3));
    // To a positive: its own sum alone.
    whole.distances[9 * n + 4] = 1;
    whole.distances[9 * n + 3] = Number.NaN;
    expect(addon().angular.sums(whole).sums[9]).toBeNaN();
  });

  it('are 0 without positives, without negatives and without items', () => {
    const call = callOf(BATCHES[1], 4);
    const none = new Float32Array(15 * 15);
    const { angular } = addon();
    for (const empty of [
      { ...call, positives: none },
      { ...call, negatives: none },
    ]) {
      const { sums, active, logarithms } = angular.sums(empty);
      const { distances, scales } = angular.gradients(empty, logarithms, pullsOf(15));
      for (const values of [sums, active, distances, scales]) expect(values.every((v) => v === 0)).toBe(true);
    }
    const nothing = new Float32Array(0);
    const [distances, positives, negatives, scales] = [nothing, nothing, nothing, nothing];
    const nobody = { distances, positives, negatives, scales, items: 0, zero: 1, pull: 1 };
    expect(angular.sums(nobody).sums.length).toBe(0);
    expect(angular.gradients(nobody, nothing, nothing).distances.length).toBe(0);
  });

  it('refuse lengths that do not fit and numbers that are not finite', () => {
    const call = callOf(BATCHES[1], 5);
    const { angular } = addon();
    const dy = pullsOf(15);
    expect(() => angular.sums({ ...call, items: 14 })).toThrow(/angular distances: expected 14 x 14 values/);
    expect(() => angular.sums({ ...call, scales: new Float32Array(3) })).toThrow(/angular scales.*got 3/);
    expect(() => angular.sums({ ...call, zero: Number.NaN })).toThrow(/zero: expected a finite number/);
    expect(() => angular.sums({ ...call, threads: 0 })).toThrow(/threads/);
    const { logarithms } = angular.sums(call);
    expect(() => angular.gradients(call, logarithms, dy.subarray(1))).toThrow(/angular dy.*got 14/);
    expect(() => angular.gradients(call, logarithms.subarray(1), dy)).toThrow(/one a positive is needed/);
  });
});
