import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { firstImages, holdOut } from '../../src/data/split.js';

const labelsAndCount = fc
  .array(fc.nat({ max: 4 }), { maxLength: 60 })
  .chain((labels) => fc.tuple(fc.constant(labels), fc.nat({ max: labels.length }), fc.nat()));

describe('holdOut', () => {
  it('partitions the rows, each part ascending, the held one of the size asked for', () => {
    fc.assert(
      fc.property(labelsAndCount, ([labels, count, seed]) => {
        const { train, held } = holdOut(labels, { count }, new Rng(seed));
        expect(held.length).toBe(count);
        expect([...train, ...held].sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
        for (const part of [train, held]) expect([...part]).toEqual([...part].sort((a, b) => a - b));
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('takes from each class its share, to within one row', () => {
    fc.assert(
      fc.property(labelsAndCount, ([labels, count, seed]) => {
        const { held } = holdOut(labels, { count }, new Rng(seed));
        for (const label of new Set(labels)) {
          const size = labels.filter((l) => l === label).length;
          const taken = [...held].filter((i) => labels[i] === label).length;
          expect(Math.abs(taken - (count * size) / labels.length)).toBeLessThan(1);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('rounds a share to a count, and draws other rows from another seed', () => {
    const labels = new Uint8Array(100);
    expect(holdOut(labels, { share: 0.255 }, new Rng(1)).held.length).toBe(26);
    expect(holdOut(labels, { share: 0.5 }, new Rng(1)).held).not.toEqual(
      holdOut(labels, { share: 0.5 }, new Rng(2)).held,
    );
  });

  it('refuses a share of 0, 1 or NaN and more rows than there are', () => {
    for (const share of [0, 1, Number.NaN]) {
      expect(() => holdOut([0, 1], { share }, new Rng(1))).toThrow(DomainError);
    }
    expect(() => holdOut([0, 1], { count: 3 }, new Rng(1))).toThrow(UsageError);
  });
});

describe('firstImages', () => {
  const images = {
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
    labels: Uint8Array.of(7, 8, 9),
    count: 3,
    height: 1,
    width: 2,
  };

  it('keeps pixels and labels together', () => {
    const { pixels, labels, count } = firstImages(images, 2);
    expect([...pixels, ...labels, count]).toEqual([1, 2, 3, 4, 7, 8, 2]);
    expect(firstImages(images, 0).pixels.length).toBe(0);
  });

  it('refuses more than there are', () => {
    expect(() => firstImages(images, 4)).toThrow(UsageError);
  });
});
