import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { treeDistance, treeOf } from '../../src/data/tree.js';
import { rankScores } from '../../src/evaluation/rankScores.js';
import { ancestorLevels, treeLevelScores } from '../../src/evaluation/treeLevelScores.js';
import { matrix32, randomMatrix } from './support.js';

const LINE = { kind: 'euclidean', dim: 1 } as const;
/** Root 0; 1 and 2 below it; 3, 4 below 1; 5, 6 below 2. */
const PARENTS = Int32Array.of(-1, 0, 0, 1, 1, 2, 2);

describe('ancestorLevels', () => {
  it('lists the ancestors of leaves by depth', () => {
    expect(ancestorLevels(PARENTS, [3, 6])).toEqual([
      Int32Array.of(0, 0),
      Int32Array.of(1, 2),
      Int32Array.of(3, 6),
    ]);
  });

  it('has -1 below an item that is not a leaf', () => {
    const [, first, second] = ancestorLevels(PARENTS);
    expect(Array.from(first)).toEqual([-1, 1, 2, 1, 1, 2, 2]);
    expect(Array.from(second)).toEqual([-1, -1, -1, 3, 4, 5, 6]);
  });

  it('refuses cycles and nodes that are not there', () => {
    expect(() => ancestorLevels(Int32Array.of(1, 0))).toThrow(DomainError);
    expect(() => ancestorLevels(PARENTS, [7])).toThrow(DomainError);
  });
});

describe('treeLevelScores', () => {
  const leaves = [3, 4, 5, 6];
  const levels = ancestorLevels(PARENTS, leaves);
  const edges = treeDistance(treeOf(['0', '1', '2', '3', '4', '5', '6'], PARENTS));
  const steps = (a: number, b: number) => edges(leaves[a], leaves[b]);

  it('gives levels and steps by hand', async () => {
    // Leaves at 0, 1, 1.5, 4: nearest are 1, 2, 1, 2; steps 2, 4, 4, 2.
    const vectors = matrix32([[0], [1], [1.5], [4]]);
    const scores = await treeLevelScores(LINE, vectors, levels, { steps });
    expect(scores.levels[0]?.precisionAt1).toBe(1);
    expect(scores.levels[1]?.precisionAt1).toBe(0.5);
    expect(scores.levels[2]).toBeNull();
    expect(scores.stepsToNearest).toBe(3);
  });

  it('takes steps as a table', async () => {
    const vectors = randomMatrix(4, 1, new Rng(1));
    const data = Float64Array.from({ length: 16 }, (_, at) => steps(Math.floor(at / 4), at % 4));
    const byTable = await treeLevelScores(LINE, vectors, levels, { steps: { data, rows: 4, columns: 4 } });
    expect(byTable).toEqual(await treeLevelScores(LINE, vectors, levels, { steps }));
  });

  it('equals rankScores of each level', async () => {
    const rng = new Rng(2);
    const parents = Int32Array.from({ length: 80 }, (_, i) => (i === 0 ? -1 : Math.floor((i - 1) / 3)));
    const items = Array.from({ length: 50 }, (_, i) => 30 + i);
    const vectors = randomMatrix(50, 1, rng);
    const byLevel = ancestorLevels(parents, items).slice(0, 3);
    const { levels: reports } = await treeLevelScores(LINE, vectors, byLevel, { k: 20, recallAt: [3] });
    for (const [l, labels] of byLevel.entries()) {
      expect(reports[l]).toEqual(await rankScores(LINE, vectors, labels, { k: 20, recallAt: [3] }));
    }
  });

  it('leaves items without a label out, without closing the gap in the ranks', async () => {
    const vectors = matrix32([[0], [1], [2.5]]);
    const { levels: reports } = await treeLevelScores(LINE, vectors, [Int32Array.of(7, -1, 7)]);
    // Row 1 stands between the two and takes the first rank of both.
    expect(reports[0]?.meanReciprocalRank).toBe(0.5);
    expect(reports[0]?.leftOut).toBe(1);
  });

  it('refuses levels and tables of other sizes, and levels with nothing to find', async () => {
    const vectors = randomMatrix(4, 1, new Rng(1));
    await expect(treeLevelScores(LINE, vectors, [Int32Array.of(0, 0)])).rejects.toThrow(ShapeError);
    await expect(treeLevelScores(LINE, vectors, [levels[2]])).rejects.toThrow(DomainError);
    const table = randomMatrix(3, 3, new Rng(1));
    await expect(treeLevelScores(LINE, vectors, levels, { steps: table })).rejects.toThrow(ShapeError);
  });
});
