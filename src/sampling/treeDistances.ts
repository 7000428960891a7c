import { DomainError, expectation } from '../core/errors.js';
import { type Matrix64, matrix } from '../core/matrix.js';
import type { TreeRelation } from './relation.js';
import { requireBatchRelation } from './relationChecks.js';

/**
 * Edges on the path between two nodes, over their lowest common ancestor: of each anchor to each reference, [n, m].
 * Only the ancestors of these nodes are looked at, so a batch of a large tree costs what the batch costs.
 * @throws as requireBatchRelation, and DomainError naming a node above which there is a cycle, a parent that is not
 *   there or another root
 */
export function treeDistances(relation: TreeRelation): Matrix64 {
  requireBatchRelation(relation, 'treeDistances');
  const { parents, nodes, references = nodes } = relation;
  const paths = new Map<number, Int32Array>();
  const pathsOf = (items: ArrayLike<number>) =>
    Array.from(items, (node) => {
      const path = paths.get(node) ?? pathFromRoot(parents, node);
      paths.set(node, path);
      return path;
    });
  const from = pathsOf(nodes);
  const to = references === nodes ? from : pathsOf(references);
  const root = (from[0] ?? to[0])?.[0];
  for (const [node, path] of paths) {
    if (path[0] !== root) refuse(node, `a path to the root ${root}`, `one to ${path[0]}`);
  }
  const data = new Float64Array(from.length * to.length);
  from.forEach((path, i) => {
    to.forEach((other, j) => {
      data[i * to.length + j] = path.length + other.length - 2 * sharedLength(path, other);
    });
  });
  return matrix(data, from.length, to.length);
}

function pathFromRoot(parents: ArrayLike<number>, node: number): Int32Array {
  const path: number[] = [];
  for (let at = node; at !== -1; at = parents[at]) {
    if (!(Number.isInteger(at) && at >= 0 && at < parents.length)) {
      refuse(node, `parents in 0..${parents.length - 1}, or -1, above it`, at);
    }
    // A path longer than the tree has nodes comes back to one of them.
    if (path.push(at) > parents.length) refuse(node, 'a path to the root', 'a cycle');
  }
  return Int32Array.from(path).reverse();
}

function sharedLength(a: Int32Array, b: Int32Array): number {
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
  return shared;
}

function refuse(node: number, expected: string, got: unknown): never {
  throw new DomainError(
    expectation(`treeDistances node ${node}`, expected, got, 'pass the parents of one tree, -1 at its root'),
  );
}
