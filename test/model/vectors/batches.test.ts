import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { VectorBatches } from '../../../src/model/vectors/batches.js';

const ofSizes = (sizes: readonly number[]) =>
  Int32Array.from(sizes.flatMap((size, c) => Array.from({ length: size }, () => c)));
const rowsOf = (classes: Int32Array) => Int32Array.from(classes.keys());
const make = (classes: Int32Array, batchSize: number, perClass: number, rows = rowsOf(classes)) =>
  new VectorBatches(rows, classes, { batchSize, perClass }, new Rng(2));
const countsOf = (batch: Int32Array, classes: Int32Array) => {
  const counts = new Map<number, number>();
  for (const row of batch) counts.set(classes[row], (counts.get(classes[row]) ?? 0) + 1);
  return counts;
};

describe('VectorBatches', () => {
  it('takes distinct items, as many of each class, and never more than a batch holds', () => {
    const classes = ofSizes([40, 50, 60, 70]);
    const batches = make(classes, 12, 4);
    for (let step = 0; step < 50; step++) {
      const batch = batches.draw(step);
      expect(batch.length).toBe(12);
      expect(new Set(batch).size).toBe(12);
      expect([...countsOf(batch, classes).values()]).toEqual([4, 4, 4]);
    }
  });

  it('takes what a small class has, once each, instead of drawing items twice', () => {
    const classes = ofSizes([2, 3, 40]);
    const batch = make(classes, 30, 8).draw(0);
    expect(new Set(batch).size).toBe(batch.length);
    expect([0, 1, 2].map((c) => countsOf(batch, classes).get(c))).toEqual([2, 3, 8]);
  });

  it('counts items without another of their class, which together weigh as one class', () => {
    const classes = ofSizes([...Array.from({ length: 100 }, () => 1), 20, 20, 20]);
    const batches = make(classes, 64, 5);
    expect(batches.singles).toBe(100);
    let singles = 0;
    for (let step = 0; step < 40; step++) {
      const batch = batches.draw(step);
      singles += batch.filter((row) => classes[row] < 100).length / batch.length;
    }
    expect(singles / 40).toBe(0.25);
  });

  it('gives the same batch for the same number, in whatever order they are asked for', () => {
    const classes = ofSizes([30, 30, 30]);
    const [a, b] = [make(classes, 20, 5), make(classes, 20, 5)];
    const first = [0, 1, 2].map((step) => a.draw(step));
    expect([2, 1, 0].map((step) => b.draw(step))).toEqual(first.reverse());
    expect(first[0]).not.toEqual(first[1]);
  });

  it('reaches every row that trains and no other', () => {
    const classes = ofSizes([30, 30, 30]);
    const rows = rowsOf(classes).filter((row) => row % 2 === 0);
    const batches = make(classes, 24, 8, rows);
    const seen = new Set<number>();
    for (let step = 0; step < 60; step++) for (const row of batches.draw(step)) seen.add(row);
    expect([...seen].sort((a, b) => a - b)).toEqual([...rows]);
  });

  it('refuses rows without a pair of one class and an item of another', () => {
    expect(() => make(ofSizes([1, 1, 1]), 8, 2)).toThrow(UsageError);
    expect(() => make(ofSizes([9]), 8, 2)).toThrow(UsageError);
  });
});
