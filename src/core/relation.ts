import { expectation, UsageError } from './errors.js';
import type { Relation } from './records.js';

/**
 * Guards what Relation promises: at least one pair, offsets from 0 that never fall to the number of targets, and for
 * each item other items, ascending.
 * @throws UsageError naming `who` and the row
 */
export function requireRelation({ offsets, targets }: Relation, who: string): void {
  const n = offsets.length - 1;
  const refuse = (at: string, expected: string, got: unknown): never => {
    throw new UsageError(expectation(`${who} relation${at}`, expected, got, 'see transitiveClosure'));
  };
  if (targets.length === 0) refuse('', 'at least one pair', 'none');
  if (offsets[0] !== 0 || offsets[n] !== targets.length) {
    refuse('', `offsets from 0 to ${targets.length}`, `${offsets[0]} to ${offsets[n]}`);
  }
  for (let u = 0; u < n; u++) {
    if (!(offsets[u + 1] >= offsets[u])) refuse(` row ${u}`, `an end >= ${offsets[u]}`, offsets[u + 1]);
    for (let k = offsets[u], last = -1; k < offsets[u + 1]; k++) {
      const v = targets[k];
      if (!(v > last && v < n && v !== u)) refuse(` row ${u}`, `other rows 0..${n - 1}, ascending`, v);
      last = v;
    }
  }
}
