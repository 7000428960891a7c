import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { leaveOneOutNeighbors } from '../../src/evaluation/neighbors.js';
import { leaveOneOutScores, neighborsNeeded, retrievalScores } from '../../src/evaluation/retrieval.js';
import { nearest } from '../../src/geometry/nearest.js';
import { matrix32, REFERENCE_TOLERANCE, randomMatrix, readReference } from './support.js';

const PLANE = { kind: 'euclidean', dim: 2 } as const;

function slowScores(rows: Int32Array, k: number, labels: readonly number[]) {
  const per = labels.flatMap((label, i) => {
    const R = labels.filter((l) => l === label).length - 1;
    if (R === 0) return [];
    const relevant = Array.from(rows.subarray(i * k, (i + 1) * k), (j) => j >= 0 && labels[j] === label);
    const precision = (r: number) => relevant.slice(0, r).filter(Boolean).length / r;
    const ap = Array.from({ length: R }, (_, r) => (relevant[r] ? precision(r + 1) : 0));
    return [
      {
        recallAt1: relevant[0] ? 1 : 0,
        recallAt10: relevant.slice(0, 10).some(Boolean) ? 1 : 0,
        mapAtR: ap.reduce((a, b) => a + b, 0) / R,
      },
    ];
  });
  const mean = (key: 'recallAt1' | 'recallAt10' | 'mapAtR') =>
    per.reduce((sum, one) => sum + one[key], 0) / per.length;
  return { recallAt1: mean('recallAt1'), recallAt10: mean('recallAt10'), mapAtR: mean('mapAtR') };
}

describe('leaveOneOutScores', () => {
  it('agrees with pytorch-metric-learning', async () => {
    const reference = readReference('accuracy') as {
      embeddings: number[][];
      labels: number[];
      result: Record<string, number>;
      recallAtK: Record<string, number>;
    };
    const vectors = matrix32(reference.embeddings);
    const scores = await leaveOneOutScores({ kind: 'euclidean', dim: 6 }, vectors, reference.labels);
    const close = (got: number, expected: number) =>
      expect(Math.abs(got - expected)).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
    close(scores.recallAt1, reference.result['precision_at_1']);
    close(scores.recallAt1, reference.recallAtK['1']);
    close(scores.mapAtR, reference.result['mean_average_precision_at_r']);
  });

  it('equals the slow loop, single items and classes larger than 10 included', async () => {
    const rng = new Rng(1);
    const vectors = randomMatrix(90, 2, rng);
    const labels = Array.from({ length: 90 }, (_, i) => (i < 2 ? 100 + i : i < 40 ? 0 : rng.below(8) + 1));
    const scores = await leaveOneOutScores(PLANE, vectors, labels);
    const k = neighborsNeeded(labels);
    const expected = slowScores(nearest(PLANE, vectors, vectors, k, { excludeSelf: true }).rows, k, labels);
    for (const key of ['recallAt1', 'recallAt10', 'mapAtR'] as const) {
      expect(scores[key]).toBeCloseTo(expected[key], 12);
    }
  });

  it('is 1 throughout for separate clusters, by hand', async () => {
    const vectors = matrix32([
      [0, 0],
      [0, 1],
      [9, 0],
      [9, 1],
    ]);
    const perfect = { recallAt1: 1, recallAt10: 1, mapAtR: 1 };
    expect(await leaveOneOutScores(PLANE, vectors, [0, 0, 1, 1])).toEqual(perfect);
    expect(await leaveOneOutScores(PLANE, vectors, [0, 1, 0, 1])).toEqual({
      recallAt1: 0,
      recallAt10: 1,
      mapAtR: 0,
    });
  });

  it('is 1 with one class only', async () => {
    const scores = await leaveOneOutScores(PLANE, randomMatrix(5, 2, new Rng(2)), [3, 3, 3, 3, 3]);
    expect(scores).toEqual({ recallAt1: 1, recallAt10: 1, mapAtR: 1 });
  });

  it('refuses labels of another length, and classes of one item each', async () => {
    const vectors = randomMatrix(3, 2, new Rng(2));
    await expect(leaveOneOutScores(PLANE, vectors, [0, 1])).rejects.toThrow(ShapeError);
    await expect(leaveOneOutScores(PLANE, vectors, [0, 1, 2])).rejects.toThrow(DomainError);
  });
});

describe('retrievalScores', () => {
  it('gives mapAtR by hand: hits at ranks 1 and 3 of R = 3', () => {
    const labels = [0, 0, 0, 0, 1];
    const rows = Int32Array.of(1, 4, 2, 3, 0, 2, 3, 4, 0, 1, 3, 4, 0, 1, 2, 4, 0, 1, 2, 3);
    // Query 0: (1/1 + 2/3) / 3; queries 1, 2, 3: 1; query 4 has no other of its class.
    expect(retrievalScores(rows, 4, labels).mapAtR).toBeCloseTo(((1 + 2 / 3) / 3 + 3) / 4, 15);
  });

  it('counts padding as a miss', () => {
    expect(retrievalScores(Int32Array.of(-1, 0), 1, [0, 0])).toEqual({
      recallAt1: 0.5,
      recallAt10: 0.5,
      mapAtR: 0.5,
    });
  });

  it('asks for as many neighbours as the largest class needs', () => {
    expect(neighborsNeeded([0, 0, 0, 1])).toBe(3);
    expect(neighborsNeeded(new Array(30).fill(0))).toBe(29);
    expect(() => retrievalScores(new Int32Array(20 * 5), 5, new Array(20).fill(0))).toThrow(UsageError);
  });
});

describe('leaveOneOutNeighbors', () => {
  it('finds the rows that the TypeScript search finds', async () => {
    const vectors = randomMatrix(200, 3, new Rng(3), 0.2);
    const space = { kind: 'poincare', dim: 3, curvature: -1 } as const;
    const found = await leaveOneOutNeighbors(space, vectors, 7);
    expect(found.rows).toEqual(nearest(space, vectors, vectors, 7, { excludeSelf: true }).rows);
  });

  it('refuses rows outside the ball with and without the addon', async () => {
    const space = { kind: 'poincare', dim: 1, curvature: -1 } as const;
    await expect(leaveOneOutNeighbors(space, matrix32([[0.1], [1.5]]), 1)).rejects.toThrow(DomainError);
  });
});
