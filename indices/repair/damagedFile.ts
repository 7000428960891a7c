import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { type BlockEntry, paddingAfter, SUMS } from '../format/blocks.js';
import { type IndexHeader, openIndexFile } from '../format/indexFile.js';
import { crc32c, pieceCount, SUM_PIECE } from '../format/pieceSums.js';

/** A block as it stands in a file that may be damaged: where bytes are missing there are zeros. */
export interface ReadBlock {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Pieces of SUM_PIECE bytes that differ from what was written; none where the block is whole. */
  readonly damaged: ReadonlySet<number>;
}

export interface DamagedFile {
  readonly header: IndexHeader;
  /** Tells the content that was written from any other. */
  readonly id: Buffer;
  readonly blocks: ReadonlyMap<string, ReadBlock>;
  /** Something between the blocks or behind them is not as it was written. */
  readonly frameDamaged: boolean;
}

/** Bytes a call: the system takes no more than 2^31 - 1. */
const CALL = 1 << 30;

/**
 * Reads an index file whose header is whole, whatever became of the rest.
 * @throws UsageError if there is no such file; FormatError for a damaged header: nothing can be told without
 *   it
 */
export async function readDamagedFile(path: string): Promise<DamagedFile> {
  const { header, blocks: table, reader, start } = await openIndexFile(path, { anyLength: true });
  const id = reader.id;
  await reader.close();
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = async (at: number, length: number) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, Math.min(CALL, length - done), at + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes;
    };
    const parts: Part[] = [];
    let at = start;
    let frameDamaged = false;
    for (const entry of table) {
      const padding = await read(at, paddingAfter(at));
      frameDamaged ||= padding.some((byte) => byte !== 0);
      at += padding.length;
      parts.push({ entry, bytes: await read(at, entry.bytes) });
      at += entry.bytes;
    }
    return { header, id, blocks: withDamage(parts), frameDamaged: frameDamaged || at !== size };
  } finally {
    await file.close();
  }
}

interface Part {
  readonly entry: BlockEntry;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function withDamage(parts: readonly Part[]): ReadonlyMap<string, ReadBlock> {
  const last = parts.at(-1);
  const sums =
    last && last.entry.name === SUMS && isWhole(last) ? new Uint32Array(last.bytes.buffer) : undefined;
  const blocks = new Map<string, ReadBlock>();
  let first = 0;
  for (const part of parts) {
    const pieces = pieceCount(part.entry.bytes);
    const from = first;
    const differs = (i: number) =>
      !sums ||
      part === last ||
      crc32c(part.bytes.subarray(i * SUM_PIECE, (i + 1) * SUM_PIECE)) !== sums[from + i];
    const damaged = isWhole(part) ? [] : Array.from({ length: pieces }, (_, i) => i).filter(differs);
    blocks.set(part.entry.name, { bytes: part.bytes, damaged: new Set(damaged) });
    first += pieces;
  }
  return blocks;
}

function isWhole({ entry, bytes }: Part): boolean {
  return createHash('sha256').update(bytes).digest('hex') === entry.sha256;
}
