import { describe, expect, it } from 'vitest';
import { quantile } from '../../../experiments/bench/bench.js';
import { recallOf, speedAtRecall } from '../../../experiments/bench/index/atRecall.js';
import { branchingTree } from '../../../experiments/bench/index/branchingTree.js';
import { codeOf, forParts, partsOf } from '../../../experiments/bench/index/metric.js';
import { type DataSet, prod128, QUERIES, tree16, unit128 } from '../../../experiments/bench/index/sets.js';
import { UsageError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { distance } from '../../../src/geometry/distance.js';
import { nearest } from '../../../src/geometry/nearest.js';
import { dist, dist0 } from '../../../src/geometry/poincare.js';
import { requirePoints } from '../../../src/geometry/points.js';

const SIZE = 10_000;

function rowOf({ vectors, columns }: DataSet, i: number): Float32Array {
  return vectors.subarray(i * columns, (i + 1) * columns);
}

describe('the tree of the index bench', () => {
  const shape = { dim: 3, nodes: 400, depth: 5, step: 1.5, spread: 1 };
  const points = branchingTree(shape, new Rng(3));
  const nodes = Array.from({ length: 400 }, (_, i) => points.subarray(i * 3, i * 3 + 3));

  it('has its root at 0 and every other node one step from an earlier one', () => {
    expect([...nodes[0]]).toEqual([0, 0, 0]);
    for (const [i, node] of nodes.entries()) {
      if (i === 0) continue;
      const steps = nodes.slice(0, i).map((earlier) => Math.abs(dist(earlier, node, 1) - shape.step));
      // float64 at distances of at most 7.5 from 0.
      expect(Math.min(...steps)).toBeLessThan(1e-9);
    }
  });

  it('is the same for the same seed alone', () => {
    expect(branchingTree(shape, new Rng(3))).toEqual(points);
    expect(branchingTree(shape, new Rng(4))).not.toEqual(points);
  });
});

describe('the sets of the index bench', () => {
  const sets = [tree16, unit128, prod128].map((make) => make(SIZE, 1));

  it.each(sets)('$name has points of its space, and queries beside them', ({ space, columns, ...set }) => {
    expect(set.vectors).toHaveLength(SIZE * columns);
    expect(set.queries).toHaveLength(QUERIES * columns);
    requirePoints(space, matrix(set.vectors, SIZE, columns), 'vectors');
    requirePoints(space, matrix(set.queries, QUERIES, columns), 'queries');
  });

  it('tree16 lies around distance 10 from 0, at most 12, and its neighbourhoods are wide', () => {
    const [set] = sets;
    const radii = Array.from({ length: SIZE }, (_, i) => dist0(rowOf(set, i), 1));
    expect(quantile(radii, 0.5)).toBeGreaterThan(9.8);
    expect(quantile(radii, 0.5)).toBeLessThan(10.5);
    expect(quantile(radii, 1)).toBeLessThan(12);
    const few = matrix(set.queries.slice(0, 20 * 16), 20, 16);
    const { distances } = nearest(set.space, matrix(set.vectors, SIZE, 16), few, 10);
    const tenth = Array.from({ length: 20 }, (_, i) => distances[i * 10 + 9]);
    expect(quantile(tenth, 0.5)).toBeGreaterThan(2.6);
    expect(quantile(tenth, 0.5)).toBeLessThan(3.5);
  });

  it('unit128 has rows of length 1', () => {
    for (let i = 0; i < SIZE; i += 100) expect(Math.hypot(...rowOf(sets[1], i))).toBeCloseTo(1, 6);
  });

  it('prod128 has clusters: ten nearest that are nearer than others by far', () => {
    const set = sets[2];
    const few = matrix(set.queries.slice(0, 20 * 128), 20, 128);
    const { distances } = nearest(set.space, matrix(set.vectors, SIZE, 128), few, SIZE);
    for (let i = 0; i < 20; i++) {
      const [tenth, middle] = [9, SIZE / 2].map((rank) => distances[i * SIZE + rank]);
      // Two points around one node are about √2 apart, two nodes several steps.
      expect(tenth).toBeLessThan(2.2);
      expect(middle).toBeGreaterThan(4);
    }
  });
});

describe('the speed at a recall', () => {
  const points = [
    { ef: 10, recall: 0.9, perSecond: 1000 },
    { ef: 20, recall: 0.99, perSecond: 400 },
    { ef: 50, recall: 1, perSecond: 100 },
  ];

  it('lies half way in logarithms between two measured ones', () => {
    // Missed shares 10^-1 and 10^-2: 10^-1.5 is half way, and the speed is √(1000 · 400).
    expect(speedAtRecall(points, 1 - 10 ** -1.5, 5000)).toBeCloseTo(Math.sqrt(400_000), 6);
  });

  it('is that of the smallest ef that suffices on the spot', () => {
    expect(speedAtRecall(points, 0.99, 5000)).toBeCloseTo(400, 9);
    expect(speedAtRecall(points, 0.5, 5000)).toBe(1000);
  });

  it('takes a miss of none for half of one', () => {
    // 10^-2 and 0.5 / 5000 = 10^-4: 10^-3 is half way.
    expect(speedAtRecall(points, 0.999, 5000)).toBeCloseTo(200, 6);
  });

  it('is undefined where no ef reaches the recall', () => {
    expect(speedAtRecall(points.slice(0, 2), 0.999, 5000)).toBeUndefined();
    expect(speedAtRecall([], 0.5, 5000)).toBeUndefined();
  });

  it('stops at the first ef that suffices, even if a later one does not', () => {
    const bump = [points[0], points[1], { ef: 50, recall: 0.98, perSecond: 100 }];
    expect(speedAtRecall(bump, 0.99, 5000)).toBeCloseTo(400, 9);
  });
});

describe('recall', () => {
  it('is the share of true neighbours found, in any order, query by query', () => {
    expect(recallOf([2, 1, 9, 3, 4, 5], [1, 2, 3, 4, 5, 6], 3)).toBeCloseTo(4 / 6, 12);
    expect(recallOf([4, 5, 6, 1, 2, 3], [1, 2, 3, 4, 5, 6], 3)).toBe(0);
    expect(recallOf([-1, -1], [1, 2], 2)).toBe(0);
  });
});

describe('the distance that peers are given', () => {
  const space = {
    kind: 'product',
    combine: 'sum',
    factors: [
      { space: { kind: 'cosine', dim: 2 }, weight: 3 },
      { space: { kind: 'poincare', dim: 2, curvature: -4 }, weight: 0.5 },
    ],
  } as const;

  it('is that of the space, from prepared rows and the numbers of its parts', () => {
    const vectors = Float32Array.of(3, 4, 0.25, 0, 1, -2, 0, 0.375);
    const parts = partsOf(space);
    expect(codeOf(parts)).toEqual([0, 0, 2, -1, 3, 1, 2, 2, 2, 4, 0.5, 4]);
    const { rows, columns } = forParts(parts, vectors, 4);
    expect(columns).toBe(5);
    const [x, y] = [rows.subarray(0, 5), rows.subarray(5)];
    const t = 2 * 4 * ((x[2] - y[2]) ** 2 + (x[3] - y[3]) ** 2) * x[4] * y[4];
    const sum = 3 * (1 - x[0] * y[0] - x[1] * y[1]) + (0.5 / 2) * Math.acosh(1 + t);
    // float32 rows.
    expect(sum).toBeCloseTo(distance(space, vectors.subarray(0, 4), vectors.subarray(4)), 5);
  });

  it('is refused for what no sum of parts says', () => {
    expect(() => partsOf({ ...space, combine: 'l2' })).toThrow(UsageError);
    expect(() => partsOf({ kind: 'star', dim: 1 })).toThrow(UsageError);
  });
});
