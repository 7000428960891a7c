import fc from 'fast-check';
import { type Tree, treeOf } from '../../src/data/tree.js';

/** Any tree of 1 to `most` nodes: each but the first hangs below an earlier one; rows are shuffled then. */
export function anyTree(most: number): fc.Arbitrary<Tree> {
  return fc.integer({ min: 1, max: most }).chain((n) =>
    fc
      .tuple(
        fc.tuple(...Array.from({ length: n }, (_, i) => fc.nat(Math.max(0, i - 1)))),
        fc.shuffledSubarray(
          Array.from({ length: n }, (_, i) => i),
          { minLength: n },
        ),
      )
      .map(([above, rowOf]) => {
        const parents = new Int32Array(n);
        above.forEach((parent, i) => {
          parents[rowOf[i]] = i === 0 ? -1 : rowOf[parent];
        });
        return treeOf(
          Array.from({ length: n }, (_, i) => `n${i}`),
          parents,
        );
      }),
  );
}
