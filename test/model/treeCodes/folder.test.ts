import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../../src/core/errors.js';
import { parseNpz } from '../../../src/core/npz.js';
import { parseSafetensors } from '../../../src/core/safetensors.js';
import { parseSpace } from '../../../src/core/space.js';
import { treeOf } from '../../../src/data/tree.js';
import { requirePoints } from '../../../src/geometry/points.js';
import { parseTreeConfig } from '../../../src/model/treeCodes/config.js';
import { isTreeFolder, readTreeFolder, writeTreeFolder } from '../../../src/model/treeCodes/folder.js';
import { type TrainedTree, trainTree } from '../../../src/model/treeCodes/trainTree.js';

const parent = mkdtempSync(join(tmpdir(), 'gyrometric-tree-'));
const folder = join(parent, 'codes');
const tree = treeOf(['life', 'plant', 'old oak', 'cat'], Int32Array.of(-1, 0, 1, 0));
const rest = { metrics: { seed: 1 }, report: '<!doctype html>' };
let trained: TrainedTree;

beforeAll(async () => {
  const config = parseTreeConfig({ schemaVersion: 1, kind: 'tree', training: { steps: 20 } });
  trained = await trainTree(tree, config);
  writeTreeFolder(folder, tree, trained, rest);
});
afterAll(() => rmSync(parent, { recursive: true }));

const damaged = (name: string, change: (bytes: Uint8Array) => Uint8Array) => {
  const other = join(parent, `damaged-${name}`);
  writeTreeFolder(other, tree, trained, rest);
  writeFileSync(join(other, name), change(readFileSync(join(other, name))));
  return other;
};

describe('a folder with codes of a tree', () => {
  it('gives back tree, space and points', () => {
    const stored = readTreeFolder(folder);
    expect(stored.tree).toEqual(tree);
    expect(stored.space).toEqual(trained.codes.space);
    expect(stored.vectors).toEqual(trained.codes.vectors);
  });

  it('has vectors in the order of the factors, points of its space, and row numbers as ids', () => {
    const space = parseSpace(JSON.parse(readFileSync(join(folder, 'space.json'), 'utf8')));
    const { ids, poincare, star, vectors } = parseNpz(readFileSync(join(folder, 'embeddings.npz')), 'e.npz');
    expect(ids.data).toEqual(BigInt64Array.of(0n, 1n, 2n, 3n));
    expect([poincare.shape, star.shape, vectors.shape]).toEqual([
      [4, 2],
      [4, 1],
      [4, 3],
    ]);
    const data = vectors.data as Float32Array;
    expect(data[3 * 2 + 1]).toBe((poincare.data as Float32Array)[2 * 2 + 1]);
    expect(data[3 * 2 + 2]).toBe((star.data as Float32Array)[2]);
    requirePoints(space, { data, rows: 4, columns: 3 }, 'vectors');
  });

  it('names its nodes in a table of tabs', () => {
    expect(readFileSync(join(folder, 'nodes.tsv'), 'utf8')).toBe(
      'id\tname\tparent\n0\tlife\t-1\n1\tplant\t0\n2\told oak\t1\n3\tcat\t0\n',
    );
  });

  it('keeps the tangent vectors that were trained', () => {
    const { tensors } = parseSafetensors(readFileSync(join(folder, 'weights.safetensors')), 'w');
    expect(tensors.map(({ name, shape }) => [name, ...shape])).toEqual(
      expect.arrayContaining([
        ['codes', 4, 2],
        ['offsets', 4],
        ['logScale', 1],
      ]),
    );
  });

  it('is replaced by another one, but not a folder with other files', () => {
    expect(isTreeFolder(folder)).toBe(true);
    writeTreeFolder(folder, tree, trained, rest);
    const foreign = join(parent, 'foreign');
    writeTreeFolder(foreign, tree, trained, rest);
    writeFileSync(join(foreign, 'thesis.txt'), 'all of it');
    expect(isTreeFolder(foreign)).toBe(false);
    expect(() => writeTreeFolder(foreign, tree, trained, rest)).toThrow(UsageError);
  });

  it.each(['space.json', 'nodes.tsv', 'embeddings.npz'])(
    'is refused with a damaged %s, by its name',
    (name) => {
      const other = damaged(name, (bytes) => {
        const changed = Uint8Array.from(bytes);
        changed[changed.length >> 1] ^= 1;
        return changed;
      });
      expect(() => readTreeFolder(other)).toThrow(FormatError);
      expect(() => readTreeFolder(other)).toThrow(name);
    },
  );

  it('is refused where it is missing, foreign or of a later version', () => {
    expect(() => readTreeFolder(join(parent, 'nowhere'))).toThrow(UsageError);
    expect(() => readTreeFolder(parent)).toThrow('a folder with manifest.json');
    const manifest = (change: object) =>
      damaged('manifest.json', (bytes) =>
        new TextEncoder().encode(
          JSON.stringify({ ...JSON.parse(new TextDecoder().decode(bytes)), ...change }),
        ),
      );
    expect(() => readTreeFolder(manifest({ format: 'gyrometric-model' }))).toThrow('format');
    rmSync(join(parent, 'damaged-manifest.json'), { recursive: true });
    expect(() => readTreeFolder(manifest({ schemaVersion: 2 }))).toThrow('schemaVersion 1, got 2');
  });
});
