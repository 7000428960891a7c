import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PieceSums } from './pieceSums.js';
import { asStorageError } from './storageError.js';

// The layout is described in docs/formats.md.

/** Bytes a call: between two of them the event loop runs. */
export const PIECE = 1 << 22;
/** Blocks begin at multiples of this, so that a file can be mapped and its arrays used in place. */
export const ALIGNMENT = 64;
export const DIGEST_BYTES = 32;

/** The last block: a CRC-32C of each piece of those before. */
export const SUMS = 'sums';

/** What a file says of each of its blocks, in order. */
export interface BlockEntry {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the content, hexadecimal. */
  readonly sha256: string;
}

/** A block to be written. `pieces` is called twice and gives the same bytes both times. */
export interface BlockSource {
  readonly name: string;
  readonly bytes: number;
  pieces(): AsyncIterable<Uint8Array>;
}

export const paddingAfter = (position: number): number => (ALIGNMENT - (position % ALIGNMENT)) % ALIGNMENT;

/** A typed array as a block. */
export function arrayBlock(name: string, array: ArrayBufferView): BlockSource {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return {
    name,
    bytes: bytes.byteLength,
    async *pieces() {
      for (let at = 0; at < bytes.byteLength; at += PIECE) yield bytes.subarray(at, at + PIECE);
    },
  };
}

/**
 * Writes `magic`, the header with the table of blocks, the blocks, and one of checksums of their pieces.
 * Piece by piece: an index may exceed one buffer.
 * @returns the checksum of the header, which tells this content from any other
 */
export async function writeBlocks(
  path: string,
  magic: Uint8Array,
  header: object,
  sources: readonly BlockSource[],
): Promise<Buffer> {
  const blocks: BlockEntry[] = [];
  const sums: number[] = [];
  for (const source of sources) blocks.push(await entryOf(source, sums));
  const last = arrayBlock(SUMS, Uint32Array.from(sums));
  blocks.push(await entryOf(last, []));
  const start = headerBytes(magic, { ...header, blocks });
  await writeWhole(path, async (write) => {
    let at = await write(start);
    for (const source of [...sources, last]) {
      at += await write(new Uint8Array(paddingAfter(at)));
      for await (const piece of source.pieces()) at += await write(piece);
    }
  });
  return start.subarray(-DIGEST_BYTES);
}

/**
 * Writes a file whole or not at all, and its folder if need be: to a temporary file, flushed, then renamed.
 * @param fill calls `write` with one piece after the other
 * @throws StorageError if the system refuses; what stood there before stays
 */
export async function writeWhole(
  path: string,
  fill: (write: (bytes: Uint8Array) => Promise<number>) => Promise<unknown>,
): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    await mkdir(folder, { recursive: true });
    const temporary = join(folder, `.${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
    try {
      const file = await open(temporary, 'wx');
      try {
        await fill((bytes) => writeAll(file, bytes));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(folder);
  } catch (cause) {
    throw asStorageError(`file ${path}`, 'a place where it can be written', cause);
  }
}

/** Appends the sums of the block's pieces to `sums`. */
async function entryOf(source: BlockSource, sums: number[]): Promise<BlockEntry> {
  const { name, bytes } = source;
  const hash = createHash('sha256');
  const pieces = new PieceSums();
  for await (const piece of source.pieces()) {
    hash.update(piece);
    pieces.update(piece);
  }
  for (const sum of pieces.finish()) sums.push(sum);
  return { name, bytes, sha256: hash.digest('hex') };
}

function headerBytes(magic: Uint8Array, header: object): Buffer {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const content = new Uint8Array(magic.length + 8 + text.length);
  content.set(magic);
  new DataView(content.buffer).setBigUint64(magic.length, BigInt(text.length), true);
  content.set(text, magic.length + 8);
  const sum = createHash('sha256').update(content).digest();
  return Buffer.concat([content, sum]);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<number> {
  for (let at = 0; at < bytes.byteLength; ) at += (await file.write(bytes, at)).bytesWritten;
  return bytes.byteLength;
}

/** Without this a power cut after the rename may bring the old name back. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
