import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { expectation, FormatError } from '../../src/core/errors.js';
import { requireFile } from '../../src/core/files.js';
import { type BlockEntry, DIGEST_BYTES, PIECE, paddingAfter } from './blocks.js';

/** A header may name some blocks and nest a space, not more. */
const MAX_HEADER = 1 << 20;

/**
 * Reads what writeBlocks wrote, blocks in their order, never more than the file holds. Content is checked
 * when the last piece of a block has been read: what came before is not to be trusted until then.
 */
export class BlockReader {
  private at = 0;
  private next = 0;
  private table: readonly BlockEntry[] = [];
  private sum = Buffer.alloc(0);

  private constructor(
    private readonly file: FileHandle,
    private readonly size: number,
    private readonly who: string,
  ) {}

  /** @throws UsageError if there is no such file */
  static async open(path: string, who: string): Promise<BlockReader> {
    requireFile(path, 'index');
    const file = await open(path, 'r');
    return new BlockReader(file, (await file.stat()).size, who);
  }

  /** The checksum of the header, once it has been read: it tells this content from any other. */
  get id(): Buffer {
    return this.sum;
  }

  /** The open file's number, until close(), and its bytes. */
  get descriptor(): { readonly file: number; readonly size: number } {
    return { file: this.file.fd, size: this.size };
  }

  /** How far the file has been read. */
  get position(): number {
    return this.at;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /**
   * The text of the header and the version of the file.
   * @param magic the name and the newest version; `oldest` is still read
   * @throws FormatError for another kind or version of file, or a damaged header
   */
  async header(magic: Uint8Array, oldest: number): Promise<{ text: string; version: number }> {
    const name = magic.subarray(0, -1);
    const start = await this.bytes(Math.min(this.size, magic.length + 8));
    if (name.some((byte, i) => start[i] !== byte)) this.fail('an index file', 'another kind of file');
    if (start.length < magic.length + 8) this.fail('a complete file', `${this.size} bytes`);
    const [newest, got] = [magic[name.length], start[name.length]];
    if (!(got >= oldest && got <= newest)) {
      throw new FormatError(
        expectation(
          this.who,
          `version ${oldest} to ${newest}`,
          `version ${got}`,
          'build the index again from its vectors',
        ),
      );
    }
    const length = Number(new DataView(start.buffer).getBigUint64(magic.length, true));
    if (!(length <= MAX_HEADER)) this.fail('a header', `${length} bytes`);
    const text = await this.bytes(length);
    this.sum = Buffer.from((await this.bytes(DIGEST_BYTES)).buffer);
    if (!createHash('sha256').update(start).update(text).digest().equals(this.sum)) {
      this.fail('an undamaged header', 'another checksum');
    }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(text), version: got };
  }

  /** Takes the header's table of blocks. @throws FormatError unless the file is exactly as long as it says */
  expect(table: readonly BlockEntry[]): void {
    let end = this.at;
    for (const { bytes } of table) end += paddingAfter(end) + bytes;
    if (end !== this.size) this.fail(`${end} bytes`, `${this.size} bytes`);
    this.table = table;
  }

  /** The next block, whole. @throws FormatError if it is damaged */
  async block(name: string): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(this.table[this.next].bytes);
    let at = 0;
    for await (const piece of this.pieces(name, 1)) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    return bytes.buffer;
  }

  /**
   * The next block in pieces of whole units, each in memory of its own.
   * @throws FormatError at its end if it is damaged
   */
  async *pieces(name: string, unit: number): AsyncIterable<Uint8Array<ArrayBuffer>> {
    const entry = this.table[this.next++];
    const padding = await this.bytes(paddingAfter(this.at));
    if (padding.some((byte) => byte !== 0)) this.fail('zeros between blocks', 'other bytes');
    const hash = createHash('sha256');
    const step = Math.max(1, Math.floor(PIECE / unit)) * unit;
    for (let left = entry.bytes; left > 0; left -= step) {
      const piece = await this.bytes(Math.min(step, left));
      hash.update(piece);
      yield piece;
    }
    if (hash.digest('hex') !== entry.sha256) this.fail(`an undamaged block "${name}"`, 'another checksum');
  }

  fail(expected: string, got: unknown): never {
    throw new FormatError(expectation(this.who, expected, got, 'restore the file from a copy'));
  }

  private async bytes(length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!(length <= this.size - this.at)) this.fail('a complete file', `${this.size} bytes`);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.file.read(bytes, done, length - done, this.at + done);
      if (bytesRead === 0) this.fail('a complete file', `${this.at + done} bytes`);
      done += bytesRead;
    }
    this.at += length;
    return bytes;
  }
}
