import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../../src/core/errors.js';
import { treeDistance, treeOf } from '../../../src/data/tree.js';
import { prunedTree } from '../../../src/model/treePlacement/prunedTree.js';
import { anyTree } from '../../data/randomTree.js';

/** animal -> (cat -> (tiger, manx), dog -> puppy) */
const tree = treeOf(['animal', 'cat', 'tiger', 'manx', 'dog', 'puppy'], Int32Array.of(-1, 0, 1, 1, 0, 4));

describe('prunedTree', () => {
  it('keeps the nodes with enough items at or below them, and hangs each item below the lowest of those', () => {
    const pruned = prunedTree(tree, [2, 3, 1, 5], 2);
    expect(pruned.tree.names).toEqual(['animal', 'cat']);
    expect([...pruned.tree.parents]).toEqual([-1, 0]);
    expect([...pruned.rows]).toEqual([0, 1]);
    // tiger and manx: a leaf below their own node, that below cat; cat itself: a leaf below it; puppy: two nodes up.
    expect([...pruned.nodes]).toEqual([1, 1, 1, 0]);
    expect([...pruned.edges]).toEqual([2, 2, 1, 3]);
  });

  it('leaves edges as they are: between nodes, and from an item to any node', () => {
    const cases = anyTree(40).chain((whole) =>
      fc.record({
        whole: fc.constant(whole),
        places: fc.array(fc.nat(whole.names.length - 1), { minLength: 4, maxLength: 30 }),
        least: fc.integer({ min: 1, max: 4 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ whole, places, least }) => {
        const { tree: kept, rows, nodes, edges } = prunedTree(whole, places, least);
        const [inWhole, inKept] = [treeDistance(whole), treeDistance(kept)];
        rows.forEach((row, i) => {
          expect(kept.names[i]).toBe(whole.names[row]);
          expect(inKept(i, 0)).toBe(inWhole(row, rows[0]));
          places.forEach((place, item) => {
            expect(edges[item] + inKept(nodes[item], i)).toBe(1 + inWhole(place, row));
          });
        });
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('refuses a place that is not there, and to leave no node', () => {
    expect(() => prunedTree(tree, [0, 6], 1)).toThrow(UsageError);
    expect(() => prunedTree(tree, [0, 6], 1)).toThrow('prunedTree place of item 1');
    expect(() => prunedTree(tree, [1, 2], 3)).toThrow(DomainError);
    expect(() => prunedTree(tree, [], 1)).toThrow(DomainError);
  });
});
