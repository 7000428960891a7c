import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrayBlock } from '../../indices/format/blocks.js';
import {
  type BlockName,
  type IndexHeader,
  openIndexFile,
  writeIndexFile,
} from '../../indices/format/indexFile.js';
import { buildIndex, openIndex } from '../../indices/index.js';
import { FormatError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints } from '../native/randomPoints.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-format-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const space: Space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: { kind: 'cosine', dim: 3 }, weight: 1 },
    { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 2 },
  ],
};
const path = join(folder, 'whole.gyro');
const points = randomPoints(space, 120, new Rng(1));
// Two equal rows, so that rows and nodes differ.
points.data.copyWithin(5, 0, 5);
let whole: Buffer;
let count = 0;

type Values = BigInt64Array | Float32Array | Float64Array | Int8Array | Uint32Array | Int32Array;
const ARRAYS = {
  ids: BigInt64Array,
  vectors: Float32Array,
  scalars: Float64Array,
  levels: Int8Array,
  lowest: Uint32Array,
  upper: Uint32Array,
  twins: Int32Array,
  stragglers: Int32Array,
} as const;
interface Parts {
  readonly header: IndexHeader;
  readonly blocks: Readonly<Record<BlockName, Values>>;
}

async function readParts(from: string): Promise<Parts> {
  const { header, reader } = await openIndexFile(from);
  const blocks: Partial<Record<BlockName, Values>> = {};
  for (const name of Object.keys(ARRAYS) as BlockName[]) {
    blocks[name] = new ARRAYS[name](await reader.block(name));
  }
  await reader.close();
  return { header, blocks: blocks as Parts['blocks'] };
}

function writeParts(to: string, { header, blocks }: Parts): Promise<unknown> {
  const names = Object.keys(ARRAYS) as BlockName[];
  return writeIndexFile(
    to,
    header,
    names.map((name) => arrayBlock(name, blocks[name])),
  );
}

function variant(bytes: Uint8Array): string {
  const file = join(folder, `${count++ % 4}.gyro`);
  writeFileSync(file, bytes);
  return file;
}

beforeAll(async () => {
  const engine = available ? 'hnsw' : 'exact';
  await (await buildIndex({ space, vectors: points.data, engine })).save(path);
  whole = readFileSync(path);
});

describe('openIndex', () => {
  it('refuses a file cut short anywhere', async () => {
    const cuts = [0, 1, 7, 8, 15, 16, whole.length - 1, whole.length - 32];
    for (let at = 20; at < whole.length; at += 97) cuts.push(at);
    for (const at of cuts)
      await expect(openIndex(variant(whole.subarray(0, at)))).rejects.toThrow(FormatError);
  });

  it('refuses a file with bytes added', async () => {
    for (const more of [1, 8, 4096]) {
      const longer = Buffer.concat([whole, Buffer.alloc(more)]);
      await expect(openIndex(variant(longer))).rejects.toThrow(/expected \d+ bytes/);
    }
  });

  it('refuses each of 2,000 random single-bit flips', async () => {
    const rng = new Rng(2);
    for (let i = 0; i < 2000; i++) {
      const flipped = Buffer.from(whole);
      flipped[rng.below(whole.length)] ^= 1 << rng.below(8);
      await expect(openIndex(variant(flipped))).rejects.toThrow(FormatError);
    }
  });

  it('refuses foreign files, other versions and folders, and says that a missing file is missing', async () => {
    await expect(openIndex(variant(new Rng(3).permutation(500) as unknown as Uint8Array))).rejects.toThrow(
      'expected an index file',
    );
    const later = Buffer.from(whole);
    later[7] = 4;
    await expect(openIndex(variant(later))).rejects.toThrow('expected version 2 to 3, got "version 4"');
    await expect(openIndex(folder)).rejects.toThrow(UsageError);
    await expect(openIndex(join(folder, 'none.gyro'))).rejects.toThrow(UsageError);
  });

  it.skipIf(!available)(
    'refuses blocks that agree with their checksums but not with each other',
    async () => {
      const file = await readParts(path);
      const { ids, vectors } = file.blocks;
      const damaged: Record<string, Partial<Parts>> = {
        'a point outside the ball': {
          blocks: { ...file.blocks, vectors: (vectors as Float32Array).map((v) => v * 100) },
        },
        'an id twice': {
          blocks: { ...file.blocks, ids: (ids as BigInt64Array).map((id) => (id === 3n ? 4n : id)) },
        },
        'a negative id': {
          blocks: { ...file.blocks, ids: (ids as BigInt64Array).map((id) => (id === 3n ? -4n : id)) },
        },
        'another space': { header: { ...file.header, space: { kind: 'euclidean', dim: 7 } } },
        'an impossible m': { header: { ...file.header, settings: { ...file.header.settings, m: 1 } } },
      };
      for (const [name, change] of Object.entries(damaged)) {
        await writeParts(join(folder, 'made.gyro'), { ...file, ...change });
        await expect(openIndex(join(folder, 'made.gyro')), name).rejects.toThrow(FormatError);
      }
    },
  );

  it.skipIf(!available)('refuses links made to do harm, or searches them without a crash', async () => {
    const file = await readParts(path);
    const rng = new Rng(4);
    let refused = 0;
    const made = join(folder, 'harm.gyro');
    const values = [0, 1, 2, 33, 119, 120, 2 ** 31, 2 ** 32 - 1];
    const names = ['levels', 'lowest', 'upper', 'twins', 'stragglers'] as const;
    for (let i = 0; i < 500; i++) {
      const name = names[i % names.length];
      const value = values[rng.below(values.length)];
      const block = name === 'stragglers' ? Int32Array.of(value | 0) : file.blocks[name].slice();
      if (name !== 'stragglers') (block as Int32Array)[rng.below(block.length)] = value;
      const entry = i % 25 === 0 ? rng.below(122) - 1 : file.header.entry;
      await writeParts(made, {
        header: { ...file.header, entry },
        blocks: { ...file.blocks, [name]: block },
      });
      try {
        const index = await openIndex(made);
        const { ids } = await index.search(points.data.subarray(0, 50), 120, { ef: 1 });
        expect([...ids].every((id) => id >= 0n)).toBe(true);
        await index.search(points.data.subarray(0, 50), 1, { ef: 1 });
        await index.add(undefined, points.data.subarray(0, 5));
        expect(await index.countUnreachable()).toBeLessThanOrEqual(121);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(150);
  });
});

describe('save', () => {
  it('leaves the old file and nothing else where it cannot write', async () => {
    const index = await buildIndex({ space, vectors: points.data, engine: 'exact' });
    const inside = join(path, 'below-a-file.gyro');
    await expect(index.save(inside)).rejects.toThrow();
    await expect(index.save(folder)).rejects.toThrow();
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('replaces a file in one step', async () => {
    const index = await buildIndex({ space, vectors: points.data.subarray(0, 50), engine: 'exact' });
    const target = join(folder, 'replaced.gyro');
    writeFileSync(target, 'old');
    await index.save(target);
    expect((await openIndex(target)).size).toBe(10);
  });
});
