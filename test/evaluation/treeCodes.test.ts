import { describe, expect, it } from 'vitest';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { scoreTreeCodes } from '../../src/evaluation/treeCodes.js';
import { distance } from '../../src/geometry/distance.js';

/** Ranks are whole and halves, but their standard deviations are not. */
const ONE = expect.closeTo(1, 12);
const line: Space = { kind: 'euclidean', dim: 1 };
/** A path 0 - 1 - 2 - 3, whose edges between nodes are differences of rows. */
const path = Int32Array.of(-1, 0, 1, 2);
const along = (a: number, b: number) => Math.abs(a - b);
const score = (codes: readonly number[], options = {}) =>
  scoreTreeCodes(line, matrix(Float64Array.from(codes), 4, 1), path, along, new Rng(1), options);

describe('scoreTreeCodes', () => {
  it('finds no fault with codes that keep all distances', () => {
    expect(score([0, 1, 2, 3])).toMatchObject({
      ...{ distortion: 0, spearman: ONE, pairs: 6, stepsToNearest: 1, neighborMap: 1, nodes: 4 },
      byEdges: [
        { edges: 1, pairs: 3, low: 1, median: 1, high: 1 },
        { edges: 2, pairs: 2, low: 2, median: 2, high: 2 },
        { edges: 3, pairs: 1, low: 3, median: 3, high: 3 },
      ],
    });
  });

  it('is 1/2 off for codes half as far apart', () => {
    expect(score([0, 0.5, 1, 1.5])).toMatchObject({ distortion: 0.5, spearman: ONE, neighborMap: 1 });
  });

  it('scores by hand a path whose last node lies beside the first', () => {
    // Codes 0, 2, 4, 1: |D - t|/t of 01 02 03 12 13 23 is 1, 1, 2/3, 1, 1/2, 2.
    // Nearest: 3 of 0 (3 edges), of 1 the 3 (2 edges), 1 of 2 (1 edge), of 3 the 0 (3 edges; ties by smaller row).
    const { distortion, stepsToNearest, neighborMap } = score([0, 2, 4, 1]);
    expect(distortion).toBeCloseTo((1 + 1 + 2 / 3 + 1 + 1 / 2 + 2) / 6, 12);
    expect(stepsToNearest).toBe((3 + 2 + 1 + 3) / 4);
    // Average precision: 0 has 1 at rank 2; 1 has 0 at rank 2, 2 at rank 3; 2 has 1 first, 3 second; 3 has 2 last.
    expect(neighborMap).toBeCloseTo((1 / 2 + (1 / 2 + 2 / 3) / 2 + 1 + 1 / 3) / 4, 12);
  });

  it('compares the included pairs alone, and refuses to compare none', () => {
    expect(
      score([0, 1, 2, 4], { includes: (a: number, b: number) => a + b === 6 || a * b === 2 }).pairs,
    ).toBe(1);
    expect(() => score([0, 1, 2, 4], { includes: () => false })).toThrow('expected a pair to compare');
  });

  it('samples large trees: near the scores of all pairs', () => {
    const n = 400;
    const rng = new Rng(2);
    const parents = Int32Array.from({ length: n }, (_, i) => i - 1);
    const space: Space = { kind: 'euclidean', dim: 2 };
    const codes = matrix(
      Float64Array.from({ length: 2 * n }, (_, k) => (k >> 1) + 20 * rng.normal()),
      n,
      2,
    );
    const all = scoreTreeCodes(space, codes, parents, along, new Rng(1));
    const some = scoreTreeCodes(space, codes, parents, along, new Rng(1), {
      anchors: 150,
      pairsPerAnchor: 100,
    });
    expect([all.pairs, all.nodes]).toEqual([(n * (n - 1)) / 2, n]);
    expect([some.pairs, some.nodes]).toEqual([15_000, 150]);
    // Four standard errors of 15,000 pairs of 150 nodes.
    expect(Math.abs(some.distortion / all.distortion - 1)).toBeLessThan(0.4);
    expect(Math.abs(some.spearman - all.spearman)).toBeLessThan(0.02);
    expect(Math.abs(some.stepsToNearest / all.stepsToNearest - 1)).toBeLessThan(0.3);
  });

  it('measures by the space that it is given, a product with a star too', () => {
    const star: Space = {
      ...{ kind: 'product', combine: 'sum' },
      factors: [
        { space: line, weight: 2 },
        { space: { kind: 'star', dim: 1 }, weight: 3 },
      ],
    };
    const codes = matrix(Float64Array.of(0, 0.5, 1, 0), 2, 2);
    const { distortion } = scoreTreeCodes(star, codes, Int32Array.of(-1, 0), along, new Rng(1));
    expect(distance(star, [0, 0.5], [1, 0])).toBe(3.5);
    expect(distortion).toBe(2.5);
  });

  it('refuses one node, parents of another length and vectors that are no points', () => {
    const one = matrix(Float64Array.of(1), 1, 1);
    expect(() => scoreTreeCodes(line, one, Int32Array.of(-1), along, new Rng(1))).toThrow(
      'at least two nodes',
    );
    expect(() => scoreTreeCodes(line, one, path, along, new Rng(1))).toThrow('scoreTreeCodes parents');
    expect(() => score([0, Number.NaN, 1, 2])).toThrow('scoreTreeCodes row 1');
  });
});
