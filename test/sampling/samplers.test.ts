import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Tuples } from '../../src/sampling/miners/tuples.js';
import { FixedTripletSampler } from '../../src/sampling/samplers/fixedTriplets.js';
import { HierarchicalSampler } from '../../src/sampling/samplers/hierarchical.js';
import { WeightedSampler, weightsOfTuples } from '../../src/sampling/samplers/tupleWeights.js';
import { FLOAT64 } from '../laws/tolerance.js';

const json = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const triplesOf = (rows: ArrayLike<number>) =>
  Array.from({ length: rows.length / 3 }, (_, k) =>
    Array.from(rows)
      .slice(3 * k, 3 * k + 3)
      .join(' '),
  );

describe('FixedTripletSampler', () => {
  const labels = [4, 4, 7, 7, 7, 9];

  it('has an anchor and another item of its class, and an item of another class', () => {
    const { triplets } = new FixedTripletSampler(labels, 2000, 1, new Rng(1));
    const anchors = new Map<number, number>();
    for (let k = 0; k < 2000; k++) {
      const [a, p, n] = triplets.subarray(3 * k, 3 * k + 3);
      expect(a).not.toBe(p);
      expect(labels[a]).toBe(labels[p]);
      expect(labels[n]).not.toBe(labels[a]);
      anchors.set(labels[a], (anchors.get(labels[a]) ?? 0) + 1);
    }
    // Two classes have two items; binomial, five standard deviations of 22.
    expect([...anchors.keys()].sort()).toEqual([4, 7]);
    expect(Math.abs(anchors.get(4)! - 1000)).toBeLessThan(112);
  });

  it('draws every triplet once before any again, in another order, across batches', () => {
    const sampler = new FixedTripletSampler(labels, 10, 4, new Rng(2));
    const drawn = Array.from({ length: 5 }, () => triplesOf(sampler.draw())).flat();
    const known = triplesOf(sampler.triplets).sort();
    expect(drawn.slice(0, 10).sort()).toEqual(known);
    expect(drawn.slice(10).sort()).toEqual(known);
    expect(drawn.slice(10)).not.toEqual(drawn.slice(0, 10));
  });

  it('is the same from the same seed, and goes on from a saved state', () => {
    const sampler = new FixedTripletSampler(labels, 10, 3, new Rng(3));
    for (let i = 0; i < 8; i++) sampler.draw();
    const state = json(sampler.save());
    const rest = Array.from({ length: 9 }, () => sampler.draw());
    const other = new FixedTripletSampler(labels, 10, 3, new Rng(3));
    other.restore(state);
    expect(Array.from({ length: 9 }, () => other.draw())).toEqual(rest);
    expect(() => new FixedTripletSampler(labels, 11, 3, new Rng(3)).restore(state)).toThrow(UsageError);
  });

  it('refuses labels without a triplet, and counts that are none', () => {
    for (const none of [[], [1, 1, 1], [1, 2, 3]]) {
      expect(() => new FixedTripletSampler(none, 5, 1, new Rng(1))).toThrow(UsageError);
    }
    expect(() => new FixedTripletSampler(labels, 0, 1, new Rng(1))).toThrow(UsageError);
    expect(() => new FixedTripletSampler(labels, 5, 0, new Rng(1))).toThrow(UsageError);
  });
});

describe('HierarchicalSampler', () => {
  // Four super-classes of 3 classes of 5 items.
  const labels = Array.from({ length: 60 }, (_, i) => i % 12);
  const superLabels = labels.map((label) => label % 4);
  const make = (seed: number, options: object = {}) =>
    new HierarchicalSampler(labels, superLabels, { batchSize: 12, perClass: 3, ...options }, new Rng(seed));
  const countsOf = (rows: Int32Array, of: number[]) => {
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(of[row], (counts.get(of[row]) ?? 0) + 1);
    return counts;
  };

  it('shares a batch among super-classes and each share among classes, without repetition', () => {
    const sampler = make(1);
    for (let i = 0; i < 30; i++) {
      const batch = sampler.draw();
      expect([...countsOf(batch, superLabels).values()]).toEqual([6, 6]);
      expect([...countsOf(batch, labels).values()]).toEqual([3, 3, 3, 3]);
      expect(new Set(batch).size).toBe(12);
    }
  });

  it('has every combination of super-classes equally often in an epoch, in random order', () => {
    const sampler = make(2, { superClassesPerBatch: 3, perClass: 2, batchesPerCombination: 2 });
    expect(sampler.batchesPerEpoch).toBe(8);
    const epoch = () =>
      Array.from({ length: 8 }, () => [...countsOf(sampler.draw(), superLabels).keys()].sort().join(''));
    const [first, second] = [epoch(), epoch()];
    expect([...first].sort()).toEqual(['012', '012', '013', '013', '023', '023', '123', '123']);
    expect([...second].sort()).toEqual([...first].sort());
    expect(second).not.toEqual(first);
  });

  it('takes whole classes as long as they fit, and small ones over again', () => {
    const batch = make(3, { batchSize: 22, perClass: 'all' }).draw();
    // 11 a super-class: two classes of 5.
    expect([...countsOf(batch, labels).values()]).toEqual([5, 5, 5, 5]);
    expect(new Set(batch).size).toBe(20);
    const twice = make(4, { batchSize: 20, perClass: 10, superClassesPerBatch: 2 }).draw();
    const times = [...countsOf(twice, [...labels.keys()]).values()];
    expect(times).toEqual(Array(10).fill(2));
  });

  it('gives a smaller batch where a super-class has too few classes', () => {
    expect(make(5, { batchSize: 24, perClass: 3 }).draw()).toHaveLength(18);
  });

  it('is the same from the same seed, and goes on from a saved state', () => {
    const sampler = make(6);
    for (let i = 0; i < 30; i++) sampler.draw();
    const state = json(sampler.save());
    const rest = Array.from({ length: 40 }, () => sampler.draw());
    const other = make(7);
    other.restore(state);
    expect(Array.from({ length: 40 }, () => other.draw())).toEqual(rest);
    expect(() => make(6, { batchesPerCombination: 3 }).restore(state)).toThrow(UsageError);
  });

  it('refuses what does not divide or is not there', () => {
    const bad = [
      { batchSize: 13 },
      { batchSize: 0 },
      { perClass: 4 },
      { perClass: 0 },
      { superClassesPerBatch: 5, batchSize: 15 },
      { batchesPerCombination: 2 ** 22 },
      { batchesPerCombination: 0 },
    ];
    for (const options of bad) expect(() => make(1, options)).toThrow(UsageError);
    const options = { batchSize: 12, perClass: 3 };
    expect(() => new HierarchicalSampler(labels, [0], options, new Rng(1))).toThrow(ShapeError);
  });
});

describe('weights of tuples', () => {
  interface Fixture {
    readonly labels: number[];
    readonly tupleWeights: { tuples: number[][]; weights: number[]; anchorWeights: number[] }[];
  }
  const peer: Fixture = JSON.parse(readFileSync(new URL('./miners.json', import.meta.url), 'utf8'));
  const asTuples = (lists: number[][]): Tuples => {
    const [a, b, c, d] = lists.map((list) => Int32Array.from(list));
    if (d) return { kind: 'pairs', positives: [a, b], negatives: [c, d] };
    return { kind: 'triplets', anchors: a, positives: b, negatives: c };
  };
  const none = asTuples([[], [], []]);
  const deviation = (a: Float64Array, b: number[]) =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i])));

  it.each(peer.tupleWeights)('are those of the peer', ({ tuples, weights, anchorWeights }) => {
    const rows = peer.labels.length;
    const ours = weightsOfTuples(asTuples(tuples), rows);
    expect(deviation(ours, weights)).toBeLessThan(FLOAT64);
    const ofAnchors = weightsOfTuples(asTuples(tuples), rows, { members: 'anchors' });
    expect(deviation(ofAnchors, anchorWeights)).toBeLessThan(FLOAT64);
  });

  it('are 1 of all that was mined where nothing was found', () => {
    expect([...weightsOfTuples(none, 3)]).toEqual([1, 1, 1]);
    expect([...weightsOfTuples(none, 3, { subset: [2] })]).toEqual([0, 0, 1]);
    expect([...weightsOfTuples(none, 0)]).toEqual([]);
  });

  it('go to the rows of a subset', () => {
    const tuples = asTuples([
      [0, 0],
      [1, 1],
      [2, 1],
    ]);
    expect([...weightsOfTuples(tuples, 6, { subset: [5, 3, 0] })]).toEqual([1 / 3, 0, 0, 1, 0, 2 / 3]);
    expect(() => weightsOfTuples(tuples, 6, { subset: [5, 3] })).toThrow(UsageError);
    expect(() => weightsOfTuples(tuples, 5, { subset: [5, 3, 0] })).toThrow(UsageError);
    expect(() => weightsOfTuples(tuples, 2)).toThrow(UsageError);
  });

  it('are the probabilities of a sampler, which takes new ones and goes on from a saved state', () => {
    const sampler = new WeightedSampler([0, 1, 3, 0], new Rng(1));
    const rows = sampler.draw(4000);
    const ones = rows.filter((row) => row === 1).length;
    expect([...new Set(rows)].sort()).toEqual([1, 2]);
    // Binomial with p = 1/4: standard deviation 27; five of them.
    expect(Math.abs(ones - 1000)).toBeLessThan(137);
    sampler.setWeights([1, 0, 0, 0]);
    expect([...sampler.draw(3)]).toEqual([0, 0, 0]);
    sampler.setWeights([1, 1, 1, 1]);
    const state = json(sampler.save());
    const rest = sampler.draw(50);
    sampler.restore(state);
    expect(sampler.draw(50)).toEqual(rest);
    expect(sampler.draw(0)).toHaveLength(0);
  });

  it('are refused by a sampler if there are none', () => {
    for (const weights of [[], [0, 0], [1, -1], [1, Number.NaN], [1, Number.POSITIVE_INFINITY]]) {
      expect(() => new WeightedSampler(weights, new Rng(1))).toThrow(DomainError);
    }
  });
});
