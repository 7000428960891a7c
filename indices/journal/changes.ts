/** What a journal records. Ids are >= 0; vectors are points of the space, [ids, columns], row-major. */
export type Change =
  | { readonly kind: 'add' | 'update'; readonly ids: BigInt64Array; readonly vectors: Float32Array }
  | { readonly kind: 'remove'; readonly ids: BigInt64Array };

const KINDS = ['add', 'remove', 'update'] as const;
const UNIT = 8;

const padded = (bytes: number): number => Math.ceil(bytes / UNIT) * UNIT;

/** Bytes that a change takes: kind, number of ids, the ids, the vectors, zeros up to a multiple of 8. */
export function changeBytes(change: Change): number {
  const vectors = change.kind === 'remove' ? 0 : change.vectors.byteLength;
  return 8 + change.ids.byteLength + padded(vectors);
}

/** The changes one after the other, as docs/formats.md describes them. */
export function encodeChanges(changes: readonly Change[]): Buffer {
  const out = Buffer.alloc(changes.reduce((sum, change) => sum + changeBytes(change), 0));
  let at = 0;
  for (const change of changes) {
    out.writeUInt32LE(KINDS.indexOf(change.kind), at);
    out.writeUInt32LE(change.ids.length, at + 4);
    let end = at + 8;
    for (const array of change.kind === 'remove' ? [change.ids] : [change.ids, change.vectors]) {
      out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), end);
      end += array.byteLength;
    }
    at += changeBytes(change);
  }
  return out;
}

/**
 * What encodeChanges wrote, in memory of its own; undefined for anything else.
 * @param columns numbers a vector has
 */
export function decodeChanges(content: Uint8Array, columns: number): Change[] | undefined {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  // Not a Buffer: its slice() is a view where a Uint8Array's is a copy.
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  const changes: Change[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    if (bytes.byteLength - at < 8) return undefined;
    const kind = KINDS[view.getUint32(at, true)];
    const count = view.getUint32(at + 4, true);
    const vectorBytes = kind === 'remove' ? 0 : 4 * columns * count;
    const end = at + 8 + 8 * count + padded(vectorBytes);
    if (kind === undefined || end > bytes.byteLength) return undefined;
    const ids = new BigInt64Array(bytes.slice(at + 8, at + 8 + 8 * count).buffer);
    if (ids.some((id) => id < 0n)) return undefined;
    if (kind === 'remove') {
      changes.push({ kind, ids });
    } else {
      const start = at + 8 + 8 * count;
      changes.push({ kind, ids, vectors: new Float32Array(bytes.slice(start, start + vectorBytes).buffer) });
    }
    at = end;
  }
  return changes;
}
