import { requireInteger, requireLength } from '../../core/checks.js';
import type { Matrix32 } from '../../core/matrix.js';
import { requirePoints } from '../../geometry/points.js';
import { neighborBlocks } from '../neighborBlocks.js';

/**
 * The label that most of the k nearest references have, by Euclidean distance; ties by smaller label.
 * @param queries, references [n, columns] @param labels of the references @param k 1..references
 * @throws ShapeError for other lengths, DomainError naming a row that is not finite, UsageError for k out of range
 */
export async function neighborVote(
  queries: Matrix32,
  references: Matrix32,
  labels: ArrayLike<number>,
  k: number,
): Promise<Float64Array> {
  const space = { kind: 'euclidean', dim: references.columns } as const;
  requireLength(labels.length, references.rows, 'neighborVote labels');
  requireInteger(k, 1, 'neighborVote k', references.rows);
  requirePoints(space, queries, 'neighborVote queries');
  requirePoints(space, references, 'neighborVote references');
  const votes = new Float64Array(queries.rows);
  for await (const { from, to, rows } of neighborBlocks(space, queries, references, k, false)) {
    for (let i = from; i < to; i++) {
      const near = Array.from(rows.subarray((i - from) * k, (i - from + 1) * k), (row) => labels[row]);
      votes[i] = mostFrequent(near);
    }
  }
  return votes;
}

function mostFrequent(labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return Math.min(...[...counts].filter(([, count]) => count === most).map(([label]) => label));
}
