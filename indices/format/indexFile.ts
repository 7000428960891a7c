import { open } from 'node:fs/promises';
import { requireInteger } from '../../src/core/checks.js';
import { expectation, FormatError } from '../../src/core/errors.js';
import { requireFile } from '../../src/core/files.js';
import type { Matrix32 } from '../../src/core/matrix.js';
import { columnsOf, parseSpace, type Space } from '../../src/core/space.js';
import type { SavedGraph } from '../hnsw/hnswIndex.js';
import type { IndexSettings } from '../vectorIndex.js';
import { BlockReader, writeBlocks } from './blocks.js';

// The layout is described in docs/formats.md.

const NAME = new TextEncoder().encode('GYROIDX');
const VERSION = 1;
const MAX_ROWS = 2 ** 31 - 2;

export interface IndexFile {
  readonly space: Space;
  readonly engine: 'exact' | 'hnsw';
  readonly settings: IndexSettings;
  readonly rows: Matrix32;
  readonly ids: BigInt64Array;
  readonly graph: SavedGraph | undefined;
}

interface Header extends IndexSettings {
  readonly space: Space;
  readonly engine: 'exact' | 'hnsw';
  readonly count: number;
  readonly unreachable: number | null;
  readonly blocks: readonly string[];
}

const BLOCKS = {
  exact: ['vectors', 'ids'],
  hnsw: ['vectors', 'ids', 'links', 'nodes', 'stragglers'],
} as const;

/** Whole or not at all; makes the folder. */
export async function writeIndexFile(path: string, file: IndexFile): Promise<void> {
  const { space, engine, settings, rows, ids, graph } = file;
  const header: Header = {
    space,
    engine,
    count: rows.rows,
    ...settings,
    unreachable: graph ? (graph.unreachable ?? null) : 0,
    blocks: BLOCKS[engine],
  };
  const arrays = graph ? [rows.data, ids, graph.links, graph.nodeOfRow, graph.stragglers] : [rows.data, ids];
  await writeBlocks(path, Uint8Array.of(...NAME, VERSION), [
    new TextEncoder().encode(JSON.stringify(header)),
    ...arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  ]);
}

/** @throws UsageError if there is no such file, FormatError naming what is wrong with it */
export async function readIndexFile(path: string): Promise<IndexFile> {
  requireFile(path, 'index');
  const file = await open(path, 'r');
  try {
    const reader = new BlockReader(file, (await file.stat()).size, `index ${path}`);
    const magic = await reader.bytes(NAME.length + 1);
    if (NAME.some((byte, i) => magic[i] !== byte)) reader.fail('an index file', 'another kind of file');
    if (magic[NAME.length] !== VERSION) reader.fail(`version ${VERSION}`, `version ${magic[NAME.length]}`);
    const header = parseHeader(await reader.block('header'), `index ${path}`);
    return await readBlocks(reader, header);
  } finally {
    await file.close();
  }
}

async function readBlocks(reader: BlockReader, header: Header): Promise<IndexFile> {
  const { space, engine, count, m, efConstruction, ef, seed } = header;
  const columns = columnsOf(space);
  const block = async (name: string, bytes?: number): Promise<ArrayBuffer> => {
    const content = await reader.block(name);
    if (bytes !== undefined && content.byteLength !== bytes) {
      reader.fail(`${bytes} bytes in block "${name}"`, content.byteLength);
    }
    if (content.byteLength % 4 !== 0) reader.fail(`whole numbers in block "${name}"`, content.byteLength);
    return content.buffer as ArrayBuffer;
  };
  const rows = { data: new Float32Array(await block('vectors', count * columns * 4)), rows: count, columns };
  const ids = new BigInt64Array(await block('ids', count * 8));
  let graph: SavedGraph | undefined;
  if (engine === 'hnsw') {
    const links = new Uint32Array(await block('links'));
    const nodeOfRow = new Int32Array(await block('nodes', count * 4));
    const stragglers = new Int32Array(await block('stragglers'));
    graph = { links, nodeOfRow, stragglers, unreachable: header.unreachable ?? undefined };
  }
  reader.end();
  return { space, engine, settings: { m, efConstruction, ef, seed }, rows, ids, graph };
}

function parseHeader(bytes: Uint8Array, who: string): Header {
  try {
    const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Header;
    const { engine, count, m, efConstruction, ef, seed, unreachable } = header;
    if (engine !== 'exact' && engine !== 'hnsw') throw new TypeError(`unknown engine ${engine}`);
    if (JSON.stringify(header.blocks) !== JSON.stringify(BLOCKS[engine])) throw new TypeError('other blocks');
    requireInteger(count, 0, 'count', MAX_ROWS);
    requireInteger(m, 2, 'm', 512);
    requireInteger(efConstruction, 1, 'efConstruction', 1_000_000);
    requireInteger(ef, 1, 'ef', MAX_ROWS);
    requireInteger(seed, 0, 'seed', 2 ** 32 - 1);
    if (unreachable !== null) requireInteger(unreachable, 0, 'unreachable', count);
    return { ...header, space: parseSpace(header.space) };
  } catch (cause) {
    const remedy = `restore the file from a copy (${(cause as Error).message})`;
    throw new FormatError(expectation(who, 'a header of this program', 'something else', remedy), { cause });
  }
}
