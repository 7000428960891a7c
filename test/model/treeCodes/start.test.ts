import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { leafCounts, treeOf } from '../../../src/data/tree.js';
import { randomStart, wedgeStart } from '../../../src/model/treeCodes/start.js';
import { anyTree } from '../../data/randomTree.js';

describe('wedgeStart', () => {
  it('puts nodes at depth / scale in the middle of their sector, by hand', () => {
    // The root with two children; the first has two leaves, the second is one: sectors of 240 and 120 degrees.
    const tree = treeOf(['r', 'a', 'b', 'c', 'd'], Int32Array.of(-1, 0, 0, 1, 1));
    const codes = wedgeStart(tree, 2, 2, new Rng(1));
    const degrees = Array.from({ length: 5 }, (_, i) =>
      Math.round((Math.atan2(codes[2 * i + 1], codes[2 * i]) * 180) / Math.PI),
    );
    const radii = Array.from({ length: 5 }, (_, i) => Math.hypot(codes[2 * i], codes[2 * i + 1]));
    expect(radii.map((r) => Number(r.toFixed(12)))).toEqual([0, 0.5, 0.5, 1, 1]);
    expect(degrees.slice(1)).toEqual([120, -60, 60, 180]);
  });

  it('gives every leaf the same share of the circle', () => {
    fc.assert(
      fc.property(anyTree(40), (tree) => {
        const counts = leafCounts(tree);
        const codes = wedgeStart(tree, 2, 1, new Rng(1));
        const leaves = tree.preorder.filter((i) => counts[i] === 1 && !tree.parents.includes(i));
        leaves.forEach((leaf, k) => {
          if (leaf === tree.root) return;
          const angle = (Math.atan2(codes[2 * leaf + 1], codes[2 * leaf]) / (2 * Math.PI) + 1) % 1;
          expect(angle).toBeCloseTo((k + 0.5) / leaves.length, 9);
        });
      }),
      { seed: 9, numRuns: 40 },
    );
  });

  it('fills further columns with small noise, and has a sign alone in a single column', () => {
    const tree = treeOf(['r', 'a', 'b'], Int32Array.of(-1, 0, 0));
    const three = wedgeStart(tree, 3, 1, new Rng(1));
    expect(Math.abs(three[2])).toBeGreaterThan(0);
    expect(Math.abs(three[2])).toBeLessThan(0.6);
    const one = wedgeStart(tree, 1, 1, new Rng(1));
    expect(one.map(Math.abs)).toEqual(Float64Array.of(0, 1, 1));
  });
});

describe('randomStart', () => {
  it('is near one point, and follows from the seed', () => {
    const codes = randomStart(50, 4, new Rng(3));
    expect(codes).toEqual(randomStart(50, 4, new Rng(3)));
    expect(codes).not.toEqual(randomStart(50, 4, new Rng(4)));
    expect(Math.max(...codes.map(Math.abs))).toBeLessThan(0.06);
  });
});
