import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { openEngine } from '../../src/engine/openEngine.js';
import {
  allPairs,
  pairsOfTuples,
  planOfTuples,
  type TripletTuples,
  tripletsOfTuples,
} from '../../src/sampling/miners/tuples.js';

beforeAll(async () => {
  await openEngine();
});

const ints = (...values: number[]) => Int32Array.from(values);
const TRIPLETS: TripletTuples = {
  kind: 'triplets',
  anchors: ints(0, 0, 0, 2),
  positives: ints(1, 1, 3, 0),
  negatives: ints(2, 4, 4, 1),
};

describe('tuples', () => {
  it('of a relation are all its pairs, by ascending anchor', () => {
    const { positives, negatives } = allPairs({ kind: 'labels', labels: [5, 6, 5] });
    expect(positives).toEqual([ints(0, 2), ints(2, 0)]);
    expect(negatives).toEqual([ints(0, 1, 1, 2), ints(1, 0, 2, 1)]);
  });

  it('as pairs keep every triplet', () => {
    expect(pairsOfTuples(TRIPLETS)).toEqual({
      kind: 'pairs',
      positives: [TRIPLETS.anchors, TRIPLETS.positives],
      negatives: [TRIPLETS.anchors, TRIPLETS.negatives],
    });
  });

  it('as triplets join the pairs of one anchor, and leave an anchor with one side out', () => {
    const joined = tripletsOfTuples({
      kind: 'pairs',
      positives: [ints(0, 0, 2, 3), ints(1, 3, 0, 1)],
      negatives: [ints(2, 0, 0, 1), ints(1, 4, 2, 4)],
    });
    expect(joined).toEqual({
      kind: 'triplets',
      anchors: ints(0, 0, 0, 0, 2),
      positives: ints(1, 1, 3, 3, 0),
      negatives: ints(4, 2, 4, 2, 1),
    });
    expect(tripletsOfTuples(TRIPLETS)).toBe(TRIPLETS);
  });

  it('as a plan count how often each pair comes, or mark it once', () => {
    const counted = planOfTuples(TRIPLETS, 3, 5);
    expect(counted.positives.arraySync()).toEqual([
      [0, 2, 0, 1, 0],
      [0, 0, 0, 0, 0],
      [1, 0, 0, 0, 0],
    ]);
    expect(counted.negatives.arraySync()).toEqual([
      [0, 0, 1, 0, 2],
      [0, 0, 0, 0, 0],
      [0, 1, 0, 0, 0],
    ]);
    const once = planOfTuples(TRIPLETS, 3, 5, 'once');
    expect(once.negatives.arraySync()).toEqual([
      [0, 0, 1, 0, 1],
      [0, 0, 0, 0, 0],
      [0, 1, 0, 0, 0],
    ]);
  });

  it('of a larger batch have no plan', () => {
    expect(() => planOfTuples(TRIPLETS, 2, 5)).toThrow(UsageError);
    expect(() => planOfTuples(TRIPLETS, 3, 4)).toThrow(/reference of negative 1: expected .* 0\.\.3, got 4/);
  });
});
