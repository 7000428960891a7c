import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { treeDistances } from '../../src/sampling/treeDistances.js';

const distances = (parents: ArrayLike<number>, nodes: ArrayLike<number>, references?: ArrayLike<number>) =>
  treeDistances({
    kind: 'tree',
    parents,
    nodes,
    positiveWithin: 0,
    ...(references ? { references } : {}),
  });

/** Edges by breadth-first search over parents and children. */
function bySearch(parents: number[], from: number): number[] {
  const found = parents.map(() => Number.POSITIVE_INFINITY);
  found[from] = 0;
  for (const queue = [from]; queue.length > 0; ) {
    const at = queue.shift()!;
    parents.forEach((parent, node) => {
      const next = parent === at ? node : node === at ? parent : -1;
      if (next < 0 || found[next] < Number.POSITIVE_INFINITY) return;
      found[next] = found[at] + 1;
      queue.push(next);
    });
  }
  return found;
}

describe('treeDistances', () => {
  it('counts edges over the lowest common ancestor, by hand', () => {
    // 0 above 1 and 2; 1 above 3 and 4; 2 above 5.
    const { data, rows, columns } = distances([-1, 0, 0, 1, 1, 2], [3, 0], [3, 4, 1, 5, 0]);
    expect([rows, columns]).toEqual([2, 5]);
    expect([...data]).toEqual([0, 2, 1, 4, 2, 2, 2, 1, 2, 0]);
  });

  it('agrees with breadth-first search on random trees whose root is any node', () => {
    const rng = new Rng(5);
    for (let round = 0; round < 20; round++) {
      const n = 1 + rng.below(40);
      const name = rng.permutation(n);
      const parents = new Array<number>(n).fill(-1);
      for (let i = 1; i < n; i++) parents[name[i]] = name[rng.below(i)];
      const nodes = rng.permutation(n);
      const { data } = distances(parents, nodes);
      expect([...data]).toEqual(
        [...nodes].flatMap((node) => {
          const found = bySearch(parents, node);
          return [...nodes].map((other) => found[other]);
        }),
      );
    }
  });

  it('goes down a path of 20,000 nodes', () => {
    const parents = Int32Array.from({ length: 20000 }, (_, i) => i - 1);
    expect([...distances(parents, [0, 19999, 10000]).data]).toEqual([
      0, 19999, 10000, 19999, 0, 9999, 10000, 9999, 0,
    ]);
  });

  it('looks at the ancestors of the batch only', () => {
    expect([...distances([-1, 0, 3, 2], [1, 0]).data]).toEqual([0, 1, 1, 0]);
  });

  it('refuses cycles, second roots and parents that are not there, by node', () => {
    expect(() => distances([-1, 2, 1], [0, 2])).toThrow(DomainError);
    expect(() => distances([-1, 2, 1], [0, 2])).toThrow(/node 2: expected a path to the root, got "a cycle"/);
    expect(() => distances([-1, -1, 1], [0, 2])).toThrow(
      /node 2: expected a path to the root 0, got "one to 1"/,
    );
    expect(() => distances([-1, 7], [1])).toThrow(
      /node 1: expected parents in 0\.\.1, or -1, above it, got 7/,
    );
    expect(() => distances([-1, Number.NaN], [1])).toThrow(DomainError);
  });
});
