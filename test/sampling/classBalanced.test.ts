import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { ClassBalancedSampler } from '../../src/sampling/classBalanced.js';

/** Classes 3, 5, 8, 9 with 4, 7, 1 and 12 items. */
const LABELS = [...Array(4).fill(3), ...Array(7).fill(5), 8, ...Array(12).fill(9)].sort(
  (a, b) => ((a * 7) % 5) - ((b * 7) % 5),
);

function counts(values: Iterable<number>): Map<number, number> {
  const found = new Map<number, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}

describe('ClassBalancedSampler', () => {
  it('draws perClass items of each of `classes` classes', () => {
    const sampler = new ClassBalancedSampler(LABELS, 3, 4, new Rng(1));
    expect(sampler.batchSize).toBe(12);
    for (let i = 0; i < 50; i++) {
      const batch = sampler.draw();
      const classes = counts(Array.from(batch, (row) => LABELS[row]));
      expect([...classes.values()]).toEqual([4, 4, 4]);
    }
  });

  it('takes all classes about equally often', () => {
    const sampler = new ClassBalancedSampler(LABELS, 1, 1, new Rng(2));
    const drawn = counts(Array.from({ length: 4000 }, () => LABELS[sampler.draw()[0]]));
    // Binomial with p = 1/4: standard deviation 27; five of them.
    for (const label of [3, 5, 8, 9]) expect(Math.abs(drawn.get(label)! - 1000)).toBeLessThan(137);
  });

  it('draws every item of a class once before any twice, across batches', () => {
    const labels = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(labels, fc.integer({ min: 1, max: 5 }), fc.nat(), (list, perClass, seed) => {
        const classes = new Set(list).size;
        const sampler = new ClassBalancedSampler(list, classes, perClass, new Rng(seed));
        const times = new Int32Array(list.length);
        for (let i = 0; i < 20; i++) {
          for (const row of sampler.draw()) times[row]++;
          for (const label of new Set(list)) {
            const own = Array.from(times).filter((_, row) => list[row] === label);
            expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1);
          }
        }
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  it('mixes the rows of a batch: classes do not come in blocks', () => {
    const labels = Array.from({ length: 200 }, (_, i) => i % 2);
    const sampler = new ClassBalancedSampler(labels, 2, 100, new Rng(3));
    const batch = Array.from(sampler.draw(), (row) => labels[row]);
    const changes = batch.filter((label, i) => i > 0 && label !== batch[i - 1]).length;
    // 100 expected of a random order, standard deviation 7; blocks have 1.
    expect(Math.abs(changes - 100)).toBeLessThan(35);
  });

  it('is the same from the same seed and another from another', () => {
    const draw = (seed: number) => {
      const sampler = new ClassBalancedSampler(LABELS, 3, 4, new Rng(seed));
      return Array.from({ length: 5 }, () => [...sampler.draw()]);
    };
    expect(draw(4)).toEqual(draw(4));
    expect(draw(4)).not.toEqual(draw(5));
  });

  it('goes on identically from a saved state, which survives JSON', () => {
    const sampler = new ClassBalancedSampler(LABELS, 3, 5, new Rng(6));
    for (let i = 0; i < 7; i++) sampler.draw();
    const state = JSON.parse(JSON.stringify(sampler.save()));
    const expected = Array.from({ length: 20 }, () => [...sampler.draw()]);
    const other = new ClassBalancedSampler(LABELS, 3, 5, new Rng(99));
    other.restore(state);
    expect(Array.from({ length: 20 }, () => [...other.draw()])).toEqual(expected);
  });

  it('keeps its saved state when it draws on', () => {
    const sampler = new ClassBalancedSampler(LABELS, 2, 2, new Rng(6));
    const state = sampler.save();
    const before = JSON.stringify(state);
    for (let i = 0; i < 20; i++) sampler.draw();
    expect(JSON.stringify(state)).toBe(before);
  });

  it('refuses the state of other labels and stays as it was', () => {
    const sampler = new ClassBalancedSampler(LABELS, 2, 2, new Rng(6));
    const before = sampler.save();
    for (const labels of [[3, 5, 8, 9], LABELS.slice(1), [...LABELS, 10]]) {
      const foreign = new ClassBalancedSampler(labels, 2, 2, new Rng(1)).save();
      expect(() => sampler.restore(foreign)).toThrow(UsageError);
    }
    expect(sampler.save()).toEqual(before);
  });

  it('refuses more classes a batch than there are, and says how many there are', () => {
    expect(() => new ClassBalancedSampler(LABELS, 5, 2, new Rng(1))).toThrow(UsageError);
    expect(() => new ClassBalancedSampler(LABELS, 5, 2, new Rng(1))).toThrow(
      /expected at least 5 classes, got 4; lower training\.classesPerBatch/,
    );
    expect(() => new ClassBalancedSampler([], 1, 1, new Rng(1))).toThrow(UsageError);
  });
});
