import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { expectation, FormatError, StorageError, UsageError } from '../../src/core/errors.js';
import { writeWhole } from '../format/blocks.js';
import { journalPath } from '../format/indexFile.js';
import { asStorageError } from '../format/storageError.js';
import { encodeBatch, type JournalEnd, readBatches } from './batches.js';
import { type Change, changeBytes, encodeChanges } from './changes.js';

// The layout is described in docs/formats.md.

const VERSION = 1;
const MAGIC = Uint8Array.of(...new TextEncoder().encode('GYROJNL'), VERSION);
const ID_BYTES = 32;
const HEADER = MAGIC.length + 2 * ID_BYTES;
/** A batch is one buffer. */
export const MAX_BATCH = 2 ** 31;

/** A journal of this program with an undamaged header. */
export interface OpenedJournal {
  readonly file: FileHandle;
  readonly size: number;
  /** The id of the index file that it continues. */
  readonly base: Buffer;
}

/**
 * @returns undefined if there is none
 * @throws FormatError for another kind or version of file, or a damaged header
 */
export async function openJournal(index: string, flags: 'r' | 'r+'): Promise<OpenedJournal | undefined> {
  const who = `journal ${journalPath(index)}`;
  const file = await open(journalPath(index), flags).catch((cause) => {
    if (cause.code === 'ENOENT') return undefined;
    throw asStorageError(who, 'a file that can be opened', cause);
  });
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const header = Buffer.alloc(HEADER);
    const { bytesRead } = await file.read(header, 0, HEADER, 0);
    const name = MAGIC.subarray(0, -1);
    if (bytesRead < HEADER || name.some((byte, i) => header[i] !== byte)) {
      throw foreign(who, 'a journal', 'another kind of file');
    }
    if (header[name.length] !== VERSION) {
      throw foreign(who, `version ${VERSION}`, `version ${header[name.length]}`);
    }
    const sum = createHash('sha256')
      .update(header.subarray(0, HEADER - ID_BYTES))
      .digest();
    if (!sum.equals(header.subarray(HEADER - ID_BYTES))) {
      throw foreign(who, 'an undamaged header', 'another checksum');
    }
    return { file, size, base: header.subarray(MAGIC.length, MAGIC.length + ID_BYTES) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * A journal whose header may be damaged: its batches say whether they belong to the file of this id.
 * @returns undefined if there is none, or if the file holds its changes already
 */
export async function openDamagedJournal(
  index: string,
  id: Buffer,
  follows: string | undefined,
): Promise<(OpenedJournal & { readonly headerDamaged: boolean }) | undefined> {
  try {
    const opened = await openJournal(index, 'r');
    if (!opened) return undefined;
    if (opened.base.toString('hex') !== follows) return { ...opened, headerDamaged: false };
    await opened.file.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const file = await open(journalPath(index), 'r');
    const { size } = await file.stat();
    return { file, size: Math.max(size, HEADER), base: id, headerDamaged: true };
  }
}

function foreign(who: string, expected: string, got: string): FormatError {
  return new FormatError(
    expectation(who, expected, got, 'run `gyrometric index verify --repair`, or restore it from a copy'),
  );
}

/** The changes of a journal, from the first on. */
export function readJournal(
  { file, size, base }: OpenedJournal,
  columns: number,
  use: (changes: readonly Change[], at: number) => Promise<void>,
): Promise<JournalEnd> {
  return readBatches({ file, size, base, columns }, HEADER, use);
}

/** @throws FormatError if bytes behind the last whole batch have been changed after they were written */
export function requireUndamaged(index: string, { damage }: JournalEnd): void {
  if (!damage) return;
  throw new FormatError(
    expectation(
      `journal ${journalPath(index)}`,
      `a whole batch at byte ${damage.at}`,
      'other bytes',
      'run `gyrometric index verify --repair`, which keeps what stands before them',
    ),
  );
}

/** Appends batches to the journal of one index file. */
export class Journal {
  private refusal: Error | undefined;

  private constructor(
    private readonly index: string,
    private readonly file: FileHandle,
    private readonly base: Uint8Array,
    private end: number,
    private batches: number,
  ) {}

  /** An empty journal in the place of what stands there. @param base the id of the index file */
  static async create(index: string, base: Uint8Array): Promise<Journal> {
    const header = Buffer.alloc(HEADER);
    header.set(MAGIC);
    header.set(base, MAGIC.length);
    header.set(
      createHash('sha256')
        .update(header.subarray(0, HEADER - ID_BYTES))
        .digest(),
      HEADER - ID_BYTES,
    );
    const path = journalPath(index);
    await writeWhole(path, (write) => write(header));
    return new Journal(index, await open(path, 'r+'), base, HEADER, 0);
  }

  /** Goes on behind the last whole batch; what is torn behind it is cut off. */
  static async resume(index: string, opened: OpenedJournal, end: JournalEnd): Promise<Journal> {
    if (end.torn) {
      await opened.file.truncate(end.end);
      await opened.file.datasync();
    }
    return new Journal(index, opened.file, opened.base, end.end, end.batches);
  }

  get size(): { readonly bytes: number; readonly batches: number } {
    return { bytes: this.end, batches: this.batches };
  }

  /**
   * Writes the changes as one batch; once this settles they outlast a power cut.
   * @throws StorageError and leaves the journal as it was
   */
  async append(changes: readonly Change[]): Promise<void> {
    if (this.refusal) throw this.refusal;
    const batch = encodeBatch(this.base, this.batches, encodeChanges(changes));
    try {
      for (let done = 0; done < batch.length; ) {
        done += (await this.file.write(batch, done, batch.length - done, this.end + done)).bytesWritten;
      }
      await this.file.datasync();
    } catch (cause) {
      await this.takeBack();
      throw asStorageError(`journal ${journalPath(this.index)}`, 'a disk that takes the change', cause);
    }
    this.end += batch.length;
    this.batches++;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** Only the file's one writer may, of a journal that holds nothing. */
  static remove(index: string): Promise<void> {
    return rm(journalPath(index), { force: true });
  }

  /** A change that was refused must not come back: whoever cannot be sure of that takes no more of them. */
  private async takeBack(): Promise<void> {
    try {
      await this.file.truncate(this.end);
      await this.file.datasync();
    } catch (cause) {
      this.refusal = new StorageError(
        expectation(
          `journal ${journalPath(this.index)}`,
          'a file that can be written',
          (cause as Error).message,
          'call checkpoint(), or open the index again',
        ),
        { cause },
      );
    }
  }
}

/** @throws UsageError for more than one batch can hold */
export function requireBatchSize(change: Change): void {
  if (changeBytes(change) <= MAX_BATCH) return;
  throw new UsageError(
    expectation(
      `journal ${change.kind}`,
      'at most 2 GiB',
      `${changeBytes(change)} bytes`,
      'pass fewer a call',
    ),
  );
}
