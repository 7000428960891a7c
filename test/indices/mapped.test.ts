import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex, openIndex, type VectorIndex } from '../../indices/index.js';
import { FormatError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints } from '../native/randomPoints.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-mapped-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows of 4 kB: a block of memory holds 4096 of them, so that both whole ones and a part of one occur. */
const wide: Space = { kind: 'euclidean', dim: 1024 };
const product: Space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: { kind: 'cosine', dim: 3 }, weight: 1 },
    { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 2 },
  ],
};
const path = join(folder, 'index.gyro');
const rng = new Rng(3);
const points = randomPoints(product, 400, rng);
points.data.copyWithin(5, 0, 5);
const queries = randomPoints(product, 30, rng).data;

const bigs = (...numbers: number[]) => BigInt64Array.from(numbers, BigInt);
const mapped = (from = path) => openIndex(from, { map: true });

/** All that an index can be asked. */
async function answersOf(index: VectorIndex) {
  const found = await index.search(queries, 5, { ef: 20 });
  const ids = index.ids();
  return { ...found, stored: ids, vectors: index.get(ids), missed: await index.countUnreachable() };
}

beforeAll(async () => {
  if (available) await (await buildIndex({ space: product, vectors: points.data })).save(path);
});

describe.skipIf(!available)('a mapped index', () => {
  it('answers as one that was read, from the first search on', async () => {
    const index = await mapped();
    expect(index.size).toBe(400);
    expect(await answersOf(index)).toEqual(await answersOf(await openIndex(path)));
    expect(index.stats()).toMatchObject({ engine: 'hnsw', size: 400, unreachable: 0 });
    const filter = bigs(3, 5, 7);
    expect((await (await mapped()).search(queries, 4, { filter })).ids.filter((id) => id >= 0n)).toHaveLength(
      90,
    );
    expect((await mapped()).ids()).toEqual(index.ids());
    expect((await mapped()).get(bigs(399))).toEqual(points.data.slice(399 * 5));
    const exact = await (await mapped()).search(queries, 5, { exact: true });
    expect(exact).toEqual(await (await openIndex(path)).search(queries, 5, { exact: true }));
  });

  it('changes like one that was read, and leaves its file as it is', async () => {
    const before = readFileSync(path);
    const more = randomPoints(product, 60, new Rng(9)).data;
    const change = async (index: VectorIndex) => {
      await index.add(undefined, more);
      await index.remove(bigs(0, 1, 2, 3, 410));
      await index.update(bigs(9, 10), more.slice(0, 10));
      await index.repair();
      return answersOf(index);
    };
    const index = await mapped();
    expect(await change(index)).toEqual(await change(await openIndex(path)));
    expect(readFileSync(path).equals(before)).toBe(true);
    const saved = join(folder, 'saved.gyro');
    await index.save(saved);
    expect((await answersOf(await mapped(saved))).ids).toEqual((await answersOf(await openIndex(saved))).ids);
    await index.save(path);
    writeFileSync(path, before);
  });

  it('keeps what it had when its file is replaced', async () => {
    const own = join(folder, 'replaced.gyro');
    writeFileSync(own, readFileSync(path));
    const index = await mapped(own);
    const other = await buildIndex({ space: product, vectors: points.data.slice(0, 50) });
    await other.save(own);
    expect((await index.search(queries, 5)).ids).toEqual((await (await mapped()).search(queries, 5)).ids);
  });

  it('uses whole blocks of memory in place, and copies the part of one', async () => {
    const rows = randomPoints(wide, 4200, new Rng(4)).data;
    const built = await buildIndex({ space: wide, vectors: rows, m: 3, efConstruction: 4 });
    const large = join(folder, 'large.gyro');
    await built.save(large);
    const index = await mapped(large);
    const query = rows.slice(0, 3 * 1024);
    expect(await index.search(query, 3)).toEqual(await built.search(query, 3));
    expect(index.get(bigs(4095, 4096, 4199))).toEqual(built.get(bigs(4095, 4096, 4199)));
    expect(index.stats().bytes).toBeLessThan(built.stats().bytes / 10);
    await index.remove(bigs(17));
    await index.add(bigs(17), rows.slice(0, 1024));
    expect(index.size).toBe(4200);
  });

  it('goes with a journal', async () => {
    const own = join(folder, 'live.gyro');
    writeFileSync(own, readFileSync(path));
    const live = await openIndex(own, { map: true, journal: true });
    await live.add(bigs(900), points.data.slice(0, 5));
    await live.close();
    expect((await mapped(own)).size).toBe(401);
    const again = await openIndex(own, { map: true, journal: true });
    await again.checkpoint();
    await again.add(bigs(901), points.data.slice(0, 5));
    await again.close();
    expect((await mapped(own)).size).toBe(402);
  });

  it('says of each of 600 flipped bits what is damaged, when it is opened or first used', async () => {
    const whole = readFileSync(path);
    const flips = new Rng(8);
    const damaged = join(folder, 'damaged.gyro');
    let late = 0;
    for (let i = 0; i < 600; i++) {
      const flipped = Buffer.from(whole);
      const at = flips.below(whole.length);
      flipped[at] ^= 1 << flips.below(8);
      writeFileSync(damaged, flipped);
      const opened = await mapped(damaged).catch((error) => error);
      if (opened instanceof FormatError) continue;
      late++;
      // Zeros between blocks are nobody's: only opening without a mapping looks at them.
      const answer = await opened.search(queries, 5, { ef: 20 }).catch((error: unknown) => error);
      if (!(answer instanceof FormatError)) {
        expect(answer).toEqual(await (await mapped()).search(queries, 5, { ef: 20 }));
        await expect(openIndex(damaged)).rejects.toThrow('zeros between blocks');
      } else {
        expect(answer.message).toContain('is damaged');
        expect(() => opened.ids()).toThrow(FormatError);
        await expect(opened.add(undefined, queries)).rejects.toThrow(FormatError);
      }
      opened.close();
    }
    expect(late).toBeGreaterThan(300);
  });

  it('is only to be had for a graph', async () => {
    const exact = join(folder, 'exact.gyro');
    await (await buildIndex({ space: product, vectors: points.data, engine: 'exact' })).save(exact);
    await expect(mapped(exact)).rejects.toThrow(UsageError);
    await expect(openIndex(path, { map: true, engine: 'exact' })).rejects.toThrow(UsageError);
    const index = await mapped();
    index.close();
    await expect(index.search(queries, 1)).rejects.toThrow('closed');
    expect(() => index.size).toThrow('closed');
  });
});
