import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, FormatError, UsageError } from '../../core/errors.js';
import {
  isTemporaryFile,
  readFileBytes,
  readJson,
  recoverFolder,
  sha256,
  writeFolderAtomic,
} from '../../core/files.js';
import { type Matrix32, matrix } from '../../core/matrix.js';
import { formatNpz, parseNpz } from '../../core/npz.js';
import { packageVersion } from '../../core/packageRoot.js';
import { formatSafetensors } from '../../core/safetensors.js';
import { columnsOf, parseSpace, type Space } from '../../core/space.js';
import { type Tree, treeOf } from '../../data/tree.js';
import { embeddingArrays } from '../embeddingFile.js';
import type { TrainedTree } from './trainTree.js';

const FORMAT = 'gyrometric-tree';
const SCHEMA_VERSION = 1;
const MANIFEST = 'manifest.json';
const HEADER = 'id\tname\tparent';
const FILES = [
  ...['config.json', 'space.json', 'metrics.json', 'weights.safetensors'],
  ...['embeddings.npz', 'nodes.tsv', 'report.html'],
];

/** True for a folder with codes of a tree, of any version, whole or damaged, and nothing else. */
export function isTreeFolder(folder: string): boolean {
  const known = new Set([...FILES, MANIFEST]);
  if (readdirSync(folder).some((name) => !known.has(name) && !isTemporaryFile(name))) return false;
  try {
    return (readJson(join(folder, MANIFEST), 'manifest') as { format?: unknown } | null)?.format === FORMAT;
  } catch {
    return false;
  }
}

/**
 * Writes codes of a tree, whole or not at all: config, space and metrics as JSON, weights.safetensors (codes as they were
 * trained), embeddings.npz (points of the space, ids are row numbers), nodes.tsv (id, name, row of the parent, -1 for the
 * root), report.html, and manifest.json with a checksum of each.
 * @throws UsageError when `folder` holds other files
 */
export function writeTreeFolder(
  folder: string,
  tree: Tree,
  { config, parameters, codes }: TrainedTree,
  { metrics, report }: { readonly metrics: unknown; readonly report: string },
): void {
  const { nodes, columns } = parameters;
  const float32 = (values: Float64Array) => Float32Array.from(values);
  const weights = [
    { name: 'codes', shape: [nodes, columns], data: float32(parameters.codes) },
    { name: 'offsets', shape: [nodes], data: float32(parameters.offsets) },
    { name: 'logScale', shape: [1], data: Float32Array.of(parameters.logScale) },
  ];
  const files: Record<string, Uint8Array> = {
    'config.json': asJson(config),
    'space.json': asJson(codes.space),
    'metrics.json': asJson(metrics),
    'weights.safetensors': formatSafetensors(weights, { format: FORMAT }),
    'embeddings.npz': formatNpz(embeddingArrays({ code: codes.vectors, ...codes })),
    'nodes.tsv': utf8(formatNodes(tree)),
    'report.html': utf8(report),
  };
  const manifest = {
    format: FORMAT,
    schemaVersion: SCHEMA_VERSION,
    gyrometric: packageVersion,
    nodes,
    files: Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256(bytes) }]),
    ),
  };
  writeFolderAtomic(folder, { ...files, [MANIFEST]: asJson(manifest) }, isTreeFolder);
}

/** Codes of a tree as `gyrometric train --tree` left them. */
export interface StoredTree {
  readonly tree: Tree;
  readonly space: Space;
  /** [n, columnsOf(space)], row by row with the tree. */
  readonly vectors: Matrix32;
}

/**
 * @throws UsageError when there is no such folder, FormatError when it holds no codes of a tree, those of a later version,
 *   or damaged ones (names the file)
 */
export function readTreeFolder(folder: string): StoredTree {
  recoverFolder(folder);
  if (!existsSync(folder)) {
    throw new UsageError(
      expectation('tree', 'a folder', folder, 'check the path, or run gyrometric train --tree'),
    );
  }
  const manifest = requireManifest(folder);
  const content = (name: string): Uint8Array => {
    const path = join(folder, name);
    const bytes = existsSync(path) ? readFileBytes(path, 'tree') : undefined;
    if (bytes && sha256(bytes) === manifest.files?.[name]?.sha256) return bytes;
    const got = bytes ? 'another' : 'no such file';
    return refuse(path, 'the content that manifest.json sums up', got, 'restore the folder from a copy');
  };
  const space = parseSpace(
    JSON.parse(new TextDecoder().decode(content('space.json'))),
    join(folder, 'space.json'),
  );
  const tree = parseNodes(new TextDecoder().decode(content('nodes.tsv')), join(folder, 'nodes.tsv'));
  const file = join(folder, 'embeddings.npz');
  const { vectors } = parseNpz(content('embeddings.npz'), file);
  const [rows, columns] = vectors?.shape ?? [];
  if (!(vectors?.data instanceof Float32Array && rows === tree.names.length && columns === columnsOf(space)))
    return refuse(file, `vectors float32 [${tree.names.length}, ${columnsOf(space)}]`, vectors?.shape, REDO);
  return { tree, space, vectors: matrix(vectors.data, rows, columns) };
}

const REDO = 'name a folder that gyrometric train --tree wrote';

interface Manifest {
  readonly format?: unknown;
  readonly schemaVersion?: unknown;
  readonly files?: Readonly<Record<string, { readonly sha256?: string }>>;
}

function requireManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return refuse(folder, 'a folder with manifest.json', 'none', REDO);
  const manifest = readJson(path, 'tree') as Manifest | null;
  if (manifest?.format !== FORMAT) return refuse(path, `format "${FORMAT}"`, manifest?.format, REDO);
  if (manifest.schemaVersion === SCHEMA_VERSION) return manifest;
  const remedy = 'open it with the gyrometric that wrote it';
  return refuse(path, `schemaVersion ${SCHEMA_VERSION}`, manifest.schemaVersion, remedy);
}

function formatNodes({ names, parents }: Tree): string {
  return `${HEADER}\n${names.map((name, i) => `${i}\t${name}\t${parents[i]}\n`).join('')}`;
}

function parseNodes(text: string, who: string): Tree {
  const [header, ...lines] = text.split('\n');
  if (header !== HEADER) return refuse(who, `the header ${HEADER}`, header, REDO);
  const cells = lines.filter((line) => line !== '').map((line) => line.split('\t'));
  return treeOf(
    cells.map(([, name]) => name),
    Int32Array.from(cells, ([, , parent]) => Number(parent)),
  );
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const asJson = (value: unknown): Uint8Array => utf8(`${JSON.stringify(value, null, 2)}\n`);

function refuse(who: string, expected: string, got: unknown, remedy: string): never {
  throw new FormatError(expectation(who, expected, got, remedy));
}
