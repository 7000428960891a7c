import { describe, expect, it } from 'vitest';
import { rowsByClass } from '../../../src/core/classes.js';
import { UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { type Parts, type SplitOptions, sampleOf, splitVectors } from '../../../src/model/vectors/split.js';

const ITEMS: SplitOptions = { validationShare: 0.15, testShare: 0.15, unseenClasses: false };
const CLASSES: SplitOptions = { ...ITEMS, unseenClasses: true };

/** sizes[c] items of class c. */
const ofSizes = (sizes: readonly number[]) =>
  Int32Array.from(sizes.flatMap((size, c) => Array.from({ length: size }, () => c)));
const classesIn = (rows: Int32Array, classes: Int32Array) => new Set(Array.from(rows, (row) => classes[row]));
const sizesIn = (rows: Int32Array, classes: Int32Array) =>
  rowsByClass(Int32Array.from(rows, (row) => classes[row])).map(({ length }) => length);
const all = ({ train, validation, test }: Parts) => [...train, ...validation, ...test].sort((a, b) => a - b);
const rng = () => new Rng(5);

describe('splitVectors by item', () => {
  it('gives every class its share, and every row to one part', () => {
    const classes = ofSizes([200, 100, 60]);
    const parts = splitVectors(classes, ITEMS, rng());
    expect(all(parts)).toEqual([...classes.keys()]);
    for (const part of [parts.validation, parts.test]) {
      // What one class cannot give exactly the next one does: each is within one item of its share.
      const shares = [30, 15, 9];
      sizesIn(part, classes).forEach((size, c) => {
        expect(Math.abs(size - shares[c])).toBeLessThanOrEqual(1);
      });
    }
  });

  it('never holds out a single item or the last two of a class, and still holds out the shares in sum', () => {
    const classes = ofSizes(Array.from({ length: 300 }, (_, c) => 4 + (c % 5)));
    const parts = splitVectors(classes, ITEMS, rng());
    for (const part of [parts.validation, parts.test]) {
      expect(Math.min(...sizesIn(part, classes))).toBeGreaterThanOrEqual(2);
      expect(part.length / classes.length).toBeGreaterThan(0.12);
      expect(part.length / classes.length).toBeLessThan(0.16);
    }
    expect(classesIn(parts.train, classes).size).toBe(300);
    expect(Math.min(...sizesIn(parts.train, classes))).toBeGreaterThanOrEqual(2);
  });

  it('leaves classes below four items to training', () => {
    const classes = ofSizes([1, 2, 3, 100, 100]);
    const { validation, test } = splitVectors(classes, ITEMS, rng());
    expect(new Set([...classesIn(validation, classes), ...classesIn(test, classes)])).toEqual(
      new Set([3, 4]),
    );
  });

  it('is the same for the same seed and another for another', () => {
    const classes = ofSizes([50, 50]);
    expect(splitVectors(classes, ITEMS, rng())).toEqual(splitVectors(classes, ITEMS, rng()));
    expect(splitVectors(classes, ITEMS, new Rng(6))).not.toEqual(splitVectors(classes, ITEMS, rng()));
  });
});

describe('splitVectors by class', () => {
  it('has no class in two parts', () => {
    const classes = ofSizes(Array.from({ length: 20 }, () => 10));
    const parts = splitVectors(classes, CLASSES, rng());
    expect(all(parts)).toEqual([...classes.keys()]);
    const sizes = [parts.train, parts.validation, parts.test].map((part) => classesIn(part, classes).size);
    expect(sizes).toEqual([14, 3, 3]);
  });

  it('leaves items without another of their class to training', () => {
    const classes = ofSizes([1, 1, 1, ...Array.from({ length: 12 }, () => 5)]);
    const { validation, test } = splitVectors(classes, CLASSES, rng());
    expect(Math.min(...sizesIn(validation, classes), ...sizesIn(test, classes))).toBe(5);
  });
});

describe('splitVectors refuses', () => {
  it.each([
    ['one class', ofSizes([40]), ITEMS, /at least two classes, got 1/],
    ['too few items', ofSizes([3, 3]), ITEMS, /--unseen-classes/],
    ['too few classes to hold out', ofSizes([20, 20, 20]), CLASSES, /leave --unseen-classes out/],
    ['shares that leave nothing', ofSizes([40, 40]), { ...ITEMS, testShare: 0.9 }, /together below 1/],
    [
      'a share that is no number',
      ofSizes([40, 40]),
      { ...ITEMS, testShare: Number.NaN },
      /two shares above 0/,
    ],
  ])('%s', (_, classes, options, sentence) => {
    expect(() => splitVectors(classes, options, rng())).toThrow(UsageError);
    expect(() => splitVectors(classes, options, rng())).toThrow(sentence);
  });
});

describe('sampleOf', () => {
  it('keeps all rows where there are few, and never more than the limit', () => {
    const classes = ofSizes([30, 30]);
    const rows = Int32Array.from(classes.keys());
    expect(sampleOf(rows, classes, 60, rng())).toEqual(rows);
    const some = sampleOf(rows, classes, 20, rng());
    expect(some.length).toBeLessThanOrEqual(20);
    expect(some.length).toBeGreaterThan(12);
    expect(new Set(some).size).toBe(some.length);
  });

  it('keeps items of small classes together, so that nearly all have another of theirs', () => {
    const classes = ofSizes(Array.from({ length: 500 }, () => 6));
    const some = sampleOf(Int32Array.from(classes.keys()), classes, 300, rng());
    expect(sizesIn(some, classes).every((size) => size === 6)).toBe(true);
  });
});
