import { copyFile } from 'node:fs/promises';
import { columnsOf } from '../../src/core/space.js';
import { buildIndex } from '../buildIndex.js';
import { journalPath } from '../format/indexFile.js';
import { SUM_PIECE } from '../format/pieceSums.js';
import { asStorageError } from '../format/storageError.js';
import type { Change } from '../journal/changes.js';
import { Journal, openDamagedJournal, readJournal } from '../journal/journalFile.js';
import type { SavableIndex } from '../journal/liveIndex.js';
import { requireEmpty } from '../journal/replay.js';
import { WriterLock } from '../journal/writerLock.js';
import { type DamagedFile, readDamagedFile } from './damagedFile.js';

export interface RepairReport {
  /** Names of the blocks of the index file that were damaged. */
  readonly blocks: readonly string[];
  /** Where the journal's damage begins, in bytes; undefined if it was whole. */
  readonly journalFrom: number | undefined;
  /**
   * Points whose vectors are gone, and points that batches behind the journal's damage changed; ascending.
   */
  readonly lostIds: BigInt64Array;
  /** Points of which the id is gone too. */
  readonly lostRows: number;
  /** Copies of the files as they were found. */
  readonly copies: readonly string[];
}

/**
 * Makes an index file whole again: points whose bytes are whole are kept, what is damaged is taken from the
 * journal if it is there, and links are made anew. Copies of the damaged files are kept beside them.
 * @returns undefined if nothing was damaged
 * @throws FormatError for a damaged header; StorageError if the file has a writer or cannot be written;
 *   MissingError without the addon
 */
export async function repairIndex(path: string): Promise<RepairReport | undefined> {
  const file = await readDamagedFile(path);
  const lock = await WriterLock.take(path);
  try {
    const blocks = [...file.blocks].flatMap(([name, { damaged }]) => (damaged.size > 0 ? [name] : []));
    const journal = await changesOf(path, file);
    const fileDamaged = blocks.length > 0 || file.frameDamaged;
    const journalDamaged = journal.from !== undefined;
    if (!fileDamaged && !journalDamaged) return undefined;
    const points = new Points(file);
    for (const change of journal.changes) points.make(change);
    for (const id of journal.unread) points.lost.add(id);
    const copies = await keepCopies(journalDamaged ? [path, journalPath(path)] : [path]);
    // It follows the damaged file, whose journal is in it as far as it can be read.
    await save(path, file, points);
    await Journal.remove(path);
    return {
      blocks,
      journalFrom: journal.from,
      lostIds: BigInt64Array.from(points.lost).sort(),
      lostRows: points.unknown,
      copies,
    };
  } finally {
    await lock.release();
  }
}

/** What is left of a file's points, and what a journal makes of them. */
class Points {
  /** Ids whose vectors are gone. */
  readonly lost = new Set<bigint>();
  /** Number of rows whose ids are gone. */
  unknown = 0;
  private readonly vectors = new Map<bigint, Float32Array>();

  constructor({ header, blocks }: DamagedFile) {
    const [ids, vectors] = [blocks.get('ids'), blocks.get('vectors')];
    if (!ids || !vectors) return;
    const names = new BigInt64Array(ids.bytes.buffer);
    const values = new Float32Array(vectors.bytes.buffer);
    const columns = columnsOf(header.space);
    names.forEach((id, row) => {
      if (touches(ids.damaged, 8 * row, 8)) this.unknown++;
      else if (touches(vectors.damaged, 4 * columns * row, 4 * columns)) this.lost.add(id);
      else this.vectors.set(id, values.subarray(row * columns, (row + 1) * columns));
    });
  }

  /** A change of a point that is lost may bring it back, or say that it is to be gone. */
  make(change: Change): void {
    const columns = change.kind === 'remove' ? 0 : change.vectors.length / change.ids.length;
    change.ids.forEach((id, i) => {
      this.lost.delete(id);
      if (change.kind === 'remove') this.vectors.delete(id);
      else this.vectors.set(id, change.vectors.subarray(i * columns, (i + 1) * columns));
    });
  }

  all(columns: number): { ids: BigInt64Array; vectors: Float32Array } {
    const ids = BigInt64Array.from(this.vectors.keys());
    const vectors = new Float32Array(ids.length * columns);
    let at = 0;
    for (const vector of this.vectors.values()) vectors.set(vector, columns * at++);
    return { ids, vectors };
  }
}

function touches(damaged: ReadonlySet<number>, from: number, length: number): boolean {
  if (damaged.size === 0) return false;
  const last = Math.floor((from + length - 1) / SUM_PIECE);
  for (let piece = Math.floor(from / SUM_PIECE); piece <= last; piece++) if (damaged.has(piece)) return true;
  return false;
}

interface JournalChanges {
  readonly changes: readonly Change[];
  /** Where the damage begins. */
  readonly from: number | undefined;
  /** Ids in whole batches behind the damage. */
  readonly unread: readonly bigint[];
}

async function changesOf(path: string, { header, id }: DamagedFile): Promise<JournalChanges> {
  const opened = await openDamagedJournal(path, id, header.follows);
  if (!opened) return { changes: [], from: undefined, unread: [] };
  const columns = columnsOf(header.space);
  try {
    if (!opened.base.equals(id)) {
      await requireEmpty(path, opened, { columns });
      return { changes: [], from: undefined, unread: [] };
    }
    const changes: Change[] = [];
    const end = await readJournal(opened, columns, async (some) => {
      changes.push(...some);
    });
    return { changes, from: opened.headerDamaged ? 0 : end.damage?.at, unread: end.damage?.lost ?? [] };
  } finally {
    await opened.file.close();
  }
}

async function save(path: string, { header, id }: DamagedFile, points: Points): Promise<void> {
  const { space, engine, settings } = header;
  const index = await buildIndex({ space, engine, ...points.all(columnsOf(space)), ...settings });
  try {
    await (index as SavableIndex).saveAs(path, id.toString('hex'));
  } finally {
    index.close();
  }
}

async function keepCopies(paths: readonly string[]): Promise<string[]> {
  const copies: string[] = [];
  for (const path of paths) {
    const copy = `${path}.damaged`;
    await copyFile(path, copy).catch((cause) => {
      throw asStorageError(`file ${copy}`, 'a place for a copy of the damaged file', cause);
    });
    copies.push(copy);
  }
  return copies;
}
