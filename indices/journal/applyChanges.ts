import type { VectorIndex } from '../vectorIndex.js';
import type { Change } from './changes.js';

/** Rows that are stored by one call: more at once would hide longer from searches. */
const MAX_ROWS = 1 << 14;

/** Makes changes in their order; additions that follow each other are made together, which is faster. */
export async function applyChanges(index: VectorIndex, changes: readonly Change[]): Promise<void> {
  for (let at = 0; at < changes.length; ) {
    const change = changes[at];
    if (change.kind === 'remove') {
      await index.remove(change.ids);
      at++;
    } else if (change.kind === 'update') {
      await index.update(change.ids, change.vectors);
      at++;
    } else {
      const together = additionsFrom(changes, at);
      await index.add(joinIds(together), joinVectors(together));
      at += together.length;
    }
  }
}

type Addition = Extract<Change, { vectors: Float32Array }>;

function additionsFrom(changes: readonly Change[], at: number): Addition[] {
  const found: Addition[] = [];
  for (let rows = 0, i = at; i < changes.length; i++) {
    const change = changes[i];
    if (change.kind !== 'add') break;
    rows += change.ids.length;
    if (found.length > 0 && rows > MAX_ROWS) break;
    found.push(change);
  }
  return found;
}

function joinIds(parts: readonly Addition[]): BigInt64Array {
  const out = new BigInt64Array(parts.reduce((sum, { ids }) => sum + ids.length, 0));
  let at = 0;
  for (const { ids } of parts) {
    out.set(ids, at);
    at += ids.length;
  }
  return out;
}

function joinVectors(parts: readonly Addition[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { vectors }) => sum + vectors.length, 0));
  let at = 0;
  for (const { vectors } of parts) {
    out.set(vectors, at);
    at += vectors.length;
  }
  return out;
}
