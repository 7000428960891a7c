import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type Change, decodeChanges } from './changes.js';

// The layout is described in docs/formats.md.

const MARK = new TextEncoder().encode('GYROBTCH');
export const BATCH_HEADER = 64;
/** What a disk writes at once: a batch that a power cut tore has whole sectors that were never written. */
const SECTOR = 512;
/** Bytes that are looked through at once for a whole batch behind a damaged one. */
const STRIDE = 1 << 20;

/**
 * A batch as it is written: one header, the changes of one or more calls. `number` counts from 0 in a
 * journal.
 */
export function encodeBatch(base: Uint8Array, number: number, content: Uint8Array): Buffer {
  const out = Buffer.alloc(BATCH_HEADER + content.byteLength);
  out.set(MARK);
  out.writeBigUInt64LE(BigInt(number), 8);
  out.writeBigUInt64LE(BigInt(content.byteLength), 16);
  out.set(createHash('sha256').update(content).digest(), 24);
  out.set(headerSum(base, out), 56);
  out.set(content, BATCH_HEADER);
  return out;
}

function headerSum(base: Uint8Array, header: Uint8Array): Uint8Array {
  return createHash('sha256').update(base).update(header.subarray(0, 56)).digest().subarray(0, 8);
}

export interface BatchDamage {
  /** Where the damage begins, in bytes from the start of the journal. */
  readonly at: number;
  /** Ids that whole batches behind the damage change. */
  readonly lost: readonly bigint[];
}

export interface JournalEnd {
  /** Where the last whole batch ends. */
  readonly end: number;
  /** Number of batches up to there. */
  readonly batches: number;
  /** Bytes behind `end` are what a process or a power cut left of a batch that nobody was told of. */
  readonly torn: boolean;
  /** Bytes behind `end` have been changed after they were written. */
  readonly damage: BatchDamage | undefined;
}

/** Bytes of a journal that does not grow meanwhile. */
export interface JournalBytes {
  readonly file: FileHandle;
  readonly size: number;
  /** The index file that the journal continues, 32 bytes. */
  readonly base: Uint8Array;
  readonly columns: number;
}

/**
 * Calls `use` with the changes of each batch in turn, from byte `start` on, up to the first that is not
 * whole.
 */
export async function readBatches(
  source: JournalBytes,
  start: number,
  use: (changes: readonly Change[], at: number) => Promise<void>,
): Promise<JournalEnd> {
  let at = start;
  for (let batches = 0; ; batches++) {
    if (at === source.size) return { end: at, batches, torn: false, damage: undefined };
    const batch = await readBatch(source, at);
    if (batch?.number !== batches) {
      const lost = await idsFrom(source, at);
      const torn = lost === undefined && (await isTorn(source, at));
      return { end: at, batches, torn, damage: torn ? undefined : { at, lost: lost ?? [] } };
    }
    await use(batch.changes, at);
    at = batch.end;
  }
}

interface WholeBatch {
  readonly number: number;
  readonly changes: readonly Change[];
  readonly end: number;
}

interface Header {
  readonly number: number;
  readonly bytes: number;
  readonly sum: Uint8Array;
}

async function readBatch(source: JournalBytes, at: number): Promise<WholeBatch | undefined> {
  const header = await readHeader(source, at);
  if (!header) return undefined;
  const end = at + BATCH_HEADER + header.bytes;
  if (end > source.size) return undefined;
  const content = await readAt(source, at + BATCH_HEADER, header.bytes);
  if (!createHash('sha256').update(content).digest().equals(header.sum)) return undefined;
  const changes = decodeChanges(content, source.columns);
  return changes && { number: header.number, changes, end };
}

async function readHeader(source: JournalBytes, at: number): Promise<Header | undefined> {
  if (at + BATCH_HEADER > source.size) return undefined;
  const bytes = await readAt(source, at, BATCH_HEADER);
  if (MARK.some((byte, i) => bytes[i] !== byte)) return undefined;
  if (!bytes.subarray(56).equals(headerSum(source.base, bytes))) return undefined;
  const [number, length] = [bytes.readBigUInt64LE(8), bytes.readBigUInt64LE(16)].map(Number);
  return { number, bytes: length, sum: bytes.subarray(24, 56) };
}

/**
 * The ids in whole batches from `at` on, which show that what stands there was whole once; undefined without
 * any.
 */
async function idsFrom(source: JournalBytes, at: number): Promise<bigint[] | undefined> {
  let found: Set<bigint> | undefined;
  for (let from = at; from + BATCH_HEADER <= source.size; ) {
    const stride = await readAt(source, from, Math.min(STRIDE, source.size - from));
    const place = stride.indexOf(MARK);
    if (place < 0) {
      from += Math.max(1, stride.length - MARK.length + 1);
      continue;
    }
    const batch = await readBatch(source, from + place);
    if (batch) {
      found ??= new Set();
      for (const { ids } of batch.changes) for (const id of ids) found.add(id);
    }
    from = batch?.end ?? from + place + 1;
  }
  return found && [...found];
}

/**
 * Whether the rest of the file, which begins with a bad batch, is cut short or has a sector that was never
 * written.
 */
async function isTorn(source: JournalBytes, at: number): Promise<boolean> {
  const header = await readHeader(source, at);
  if (header ? at + BATCH_HEADER + header.bytes > source.size : at + BATCH_HEADER > source.size) return true;
  for (let from = at; from < source.size; ) {
    const end = Math.min(source.size, (Math.floor(from / SECTOR) + 1) * SECTOR);
    if ((await readAt(source, from, end - from)).every((byte) => byte === 0)) return true;
    from = end;
  }
  return false;
}

async function readAt({ file }: JournalBytes, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    // Cut by another process: zeros stand for what is not there.
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes;
}
