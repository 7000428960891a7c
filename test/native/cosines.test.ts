import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { CosineCall, CosinePull } from '../../src/native/index.js';
import { addon, available } from './addon.js';

interface Size {
  readonly n: number;
  readonly m: number;
  readonly columns: number;
}

const wave = (count: number, key: string) => {
  const rng = new Rng(11).split(key);
  return Float32Array.from({ length: count }, () => rng.normal());
};

type TwoSides = Required<Omit<CosineCall, 'threads'>> & Pick<CosineCall, 'threads'>;

function callOf({ n, m, columns }: Size, sides: Partial<TwoSides> = {}): TwoSides {
  return {
    items: wave(n * columns, 'items'),
    vectors: wave(m * columns, 'vectors'),
    columns,
    factor: 3,
    unitItems: true,
    unitVectors: true,
    ...sides,
  };
}

const rowsOf = (values: Float32Array, columns: number) =>
  Array.from({ length: values.length / columns }, (_, i) => values.subarray(i * columns, (i + 1) * columns));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
};

/** Rows in float64, of norm 1 where asked for, and their norms. */
function side(values: Float32Array, columns: number, unit: boolean) {
  const norms = rowsOf(values, columns).map((row) => Math.sqrt(dot(row, row)));
  const rows = rowsOf(values, columns).map((row, i) =>
    Array.from(row, (a) => (unit ? (norms[i] === 0 ? 0 : a / norms[i]) : a)),
  );
  return { rows, norms };
}

/** By definition, a pair at a time in float64. */
function slowly(call: TwoSides, pull?: CosinePull) {
  const { columns, factor } = call;
  const x = side(call.items, columns, call.unitItems);
  const y = side(call.vectors, columns, call.unitVectors);
  const logits = x.rows.flatMap((p) => y.rows.map((q) => factor * dot(p, q)));
  if (!pull) return { logits, items: [], vectors: [] };
  const m = y.rows.length;
  const g = (i: number, j: number) => factor * pull.entries[i * m + j] * (pull.rows?.[i] ?? 1);
  const sum = (rows: number[][], weight: (j: number) => number) => {
    const to = new Array<number>(columns).fill(0);
    rows.forEach((row, j) => {
      for (let k = 0; k < columns; k++) to[k] += weight(j) * row[k];
    });
    return to;
  };
  const back = (to: number[], unit: boolean, { rows, norms }: typeof x, i: number, multiple = 0) => {
    if (!unit) return to.map((a, k) => a + multiple * rows[i][k]);
    const along = dot(to, rows[i]);
    return to.map((a, k) => (norms[i] === 0 ? 0 : (a - along * rows[i][k]) / norms[i]));
  };
  return {
    logits,
    items: x.rows.flatMap((_, i) =>
      back(
        sum(y.rows, (j) => g(i, j)),
        call.unitItems,
        x,
        i,
        pull.itemMultiples?.[i],
      ),
    ),
    vectors: y.rows.flatMap((_, j) =>
      back(
        sum(x.rows, (i) => g(i, j)),
        call.unitVectors,
        y,
        j,
        pull.vectorMultiples?.[j],
      ),
    ),
  };
}

/** Sums of up to 5000 products in float32, by their largest result. */
const SUMMED = 3e-6;

function expectNear(actual: Float32Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((top, a) => Math.max(top, Math.abs(a)), 1);
  const worst = expected.reduce((top, a, at) => Math.max(top, Math.abs(a - actual[at])), 0);
  expect(worst).toBeLessThanOrEqual(SUMMED * scale);
}

const SIZES: readonly Size[] = [
  { n: 1, m: 1, columns: 1 },
  { n: 3, m: 17, columns: 5 },
  { n: 5, m: 7, columns: 1 },
  { n: 24, m: 32, columns: 16 },
  { n: 37, m: 66, columns: 129 },
  { n: 130, m: 1, columns: 33 },
  // More vectors than are packed together, more columns than a pass sums over, more items than a thread takes.
  { n: 50, m: 2100, columns: 8 },
  { n: 7, m: 1025, columns: 300 },
  { n: 2, m: 40, columns: 5000 },
];
const SIDES = [
  { unitItems: true, unitVectors: true },
  { unitItems: false, unitVectors: true },
  { unitItems: false, unitVectors: false },
] as const;

function pullOf({ n, m }: Size): CosinePull {
  return {
    entries: wave(n * m, 'entries'),
    rows: wave(n, 'rows'),
    itemMultiples: wave(n, 'item multiples'),
    vectorMultiples: wave(m, 'vector multiples'),
  };
}

describe.skipIf(!available)('cosines', () => {
  it.each(SIZES)('of %o are those of float64, with their gradients', (size) => {
    for (const sides of SIDES) {
      const call = callOf(size, sides);
      const pull = pullOf(size);
      const exact = slowly(call, pull);
      const { cosines } = addon().classes;
      expectNear(cosines.logits(call), exact.logits);
      const { items, vectors } = cosines.gradients(call, pull);
      expectNear(items, exact.items);
      expectNear(vectors, exact.vectors);
    }
  });

  it('take factors of rows and multiples only where they are given', () => {
    const size = SIZES[1];
    const call = callOf(size, SIDES[2]);
    const { entries } = pullOf(size);
    const { items, vectors } = addon().classes.cosines.gradients(call, { entries });
    const exact = slowly(call, { entries });
    expectNear(items, exact.items);
    expectNear(vectors, exact.vectors);
  });

  it.each(SIZES)('of %o give the same bits on any number of threads', (size) => {
    const { cosines } = addon().classes;
    const of = (threads: number) => {
      const call = callOf(size, { threads });
      const labels = Int32Array.from({ length: size.n }, (_, i) => i % size.m);
      return [
        cosines.logits(call),
        cosines.gradients(call, pullOf(size)),
        cosines.ownAngles(call, labels, 1),
      ];
    };
    const one = of(1);
    expect(of(2)).toEqual(one);
    expect(of(5)).toEqual(one);
  });

  it('do not depend on the other rows', () => {
    const size = SIZES[4];
    const call = callOf(size);
    const { cosines } = addon().classes;
    const all = cosines.logits(call);
    rowsOf(call.items, size.columns).forEach((items, i) => {
      const vectors = call.vectors.subarray(size.columns, 2 * size.columns);
      expect(cosines.logits({ ...call, items, vectors })[0]).toBe(all[i * size.m + 1]);
    });
  });

  it('of rows among themselves have the sum of both sides as gradient, whatever array the other side is', () => {
    const { vectors: _, ...alone } = callOf({ n: 9, m: 9, columns: 5 });
    const { cosines } = addon().classes;
    const pull = { entries: wave(81, 'entries') };
    const sum = cosines.gradients(alone, pull).items;
    for (const vectors of [alone.items, alone.items.slice()]) {
      const both = { ...alone, vectors };
      expect(cosines.logits(alone)).toEqual(cosines.logits(both));
      const sides = cosines.gradients(both, pull);
      expectNear(
        sum,
        Array.from(sides.items, (g, at) => g + sides.vectors[at]),
      );
    }
    expect(() => cosines.logits({ ...alone, unitVectors: false })).toThrow(UsageError);
  });

  it('are 0 with the gradient 0 at a row of zeros, and at one far below what float32 can divide by', () => {
    const size = { n: 4, m: 5, columns: 3 };
    const call = callOf(size);
    call.items.fill(0, 3, 6);
    call.items.fill(1e-35, 6, 9);
    call.vectors.fill(0, 0, 3);
    const { cosines } = addon().classes;
    const logits = rowsOf(cosines.logits(call), 5);
    for (const row of [1, 2]) expect([...logits[row]]).toEqual([0, 0, 0, 0, 0]);
    for (const row of logits) expect(row[0]).toBe(0);
    const { items, vectors } = cosines.gradients(call, { entries: wave(20, 'entries') });
    expect(items.subarray(3, 9).every((a) => a === 0)).toBe(true);
    expect(vectors.subarray(0, 3).every((a) => a === 0)).toBe(true);
    expect([...items, ...vectors].every(Number.isFinite)).toBe(true);
    const { chords } = cosines.ownAngles(call, Int32Array.of(1, 2, 3, 0), 1);
    expect([...chords.subarray(1)]).toEqual([2, 2, 2]);
  });

  it('of rows of any length have the cosines of their directions', () => {
    const size = SIZES[1];
    const call = callOf(size);
    const { cosines } = addon().classes;
    const plain = cosines.logits(call);
    for (const length of [1e-25, 1e25]) {
      const scaled = cosines.logits({ ...call, items: call.items.map((a) => a * length) });
      expectNear(scaled, [...plain]);
    }
  });

  it('are NaN where a row has NaN, and only there', () => {
    const size = SIZES[1];
    const call = callOf(size);
    call.items[6] = Number.NaN;
    call.vectors[3 * 5] = Number.NaN;
    const { cosines } = addon().classes;
    const labels = Int32Array.of(2, 2, 3);
    rowsOf(cosines.logits(call), 17).forEach((row, i) => {
      expect([...row].map(Number.isNaN)).toEqual(Array.from(row, (_, j) => i === 1 || j === 3));
    });
    expect([...cosines.ownAngles(call, labels, 1).chords].map(Number.isNaN)).toEqual([false, true, true]);
    const { items } = cosines.gradients(callOf(size), {
      entries: wave(51, 'entries').fill(Number.NaN, 17, 34),
    });
    expect([...items].map(Number.isNaN)).toEqual(Array.from({ length: 15 }, (_, at) => at >= 5 && at < 10));
  });

  it('know the angle to the nearest center of the own class, however small', () => {
    const { cosines } = addon().classes;
    const call = {
      items: Float32Array.of(1, 0, 0, 2),
      vectors: Float32Array.of(-1, 1, 3, 3e-6, 0, -1, 1, 1),
      columns: 2,
      factor: 1,
      unitItems: true,
      unitVectors: true,
    };
    const { chords, itemNorms, vectorNorms } = cosines.ownAngles(call, Int32Array.of(0, 1), 2);
    // Of the angle a = 1e-6 the squared chord is a², where 1 - cos a has no digit in float32.
    expect(Math.abs(chords[0] / Math.fround(3e-6) ** 2 - 1 / 9)).toBeLessThan(1e-10);
    expect(chords[1]).toBeCloseTo(2 - Math.SQRT2, 14);
    expect([...itemNorms]).toEqual([1, 2]);
    expect(vectorNorms[0]).toBe(Math.SQRT2);
    expect(cosines.ownAngles(call, Int32Array.of(2, -1), 2).chords).toEqual(
      Float64Array.of(Number.NaN, Number.NaN),
    );
  });

  it('of no rows are empty', () => {
    const call = callOf({ n: 0, m: 3, columns: 4 });
    const { cosines } = addon().classes;
    expect(cosines.logits(call).length).toBe(0);
    const { items, vectors } = cosines.gradients(call, { entries: new Float32Array(0) });
    expect(items.length).toBe(0);
    expect(vectors).toEqual(new Float32Array(12));
  });

  it('refuse lengths that do not fit', () => {
    const call = callOf({ n: 2, m: 3, columns: 4 });
    const { cosines } = addon().classes;
    const entries = new Float32Array(6);
    expect(() => cosines.logits({ ...call, columns: 5 })).toThrow(ShapeError);
    expect(() => cosines.logits({ ...call, columns: 0 })).toThrow(UsageError);
    expect(() => cosines.logits({ ...call, factor: Number.NaN })).toThrow(/factor/);
    expect(() => cosines.logits({ ...call, threads: 0 })).toThrow(/threads/);
    expect(() => cosines.gradients(call, { entries: new Float32Array(5) })).toThrow(
      /entries: expected 6 values/,
    );
    expect(() => cosines.gradients(call, { entries, rows: new Float32Array(3) })).toThrow(/rows: expected 2/);
    expect(() => cosines.gradients(call, { entries, vectorMultiples: new Float32Array(0) })).toThrow(
      ShapeError,
    );
    expect(() => cosines.ownAngles(call, new Int32Array(3), 1)).toThrow(/labels: expected 2 values/);
  });
});
