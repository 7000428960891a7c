import { requireInteger, requireLength } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { Matrix32 } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import { nearest } from '../../geometry/nearest.js';
import { requirePoints } from '../../geometry/points.js';
import { loadNative } from '../../native/index.js';

/**
 * Each query's label by vote of its k nearest known rows; of labels with as many votes that of the nearest row wins.
 * @param known [n, columnsOf(space)], n >= 1 @param labels n @param queries [m, columnsOf(space)]
 * @returns m labels
 * @throws ShapeError for other shapes or no known row; DomainError naming a row that is no point; UsageError for k < 1
 */
export async function nearestLabels(
  space: Space,
  known: Matrix32,
  labels: ArrayLike<number>,
  queries: Matrix32,
  k: number,
): Promise<Int32Array> {
  const who = 'nearestLabels';
  requireLength(labels.length, known.rows, `${who} labels`);
  requireInteger(k, 1, `${who} k`);
  if (known.rows === 0) throw new ShapeError(expectation(who, 'known rows', 'none', 'pass some'));
  const found = await search(space, known, queries, k);
  return Int32Array.from({ length: queries.rows }, (_, q) => {
    const votes = new Map<number, number>();
    for (const r of found.subarray(q * k, (q + 1) * k)) {
      if (r >= 0) votes.set(labels[r], (votes.get(labels[r]) ?? 0) + 1);
    }
    // A map keeps the order in which labels came, nearest first, and a stable sort keeps it among equals.
    return [...votes].sort(([, a], [, b]) => b - a)[0][0];
  });
}

async function search(space: Space, known: Matrix32, queries: Matrix32, k: number): Promise<Int32Array> {
  const native = loadNative();
  if (!native) return nearest(space, known, queries, k).rows;
  requirePoints(space, known, 'nearestLabels known');
  requirePoints(space, queries, 'nearestLabels queries');
  return (await native.exactSearch(space, known, queries, k)).rows;
}
