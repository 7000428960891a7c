import { requireInteger } from '../../src/core/checks.js';
import { expectation, FormatError } from '../../src/core/errors.js';
import { columnsOf, parseSpace, type Space } from '../../src/core/space.js';
import type { IndexSettings } from '../vectorIndex.js';
import { BlockReader } from './blockReader.js';
import { type BlockEntry, type BlockSource, writeBlocks } from './blocks.js';

// The layout is described in docs/formats.md.

const VERSION = 2;
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
}

const BLOCKS = {
  exact: ['ids', 'vectors'],
  hnsw: ['ids', 'vectors', 'levels', 'lowest', 'upper', 'twins', 'stragglers'],
} as const;
export type BlockName = (typeof BLOCKS.hnsw)[number];

/** Whole or not at all; makes the folder. @param blocks those of the header's engine, in order */
export function writeIndexFile(
  path: string,
  header: IndexHeader,
  blocks: readonly BlockSource[],
): Promise<void> {
  const { space, engine, count, settings, entry, unreachable = null } = header;
  return writeBlocks(path, MAGIC, { space, engine, count, ...settings, entry, unreachable }, blocks);
}

/** An index file whose header and block table have been checked; blocks are read in their order. */
export interface OpenedIndexFile {
  readonly header: IndexHeader;
  readonly reader: BlockReader;
}

/** @throws UsageError if there is no such file, FormatError naming what is wrong with it */
export async function openIndexFile(path: string): Promise<OpenedIndexFile> {
  const who = `index ${path}`;
  const reader = await BlockReader.open(path, who);
  try {
    const text = await reader.header(MAGIC).catch((cause) => {
      throw cause instanceof TypeError ? foreignHeader(who, cause) : cause;
    });
    const { header, blocks } = parseHeader(text, who);
    reader.expect(blocks);
    return { header, reader };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function parseHeader(text: string, who: string): { header: IndexHeader; blocks: BlockEntry[] } {
  try {
    const fields = JSON.parse(text);
    const { engine, count, m, efConstruction, ef, seed, entry, unreachable } = fields;
    if (engine !== 'exact' && engine !== 'hnsw') throw new TypeError(`unknown engine ${engine}`);
    requireInteger(count, 0, 'count', MAX_ROWS);
    requireInteger(m, 2, 'm', 512);
    requireInteger(efConstruction, 1, 'efConstruction', 1_000_000);
    requireInteger(ef, 1, 'ef', MAX_ROWS);
    requireInteger(seed, 0, 'seed', 2 ** 32 - 1);
    requireInteger(entry, -1, 'entry', MAX_ROWS);
    if (unreachable !== null) requireInteger(unreachable, 0, 'unreachable', count);
    const header: IndexHeader = {
      space: parseSpace(fields.space),
      engine,
      count,
      settings: { m, efConstruction, ef, seed },
      entry,
      unreachable: unreachable ?? undefined,
    };
    return { header, blocks: parseBlocks(fields.blocks, header) };
  } catch (cause) {
    throw foreignHeader(who, cause as Error);
  }
}

function parseBlocks(blocks: readonly BlockEntry[], header: IndexHeader): BlockEntry[] {
  const names = BLOCKS[header.engine];
  if (!Array.isArray(blocks) || blocks.length !== names.length) throw new TypeError('other blocks');
  return names.map((expected, i) => {
    const { name, bytes, sha256 } = blocks[i];
    if (name !== expected || typeof sha256 !== 'string') throw new TypeError(`no block "${expected}"`);
    requireInteger(bytes, 0, `bytes of "${name}"`);
    const { unit, exactly } = shapeOf(expected, header);
    const holds = exactly ? bytes === unit * header.count : bytes % unit === 0;
    if (!holds) throw new TypeError(`"${name}" has ${bytes} bytes`);
    return { name, bytes, sha256 };
  });
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
