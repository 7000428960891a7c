import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branchesOf, leafCounts, type Tree, treeDistance, treeOf } from '../../src/data/tree.js';
import { anyTree } from './randomTree.js';

/** Rows from a node up to the root. */
function pathUp({ parents }: Tree, node: number): number[] {
  const path = [node];
  while (parents[path[path.length - 1]] >= 0) path.push(parents[path[path.length - 1]]);
  return path;
}

function slowDistance(tree: Tree, a: number, b: number): number {
  const above = pathUp(tree, b);
  const up = pathUp(tree, a).findIndex((node) => above.includes(node));
  return up + above.indexOf(pathUp(tree, a)[up]);
}

/** root - a, b; a - c, d; d - e */
const small = treeOf(['root', 'a', 'b', 'c', 'd', 'e'], Int32Array.of(-1, 0, 0, 1, 1, 4));

describe('treeOf', () => {
  it('gives depths and a preorder by hand', () => {
    expect([...small.depths]).toEqual([0, 1, 1, 2, 2, 3]);
    expect([...small.preorder]).toEqual([0, 1, 3, 4, 5, 2]);
    expect(small.root).toBe(0);
  });

  it('puts each parent one level above and before its child', () => {
    fc.assert(
      fc.property(anyTree(60), (tree) => {
        const place = new Map(Array.from(tree.preorder, (node, k) => [node, k]));
        tree.parents.forEach((parent, i) => {
          expect(tree.depths[i]).toBe(parent < 0 ? 0 : tree.depths[parent] + 1);
          if (parent >= 0) expect(place.get(parent)).toBeLessThan(place.get(i) as number);
        });
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it('takes a path of a million nodes', () => {
    const n = 1_000_000;
    const path = treeOf(
      Array.from({ length: n }, () => ''),
      Int32Array.from({ length: n }, (_, i) => i - 1),
    );
    expect(path.depths[n - 1]).toBe(n - 1);
    expect(treeDistance(path)(17, n - 3)).toBe(n - 20);
  });

  it('refuses two roots, no root, a cycle and a row that is not there, naming a node', () => {
    const refuse =
      (...parents: number[]) =>
      () =>
        treeOf(['x', 'y', 'z'], Int32Array.from(parents));
    expect(refuse(-1, 0, -1)).toThrow('expected one root, got 2; look at node z');
    expect(refuse(1, 0, 0)).toThrow('expected one root, got 0');
    expect(refuse(-1, 2, 1)).toThrow('look at node y');
    expect(refuse(-1, 3, 0)).toThrow('expected a parent in 0..2, or -1, got 3; look at node y');
    expect(() => treeOf(['x'], Int32Array.of(-1, 0))).toThrow('treeOf parents');
  });
});

describe('treeDistance', () => {
  it('counts the edges of the path between any two nodes', () => {
    fc.assert(
      fc.property(anyTree(50), (tree) => {
        const edges = treeDistance(tree);
        for (let a = 0; a < tree.names.length; a++) {
          for (let b = 0; b < tree.names.length; b++) expect(edges(a, b)).toBe(slowDistance(tree, a, b));
        }
      }),
      { seed: 6, numRuns: 60 },
    );
  });
});

describe('leafCounts', () => {
  it('counts a leaf as itself and adds up above', () => {
    expect([...leafCounts(small)]).toEqual([3, 2, 1, 1, 1, 1]);
  });
});

describe('branchesOf', () => {
  it('splits the largest branch while there is room', () => {
    expect(branchesOf(small, 2)).toEqual({ tops: [1, 2], labels: Int32Array.of(-1, 0, 1, 0, 0, 0) });
    // Room for three: a gives way to c and d, and belongs to no branch then.
    expect(branchesOf(small, 3)).toEqual({ tops: [4, 2, 3], labels: Int32Array.of(-1, -1, 1, 2, 0, 0) });
  });

  it('labels every node below a top with it, and keeps to the number asked for', () => {
    fc.assert(
      fc.property(anyTree(60), fc.integer({ min: 1, max: 9 }), (tree, most) => {
        const { tops, labels } = branchesOf(tree, most);
        expect(tops.length).toBeLessThanOrEqual(most);
        labels.forEach((label, i) => {
          const top = pathUp(tree, i).find((node) => tops.includes(node));
          expect(label).toBe(top === undefined ? -1 : tops.indexOf(top));
        });
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
