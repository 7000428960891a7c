import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { expectation, FormatError } from '../../src/core/errors.js';

/** Bytes a call: between two of them the event loop runs. */
const CHUNK = 1 << 22;
const DIGEST_BYTES = 32;

/**
 * Writes `magic`, then each block as: length (u64, little-endian), bytes, SHA-256 of length and bytes. To a temporary
 * file, flushed, then renamed: whole or not at all. Piece by piece, because an index may exceed one buffer.
 */
export async function writeBlocks(
  path: string,
  magic: Uint8Array,
  blocks: readonly Uint8Array[],
): Promise<void> {
  const folder = dirname(resolve(path));
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await writeAll(file, magic);
      for (const block of blocks) await writeBlock(file, block);
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
}

async function writeBlock(file: FileHandle, block: Uint8Array): Promise<void> {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(block.byteLength), true);
  const hash = createHash('sha256').update(length);
  await writeAll(file, length);
  for (let at = 0; at < block.byteLength; at += CHUNK) {
    const part = block.subarray(at, at + CHUNK);
    hash.update(part);
    await writeAll(file, part);
  }
  await writeAll(file, hash.digest());
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await file.write(bytes, at)).bytesWritten;
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

/** Reads what writeBlocks wrote, block by block, never more than the file holds. */
export class BlockReader {
  private at = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly size: number,
    private readonly who: string,
  ) {}

  /** The next `length` bytes. @throws FormatError if the file ends before them */
  async bytes(length: number): Promise<Uint8Array> {
    if (!(length <= this.size - this.at)) this.fail('a complete file', `${this.size} bytes`);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.file.read(bytes, done, Math.min(CHUNK, length - done), this.at + done);
      if (bytesRead === 0) this.fail('a complete file', `${this.at + done} bytes`);
      done += bytesRead;
    }
    this.at += length;
    return bytes;
  }

  /** The next block. @throws FormatError if it is cut short or its checksum differs */
  async block(name: string): Promise<Uint8Array> {
    const length = await this.bytes(8);
    const hash = createHash('sha256').update(length);
    const bytes = await this.bytes(Number(new DataView(length.buffer).getBigUint64(0, true)));
    for (let at = 0; at < bytes.byteLength; at += CHUNK) hash.update(bytes.subarray(at, at + CHUNK));
    const stored = await this.bytes(DIGEST_BYTES);
    if (!hash.digest().equals(stored)) this.fail(`an undamaged block "${name}"`, 'another checksum');
    return bytes;
  }

  end(): void {
    if (this.at !== this.size) this.fail('the end of the file', `${this.size - this.at} more bytes`);
  }

  fail(expected: string, got: unknown): never {
    throw new FormatError(expectation(this.who, expected, got, 'restore the file from a copy'));
  }
}
