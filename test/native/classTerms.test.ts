import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { addon, available } from './addon.js';

interface Size {
  readonly n: number;
  readonly classes: number;
  readonly centers: number;
}

interface Batch extends Size {
  readonly logits: Float32Array;
  readonly labels: Int32Array;
}

function batchOf({ n, classes, centers }: Size, spread = 3): Batch {
  const rng = new Rng(5);
  return {
    n,
    classes,
    centers,
    logits: Float32Array.from({ length: n * classes * centers }, () => spread * rng.normal()),
    labels: Int32Array.from({ length: n }, (_, i) => (7 * i) % classes),
  };
}

const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, i) =>
    Array.from(values).slice(i * width, (i + 1) * width),
  );

/** By definition in float64: log Σ exp z - z_own, and its derivatives by each logit. */
function slowly({ logits, labels, classes, centers }: Batch, own?: ArrayLike<number>) {
  const rows = rowsOf(logits, classes * centers).map((row, i) => {
    const nearest = Array.from({ length: classes }, (_, j) => {
      const part = row.slice(j * centers, (j + 1) * centers);
      return j * centers + part.indexOf(Math.max(...part));
    });
    const z = nearest.map((at, j) => (own && j === labels[i] ? own[i] : row[at]));
    const top = Math.max(...z);
    const powers = z.map((a) => Math.exp(a - top));
    const others = powers.reduce((sum, power, j) => (j === labels[i] ? sum : sum + power), 0);
    const total = others + powers[labels[i]];
    const slopes = row.map(() => 0);
    nearest.forEach((at, j) => {
      slopes[at] = j === labels[i] ? -others / total : powers[j] / total;
    });
    return { value: top - z[labels[i]] + Math.log1p(total - 1), slopes };
  });
  return { values: rows.map(({ value }) => value), slopes: rows.flatMap(({ slopes }) => slopes) };
}

/** Exponentials of 1.5 units in the last place of float32, and their sums. */
const ROUNDED = 1e-6;

function expectNear(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const errors = expected.map((value, at) => Math.abs(actual[at] - value) / Math.max(1, Math.abs(value)));
  expect(errors.filter((error) => !(error <= ROUNDED))).toEqual([]);
}

const SIZES: readonly Size[] = [
  { n: 1, classes: 1, centers: 1 },
  { n: 3, classes: 17, centers: 1 },
  { n: 9, classes: 16, centers: 1 },
  { n: 70, classes: 300, centers: 1 },
  { n: 5, classes: 7, centers: 3 },
  { n: 40, classes: 33, centers: 2 },
];

describe.skipIf(!available)('crossEntropy', () => {
  it.each(SIZES)('of %o is that of float64, with its derivatives', (size) => {
    const batch = batchOf(size);
    const exact = slowly(batch);
    expectNear(addon().classes.terms.crossEntropy(batch), exact.values);
    expectNear(batch.logits, exact.slopes);
  });

  it.each(SIZES)('of %o with other logits of the own classes has the derivatives by these', (size) => {
    const batch = batchOf(size);
    const own = Float32Array.from({ length: size.n }, (_, i) => 2 * Math.sin(i) - 1);
    const exact = slowly(batch, own);
    expectNear(addon().classes.terms.crossEntropy({ ...batch, own }), exact.values);
    expectNear(batch.logits, exact.slopes);
  });

  it('keeps the digits of a small loss and of its derivatives', () => {
    const logits = Float32Array.of(30, 0, 1);
    const labels = Int32Array.of(0);
    const [value] = addon().classes.terms.crossEntropy({ logits, labels, classes: 3 });
    const others = Math.exp(-30) + Math.exp(-29);
    expect(Math.abs(value / others - 1)).toBeLessThan(ROUNDED);
    expect(Math.abs(logits[0] / -others - 1)).toBeLessThan(ROUNDED);
  });

  it('is never below 0 and never overflows', () => {
    for (const spread of [1e-3, 100, 1e30]) {
      const batch = batchOf(SIZES[3], spread);
      const values = addon().classes.terms.crossEntropy(batch);
      expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
      expect(batch.logits.every(Number.isFinite)).toBe(true);
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'is NaN in the row of a logit %d, and only there',
    (bad) => {
      for (const size of [SIZES[1], SIZES[4]]) {
        for (const column of [0, 1, 6]) {
          const batch = batchOf(size);
          const width = size.classes * size.centers;
          batch.logits[width + column] = bad;
          const values = addon().classes.terms.crossEntropy(batch);
          expect([...values].map(Number.isNaN)).toEqual(Array.from(values, (_, i) => i === 1));
          expect(rowsOf(batch.logits, width).map((row) => row.some(Number.isNaN))).toEqual(
            Array.from(values, (_, i) => i === 1),
          );
        }
      }
    },
  );

  it('is NaN for a label that is no class, with its derivatives', () => {
    for (const label of [-1, 17]) {
      const batch = batchOf(SIZES[1]);
      batch.labels[2] = label;
      const values = addon().classes.terms.crossEntropy(batch);
      expect([...values].map(Number.isNaN)).toEqual([false, false, true]);
      expect([...batch.logits].map(Number.isNaN)).toEqual(Array.from(batch.logits, (_, at) => at >= 34));
    }
  });

  it.each(SIZES)('of %o gives the same bits on any number of threads', (size) => {
    const of = (threads: number) => {
      const batch = { ...batchOf(size), threads };
      return [addon().classes.terms.crossEntropy(batch), batch.logits];
    };
    expect(of(2)).toEqual(of(1));
  });

  it('refuses lengths that do not fit', () => {
    const { terms } = addon().classes;
    const batch = batchOf(SIZES[1]);
    expect(() => terms.crossEntropy({ ...batch, centers: 2 })).toThrow(ShapeError);
    expect(() => terms.crossEntropy({ ...batch, own: new Float32Array(2) })).toThrow(
      /own: expected 3 values/,
    );
    expect(() => terms.crossEntropy({ ...batch, classes: 16 })).toThrow(/logits: expected 48 values/);
  });
});

describe.skipIf(!available)('squaredErrors', () => {
  const sizes = SIZES.filter(({ centers }) => centers === 1);

  it.each(sizes)('of %o are the means of their rows, with their derivatives', (size) => {
    const batch = batchOf(size);
    const errors = rowsOf(batch.logits, size.classes).map((row, i) =>
      row.map((l, j) => l - (j === batch.labels[i] ? 1 : 0)),
    );
    const mean = (row: number[]) => row.reduce((sum, e) => sum + e * e, 0) / size.classes;
    expectNear(addon().classes.terms.squaredErrors(batch), errors.map(mean));
    expectNear(
      batch.logits,
      errors.flat().map((e) => (2 / size.classes) * e),
    );
  });

  it('are NaN for a logit that is NaN and for a label that is no class, and there alone', () => {
    const batch = batchOf(SIZES[1]);
    batch.logits[4] = Number.NaN;
    batch.labels[2] = 17;
    const values = addon().classes.terms.squaredErrors(batch);
    expect([...values].map(Number.isNaN)).toEqual([true, false, true]);
    expect([...batch.logits].map(Number.isNaN)).toEqual(
      Array.from(batch.logits, (_, at) => at === 4 || at >= 34),
    );
  });

  it('give the same bits on any number of threads', () => {
    const of = (threads: number) => {
      const batch = { ...batchOf({ n: 300, classes: 100, centers: 1 }), threads };
      return [addon().classes.terms.squaredErrors(batch), batch.logits];
    };
    expect(of(2)).toEqual(of(1));
  });
});

const MARGIN = 0.4;

/** By definition in float64, a column at a time: values, and the derivatives under pulls [2, classes]. */
function anchors({ logits, labels, classes, n }: Batch, pulls: ArrayLike<number>) {
  const at = (i: number, j: number) => logits[i * classes + j];
  const near = new Array<number>(classes).fill(1);
  const far = new Array<number>(classes).fill(1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < classes; j++) {
      if (labels[i] === j) near[j] += Math.exp(MARGIN - at(i, j));
      else far[j] += Math.exp(at(i, j) + MARGIN);
    }
  }
  const slopes = Array.from(logits, (l, cell) => {
    const j = cell % classes;
    return labels[Math.floor(cell / classes)] === j
      ? (-pulls[j] * Math.exp(MARGIN - l)) / near[j]
      : (pulls[classes + j] * Math.exp(l + MARGIN)) / far[j];
  });
  return { values: [...near, ...far].map(Math.log), slopes };
}

describe.skipIf(!available)('anchorSums', () => {
  const sizes = [...SIZES.filter(({ centers }) => centers === 1), { n: 130, classes: 64, centers: 1 }];

  function evaluate(batch: Batch, pulls: Float32Array, threads = 1) {
    const { terms } = addon().classes;
    const call = { ...batch, threads };
    const { values, totals } = terms.anchorSums(call, MARGIN);
    const shares = pulls.map((pull, j) => (j < batch.classes ? -pull : pull) / totals[j]);
    terms.scaleEntries(call, shares.subarray(0, batch.classes), shares.subarray(batch.classes));
    return { values, slopes: batch.logits };
  }
  const pullsOf = (classes: number) =>
    Float32Array.from({ length: 2 * classes }, (_, j) => Math.cos(j) + 1.5);

  it.each(sizes)('of %o are those of float64, with their derivatives', (size) => {
    const exact = anchors(batchOf(size), pullsOf(size.classes));
    const { values, slopes } = evaluate(batchOf(size), pullsOf(size.classes));
    expectNear(values, exact.values);
    expectNear(slopes, exact.slopes);
  });

  it.each(sizes)('of %o give the same bits on any number of threads', (size) => {
    const pulls = pullsOf(size.classes);
    expect(evaluate(batchOf(size), pulls, 2)).toEqual(evaluate(batchOf(size), pulls));
  });

  it('do not overflow, and take no part of other columns', () => {
    const batch = { ...batchOf(SIZES[1]), logits: new Float32Array(51).fill(-500) };
    batch.logits[1] = 700;
    const { values, slopes } = evaluate(batch, pullsOf(17));
    // Item 0 is of class 0; items 1 and 2 are of 7 and 14.
    expect(values[17 + 1]).toBe(Math.fround(700 + MARGIN));
    expect(values[7]).toBe(Math.fround(500 + MARGIN));
    expect([values[1], values[17]]).toEqual([0, 0]);
    expect(slopes.every(Number.isFinite)).toBe(true);
  });

  it('are NaN in the column of a logit that is NaN, and for a label that is no class', () => {
    const { terms } = addon().classes;
    const broken = batchOf(SIZES[1]);
    broken.logits[17 + 3] = Number.NaN;
    const { values } = terms.anchorSums(broken, MARGIN);
    expect([...values].map(Number.isNaN)).toEqual(Array.from(values, (_, j) => j === 17 + 3));
    for (const [label, column] of [
      [-1, 0],
      [17, 16],
    ]) {
      const batch = batchOf(SIZES[1]);
      batch.labels[1] = label;
      expect(evaluate(batch, pullsOf(17)).values[column]).toBeNaN();
      expect(batch.logits.subarray(17, 34).every(Number.isNaN)).toBe(true);
    }
  });

  it('refuse lengths that do not fit', () => {
    const { terms } = addon().classes;
    const batch = batchOf(SIZES[1]);
    expect(() => terms.anchorSums({ ...batch, classes: 16 }, MARGIN)).toThrow(ShapeError);
    expect(() => terms.anchorSums(batch, Number.NaN)).toThrow(/margin/);
    expect(() => terms.scaleEntries(batch, new Float32Array(17), new Float32Array(3))).toThrow(/others/);
  });
});
