import { existsSync } from 'node:fs';
import { requireInteger } from '../../src/core/checks.js';
import { expectation, FormatError, StorageError } from '../../src/core/errors.js';
import { columnsOf, parseSpace, type Space } from '../../src/core/space.js';
import type { IndexSettings } from '../vectorIndex.js';
import { BlockReader } from './blockReader.js';
import { type BlockEntry, type BlockSource, SUMS, writeBlocks } from './blocks.js';
import { pieceCount } from './pieceSums.js';
import { scalarCount } from './scalarCount.js';

// The layout is described in docs/formats.md.

const VERSION = 3;
/** Without scalars and sums. */
const OLDEST = 2;
const MAGIC = Uint8Array.of(...new TextEncoder().encode('GYROIDX'), VERSION);
const MAX_ROWS = 2 ** 31 - 2;

export interface IndexHeader {
  readonly space: Space;
  readonly engine: 'exact' | 'hnsw';
  /** Number of points. */
  readonly count: number;
  readonly settings: IndexSettings;
  /** undefined: points were added since they were counted. */
  readonly unreachable: number | undefined;
  /** The row where walks through the graph begin, -1 without one. */
  readonly entry: number;
  /** The id of the file whose content, with all of its journal, is this one's; undefined for any other. */
  readonly follows?: string | undefined;
}

/** Those before the sums. */
const BLOCKS = {
  exact: ['ids', 'vectors'],
  hnsw: ['ids', 'vectors', 'scalars', 'levels', 'lowest', 'upper', 'twins', 'stragglers'],
} as const;
export type BlockName = (typeof BLOCKS.hnsw)[number];

/**
 * Whole or not at all; makes the folder.
 * @param blocks those of the header's engine, in order
 * @returns the id of the file
 * @throws StorageError if the system refuses, or if a journal holds changes of the file that stands there
 */
export async function writeIndexFile(
  path: string,
  header: IndexHeader,
  blocks: readonly BlockSource[],
): Promise<Buffer> {
  const { space, engine, count, settings, entry, unreachable = null, follows } = header;
  if (follows === undefined && existsSync(journalPath(path))) {
    throw new StorageError(
      expectation(
        `index ${path}`,
        'a file without a journal',
        journalPath(path),
        'open it with { journal: true } and call checkpoint(), or remove both files',
      ),
    );
  }
  return writeBlocks(path, MAGIC, { space, engine, count, ...settings, entry, unreachable, follows }, blocks);
}

/** Where the changes of an index file are kept until they are in it. */
export const journalPath = (index: string): string => `${index}.journal`;

/** An index file whose header and block table have been checked; blocks are read in their order. */
export interface OpenedIndexFile {
  readonly header: IndexHeader;
  /** Those of version 3 end with the sums. */
  readonly blocks: readonly BlockEntry[];
  /** Where the first block begins, but for zeros. */
  readonly start: number;
  readonly reader: BlockReader;
}

/**
 * @param anyLength does not hold the length of the file against its header
 * @throws UsageError if there is no such file, FormatError naming what is wrong with it
 */
export async function openIndexFile(
  path: string,
  { anyLength = false }: { readonly anyLength?: boolean } = {},
): Promise<OpenedIndexFile> {
  const who = `index ${path}`;
  const reader = await BlockReader.open(path, who);
  try {
    const { text, version } = await reader.header(MAGIC, OLDEST).catch((cause) => {
      throw cause instanceof TypeError ? foreignHeader(who, cause) : cause;
    });
    const { header, blocks } = parseHeader(text, version, who);
    const start = reader.position;
    if (!anyLength) reader.expect(blocks);
    return { header, blocks, start, reader };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function parseHeader(
  text: string,
  version: number,
  who: string,
): { header: IndexHeader; blocks: BlockEntry[] } {
  try {
    const fields = JSON.parse(text);
    const { engine, count, m, efConstruction, ef, seed, entry, unreachable, follows } = fields;
    if (engine !== 'exact' && engine !== 'hnsw') throw new TypeError(`unknown engine ${engine}`);
    requireInteger(count, 0, 'count', MAX_ROWS);
    requireInteger(m, 2, 'm', 512);
    requireInteger(efConstruction, 1, 'efConstruction', 1_000_000);
    requireInteger(ef, 1, 'ef', MAX_ROWS);
    requireInteger(seed, 0, 'seed', 2 ** 32 - 1);
    requireInteger(entry, -1, 'entry', MAX_ROWS);
    if (unreachable !== null) requireInteger(unreachable, 0, 'unreachable', count);
    if (follows !== undefined && !/^[0-9a-f]{64}$/.test(follows)) throw new TypeError('follows no file');
    const header: IndexHeader = {
      space: parseSpace(fields.space),
      engine,
      count,
      settings: { m, efConstruction, ef, seed },
      entry,
      unreachable: unreachable ?? undefined,
      follows,
    };
    return { header, blocks: parseBlocks(fields.blocks, version, header) };
  } catch (cause) {
    throw foreignHeader(who, cause as Error);
  }
}

function parseBlocks(blocks: readonly BlockEntry[], version: number, header: IndexHeader): BlockEntry[] {
  const summed = version > OLDEST;
  const names = BLOCKS[header.engine].filter((name) => summed || name !== 'scalars');
  if (!Array.isArray(blocks) || blocks.length !== names.length + (summed ? 1 : 0)) {
    throw new TypeError('other blocks');
  }
  const entries = names.map((expected, i) => {
    const entry = parseEntry(blocks[i], expected);
    const { unit, exactly } = shapeOf(expected, header);
    const holds = exactly ? entry.bytes === unit * header.count : entry.bytes % unit === 0;
    if (!holds) throw new TypeError(`"${expected}" has ${entry.bytes} bytes`);
    return entry;
  });
  if (!summed) return entries;
  const sums = parseEntry(blocks[names.length], SUMS);
  const pieces = entries.reduce((sum, { bytes }) => sum + pieceCount(bytes), 0);
  if (sums.bytes !== 4 * pieces) throw new TypeError(`"${SUMS}" has ${sums.bytes} bytes`);
  return [...entries, sums];
}

function parseEntry({ name, bytes, sha256 }: BlockEntry, expected: string): BlockEntry {
  if (name !== expected || typeof sha256 !== 'string') throw new TypeError(`no block "${expected}"`);
  requireInteger(bytes, 0, `bytes of "${name}"`);
  return { name, bytes, sha256 };
}

/** Bytes of an entry, and whether there is exactly one a point. */
function shapeOf(
  name: BlockName,
  { space, settings: { m } }: IndexHeader,
): { unit: number; exactly: boolean } {
  switch (name) {
    case 'ids':
      return { unit: 8, exactly: true };
    case 'vectors':
      return { unit: 4 * columnsOf(space), exactly: true };
    case 'scalars':
      return { unit: 8 * scalarCount(space), exactly: true };
    case 'levels':
      return { unit: 1, exactly: true };
    case 'lowest':
      return { unit: 8 * m + 4, exactly: true };
    case 'upper':
      return { unit: 4 * m + 4, exactly: false };
    case 'twins':
      return { unit: 8, exactly: false };
    case 'stragglers':
      return { unit: 4, exactly: false };
  }
}

function foreignHeader(who: string, cause: Error): FormatError {
  const remedy = `restore the file from a copy (${cause.message})`;
  return new FormatError(expectation(who, 'a header of this program', 'something else', remedy), { cause });
}
