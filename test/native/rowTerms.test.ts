import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import type { RowCall, RowLaw, RowTerms } from '../../src/native/index.js';
import { addon, available } from './addon.js';

/** Rows of numbers a pair, by anchor. */
interface Row {
  readonly near: readonly { readonly d: number; readonly w: number; readonly at: number }[];
  readonly far: Row['near'];
}

/** What a law gives by its definition in float64, and derivatives of its first terms. */
interface Oracle {
  readonly parameters: Readonly<Record<string, number>>;
  /** Numbers of the terms that are not for the slopes alone. */
  terms(row: Row, m: number): Readonly<Record<string, number>>;
  /** Cells [column, derivative] of the pulls of a row. */
  slopes?(row: Row, pulls: readonly number[], m: number): [number, number][];
}

const total = (values: readonly number[]) => values.reduce((s, v) => s + v, 0);
const logSum = (terms: readonly { readonly w: number; readonly x: number }[]): number => {
  if (terms.length === 0) return Number.NEGATIVE_INFINITY;
  const top = Math.max(...terms.map(({ x }) => x));
  return top + Math.log(total(terms.map(({ w, x }) => w * Math.exp(x - top))));
};
const logOf = (pairs: Row['near'], factor: number) => logSum(pairs.map(({ d, w }) => ({ w, x: factor * d })));
const count = (pairs: Row['near']) => total(pairs.map(({ w }) => w));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const reach = (x: number) => Math.max(0, x);
const active = (pairs: Row['near'], excess: (d: number) => number) =>
  count(pairs.filter(({ d }) => excess(d) > 0));

function logSums(near: number, far: number): Oracle {
  const empty = (x: number) => (x === Number.NEGATIVE_INFINITY ? -1e9 : x);
  return {
    parameters: { near, far },
    terms: (row) => ({
      near: empty(logOf(row.near, near)),
      far: empty(logOf(row.far, far)),
      sum: total(row.near.map(({ d, w }) => w * d)),
      positives: count(row.near),
      negatives: count(row.far),
    }),
    slopes: (row, [toNear, toFar, toSum]) => [
      ...row.near.map(({ d, w, at }): [number, number] => [
        at,
        w * (near * Math.exp(near * d - logOf(row.near, near)) * toNear + toSum),
      ]),
      ...row.far.map(({ d, w, at }): [number, number] => [
        at,
        w * far * Math.exp(far * d - logOf(row.far, far)) * toFar,
      ]),
    ],
  };
}

function softpluses(factor: number): Oracle {
  const margin = (row: Row, d: number) => logOf(row.far, factor) - factor * d;
  // Where exp v is below the smallest normal number of float32, its logarithm is 0.
  const activeOf = (row: Row) => count(row.near.filter(({ d }) => margin(row, d) > -87));
  return {
    parameters: { factor },
    terms: (row) => ({
      sum: total(row.near.map(({ d, w }) => w * softplus(margin(row, d)))),
      active: activeOf(row),
      positives: count(row.near),
    }),
    slopes: (row, [pull]) => {
      const pulls = row.near.map(({ d, w, at }): [number, number] => [
        at,
        w * sigmoid(margin(row, d)) * pull,
      ]);
      const all = total(pulls.map(([, p]) => p));
      return [
        ...pulls.map(([at, p]): [number, number] => [at, -factor * p]),
        ...row.far.map(({ d, w, at }): [number, number] => [
          at,
          factor * w * Math.exp(factor * d - logOf(row.far, factor)) * all,
        ]),
      ];
    },
  };
}

function hinges(near: number, far: number, power: 1 | 2): Oracle {
  const [beyond, within] = [(d: number) => d - near, (d: number) => far - d];
  const [nearShift, farShift] = [0.25, -0.5];
  const slope = (x: number) => (x > 0 ? power * x ** (power - 1) : 0);
  const shifted = power === 2 ? { nearShift, farShift } : {};
  return {
    parameters: { near, far, ...shifted },
    terms: (row) => ({
      near: total(row.near.map(({ d, w }) => w * reach(beyond(d)) ** power)),
      far: total(row.far.map(({ d, w }) => w * reach(within(d)) ** power)),
      nearActive: active(row.near, beyond),
      farActive: active(row.far, within),
      positives: count(row.near),
      negatives: count(row.far),
    }),
    slopes: (row, [toNear, toFar]) => [
      ...row.near.map(({ d, w, at }): [number, number] => [
        at,
        w * (slope(beyond(d)) * toNear + (shifted.nearShift ?? 0)),
      ]),
      ...row.far.map(({ d, w, at }): [number, number] => [
        at,
        w * (-slope(within(d)) * toFar + (shifted.farShift ?? 0)),
      ]),
    ],
  };
}

function rankedMeans(near: number, far: number, nearTemperature: number, farTemperature: number): Oracle {
  const rest = 1e-3;
  const mean = (pairs: Row['near'], excess: (d: number) => number, T: number) => {
    const kept = pairs.filter(({ d }) => excess(d) > 0).map((pair) => ({ ...pair, v: excess(pair.d) }));
    const top = Math.max(0, ...kept.map(({ v }) => v));
    const all = total(kept.map(({ v, w }) => w * Math.exp(T * (v - top)))) + rest * Math.exp(-T * top);
    const value = total(kept.map(({ v, w }) => w * Math.exp(T * (v - top)) * v)) / all;
    const slopes = kept.map(({ v, w, at }): [number, number] => [
      at,
      (w * Math.exp(T * (v - top)) * (1 + T * (v - value))) / all,
    ]);
    return { value, slopes };
  };
  const ofNear = (row: Row) => mean(row.near, (d) => d - near, nearTemperature);
  const ofFar = (row: Row) => mean(row.far, (d) => far - d, farTemperature);
  return {
    parameters: { near, far, nearTemperature, farTemperature, rest },
    terms: (row) => ({
      near: ofNear(row).value,
      far: ofFar(row).value,
      pairs: count(row.near) + count(row.far),
    }),
    slopes: (row, [toNear, toFar]) => [
      ...ofNear(row).slopes.map(([at, s]): [number, number] => [at, s * toNear]),
      ...ofFar(row).slopes.map(([at, s]): [number, number] => [at, -s * toFar]),
    ],
  };
}

const sums: Oracle = {
  parameters: {},
  terms: (row) => ({
    near: total(row.near.map(({ d, w }) => w * d)),
    far: total(row.far.map(({ d, w }) => w * d)),
    positives: count(row.near),
    negatives: count(row.far),
  }),
};

interface Batch {
  readonly anchors: number;
  readonly references: number;
  readonly classes: number;
  /** Largest distance. */
  readonly reach: number;
}

/**
 * Class 0 has no negatives where it is the only one; pairs in the third column count twice; row 1 has no pairs at
 * all.
 */
function callOf({ anchors, references, classes, reach: largest }: Batch): RowCall {
  const rng = new Rng(anchors + references);
  const cells = Array.from({ length: anchors * references }, (_, at) => at);
  const [row, column] = [(at: number) => Math.floor(at / references), (at: number) => at % references];
  const same = cells.map((at) => row(at) % classes === column(at) % classes);
  const weight = (at: number) => (row(at) === 1 ? 0 : column(at) === 2 ? 2 : 1);
  return {
    distances: Float32Array.from(cells, () => rng.uniform(0, largest)),
    positives: Float32Array.from(cells, (at) => (same[at] && row(at) !== column(at) ? weight(at) : 0)),
    negatives: Float32Array.from(cells, (at) => (same[at] ? 0 : weight(at))),
    anchors,
    references,
  };
}

function rowsOf({ distances, positives, negatives, anchors, references: m }: RowCall): Row[] {
  const pairs = (mask: Float32Array, i: number) =>
    Array.from({ length: m }, (_, j) => ({ d: distances[i * m + j], w: mask[i * m + j], at: j })).filter(
      ({ w }) => w > 0,
    );
  return Array.from({ length: anchors }, (_, i) => ({ near: pairs(positives, i), far: pairs(negatives, i) }));
}

const BATCHES: readonly Batch[] = [
  { anchors: 1, references: 1, classes: 1, reach: 2 },
  { anchors: 3, references: 5, classes: 2, reach: 2 },
  { anchors: 24, references: 16, classes: 6, reach: 2 },
  { anchors: 33, references: 33, classes: 1, reach: 2 },
  { anchors: 33, references: 31, classes: 40, reach: 2 },
  { anchors: 5, references: 1037, classes: 2, reach: 2 },
];

/** float32 of the values and of the exponents of values up to 50; the sums add little, being float64. */
const CLOSE = 5e-6;

const LAWS: readonly [RowLaw, Oracle][] = [
  ['logSums', logSums(-10, -10)],
  ['logSums', logSums(2, -25)],
  ['softplus', softpluses(-1 / 0.07)],
  ['softplus', softpluses(1)],
  ['hinges', hinges(0.5, 1.25, 1)],
  ['squares', hinges(0.5, 1.25, 2)],
  ['rankedMeans', rankedMeans(0.5, 1.25, 0, 5)],
  ['rankedMeans', rankedMeans(0.5, 1.25, 3, 0.5)],
  ['sums', sums],
];

const PULLS: Readonly<Record<RowLaw, number>> = {
  logSums: 3,
  softplus: 1,
  hinges: 2,
  squares: 2,
  rankedMeans: 2,
  sums: 0,
};

const termsOf = (law: RowLaw, { parameters }: Oracle, call: RowCall) =>
  addon().rows.terms(law, call, parameters as never);
const pullsOf = (law: RowLaw, { anchors }: RowCall) =>
  Float32Array.from({ length: PULLS[law] * anchors }, (_, k) => 0.25 + ((7 * k) % 5) / 4);

function expectNear(got: number, expected: number, scale: number, what: string): void {
  if (Number.isNaN(expected)) return;
  expect(Math.abs(got - expected), what).toBeLessThanOrEqual(CLOSE * Math.max(1, Math.abs(expected), scale));
}

function expectLaw(law: RowLaw, oracle: Oracle, call: RowCall): void {
  const terms: RowTerms<RowLaw> = termsOf(law, oracle, call);
  const rows = rowsOf(call);
  const of: Readonly<Record<string, Float32Array>> = terms.of;
  rows.forEach((row, i) => {
    for (const [name, expected] of Object.entries(oracle.terms(row, call.references))) {
      expectNear(of[name][i], expected, 0, `${name} of row ${i}`);
    }
  });
  if (!oracle.slopes) return;
  const pulls = pullsOf(law, call);
  const slopes = addon().rows.slopes(law, call, oracle.parameters as never, terms, pulls);
  rows.forEach((row, i) => {
    const ofRow = Array.from({ length: PULLS[law] }, (_, k) => pulls[k * call.anchors + i]);
    const expected = new Float64Array(call.references);
    for (const [at, slope] of oracle.slopes?.(row, ofRow, call.references) ?? []) expected[at] += slope;
    const largest = Math.max(...expected.map(Math.abs));
    expected.forEach((slope, j) => {
      expectNear(slopes[i * call.references + j], slope, largest, `slope ${i}, ${j}`);
    });
  });
}

describe.skipIf(!available)('rows', () => {
  describe.each(LAWS)('%s %o', (law, oracle) => {
    it.each(BATCHES)('are those of the definition, of %o', (batch) => expectLaw(law, oracle, callOf(batch)));

    it('give the same bits on any number of threads', () => {
      const call = callOf({ anchors: 70, references: 75, classes: 7, reach: 2 });
      const one = termsOf(law, oracle, { ...call, threads: 1 });
      for (const threads of [2, 7]) {
        expect(termsOf(law, oracle, { ...call, threads }).all).toEqual(one.all);
        if (!oracle.slopes) continue;
        const slopes = (own: RowCall) =>
          addon().rows.slopes(law, own, oracle.parameters as never, one, pullsOf(law, call));
        expect(slopes({ ...call, threads })).toEqual(slopes({ ...call, threads: 1 }));
      }
    });

    it('are NaN in the row of a NaN, and the same as before in all others', () => {
      const call = callOf({ anchors: 24, references: 40, classes: 6, reach: 2 });
      const before = termsOf(law, oracle, call);
      // Item 9 is of the class of item 3; its distance to 4 is that to a negative.
      for (const column of [3, 4]) {
        const distances = Float32Array.from(call.distances);
        distances[9 * 40 + column] = Number.NaN;
        const after = termsOf(law, oracle, { ...call, distances });
        if (PULLS[law] > 0) {
          for (let k = 0; k < PULLS[law]; k++) expect(after.values[k * 24 + 9]).toBeNaN();
        }
        const others = (all: Float32Array) => all.filter((_, at) => at % 24 !== 9);
        expect(others(after.all)).toEqual(others(before.all));
      }
    });

    it('are 0, or -1e9 as a logarithm, without any pair', () => {
      const call = callOf(BATCHES[2]);
      const none = new Float32Array(call.distances.length);
      const empty = { ...call, positives: none, negatives: none };
      const terms = termsOf(law, oracle, empty);
      for (const value of terms.values) expect([0, Math.fround(-1e9)]).toContain(value);
      if (!oracle.slopes || law === 'squares') return;
      const slopes = addon().rows.slopes(law, empty, oracle.parameters as never, terms, pullsOf(law, call));
      expect(slopes.every((slope) => slope === 0)).toBe(true);
    });

    it('of nothing are nothing', () => {
      const none = new Float32Array(0);
      const nobody = { distances: none, positives: none, negatives: none };
      expect(termsOf(law, oracle, { ...nobody, anchors: 0, references: 4 }).all.length).toBe(0);
      const terms = termsOf(law, oracle, { ...nobody, anchors: 3, references: 0 });
      for (const value of terms.values) expect([0, Math.fround(-1e9)]).toContain(value);
    });
  });

  it.each<[RowLaw, Oracle]>([
    ['logSums', logSums(-100, -100)],
    ['logSums', logSums(100, -100)],
    ['softplus', softpluses(-100)],
    ['softplus', softpluses(100)],
    ['rankedMeans', rankedMeans(10, 9000, 100, 100)],
  ])('%s of distances up to 1e4 overflow at no temperature of 0.01: %o', (law, oracle) => {
    // Multiples of 1 / 1024, which float32 holds exactly: a step is one of 0.1 in the exponents.
    const call = callOf({ anchors: 24, references: 40, classes: 6, reach: 2 });
    const distances = call.distances.map((d) => Math.round(d * 5e3) + Math.round(d * 512) / 1024);
    expectLaw(law, oracle, { ...call, distances });
  });

  it('take an infinite distance of a pair that does not count for nothing', () => {
    const call = callOf({ anchors: 24, references: 24, classes: 6, reach: 2 });
    const distances = Float32Array.from(call.distances);
    for (let i = 0; i < 24; i++) distances[i * 25] = Number.POSITIVE_INFINITY;
    for (const [law, oracle] of LAWS) {
      expect(termsOf(law, oracle, { ...call, distances }).all).toEqual(termsOf(law, oracle, call).all);
    }
  });

  it('refuse lengths that do not fit', () => {
    const call = callOf(BATCHES[1]);
    const { rows } = addon();
    const parameters = { near: 0, far: 1 };
    expect(() => rows.terms('hinges', { ...call, references: 4 }, parameters)).toThrow(
      /rows distances: expected 3 x 4 values, got 15/,
    );
    const terms = rows.terms('hinges', call, parameters);
    expect(() => rows.slopes('hinges', call, parameters, terms, new Float32Array(3))).toThrow(
      /rows pulls: expected 6 values, got 3/,
    );
    expect(() => rows.terms('hinges', { ...call, threads: 0 }, parameters)).toThrow(/threads/);
  });
});

describe.skipIf(!available)('masks', () => {
  const labels = Int32Array.from({ length: 37 }, (_, i) => (i * i) % 5);

  it.each([1, 2])('of labels with themselves leave out the diagonal, on %i threads', (threads) => {
    const { positives, negatives } = addon().rows.masks(labels, undefined, threads);
    labels.forEach((a, i) => {
      labels.forEach((b, j) => {
        const at = i * labels.length + j;
        expect([positives[at], negatives[at]]).toEqual(a !== b ? [0, 1] : [i === j ? 0 : 1, 0]);
      });
    });
  });

  it('of labels with others have every pair', () => {
    const others = Int32Array.of(0, 1, 9, -3, 4, 4);
    const { positives, negatives } = addon().rows.masks(labels, others);
    labels.forEach((a, i) => {
      others.forEach((b, j) => {
        const at = i * others.length + j;
        expect([positives[at], negatives[at]]).toEqual(a === b ? [1, 0] : [0, 1]);
      });
    });
  });

  it('of nothing are nothing', () => {
    expect(addon().rows.masks(new Int32Array(0)).positives.length).toBe(0);
    expect(addon().rows.masks(labels, new Int32Array(0)).negatives.length).toBe(0);
  });
});
