import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IndexFile, readIndexFile, writeIndexFile } from '../../indices/format/indexFile.js';
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
      await expect(openIndex(variant(longer))).rejects.toThrow('expected the end of the file');
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
    later[7] = 2;
    await expect(openIndex(variant(later))).rejects.toThrow('expected version 1, got "version 2"');
    await expect(openIndex(folder)).rejects.toThrow(UsageError);
    await expect(openIndex(join(folder, 'none.gyro'))).rejects.toThrow(UsageError);
  });

  it('refuses blocks that agree with their checksums but not with each other', async () => {
    const file = await readIndexFile(path);
    const damaged: Record<string, Partial<IndexFile>> = {
      'a point outside the ball': { rows: { ...file.rows, data: file.rows.data.map((v) => v * 100) } },
      'an id twice': { ids: file.ids.map((id) => (id === 3n ? 4n : id)) },
      'a negative id': { ids: file.ids.map((id) => (id === 3n ? -4n : id)) },
      'another space': { space: { kind: 'euclidean', dim: 7 } },
      'an impossible m': { settings: { ...file.settings, m: 1 } },
    };
    for (const [name, change] of Object.entries(damaged)) {
      await writeIndexFile(join(folder, 'made.gyro'), { ...file, ...change });
      await expect(openIndex(join(folder, 'made.gyro')), name).rejects.toThrow(FormatError);
    }
  });

  it.skipIf(!available)('refuses links made to do harm, or searches them without a crash', async () => {
    const file = await readIndexFile(path);
    const graph = file.graph!;
    const rng = new Rng(4);
    let refused = 0;
    const made = join(folder, 'harm.gyro');
    const values = [0, 1, 2, 33, 119, 120, 2 ** 31, 2 ** 32 - 1];
    for (let i = 0; i < 500; i++) {
      const links = graph.links.slice();
      const nodeOfRow = graph.nodeOfRow.slice();
      const stragglers = Int32Array.of(0);
      const value = values[rng.below(values.length)];
      if (i % 10 === 8) nodeOfRow[rng.below(120)] = value;
      else if (i % 10 === 9) stragglers[0] = value;
      else links[i < 60 ? i : rng.below(links.length)] = value;
      const shorter = i % 25 === 0 ? links.subarray(0, rng.below(links.length)) : links;
      await writeIndexFile(made, { ...file, graph: { ...graph, links: shorter, nodeOfRow, stragglers } });
      try {
        const index = await openIndex(made);
        const { ids } = await index.search(points.data.subarray(0, 50), 120);
        expect([...ids].every((id) => id >= 0n)).toBe(true);
        await index.add(undefined, points.data.subarray(0, 5));
        expect(await index.countUnreachable()).toBeLessThanOrEqual(121);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(250);
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
