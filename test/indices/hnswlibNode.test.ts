import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tree16 } from '../../experiments/bench/index/sets.js';
import { buildIndex, openIndex, readHnswlibFile } from '../../indices/index.js';
import { DomainError, FormatError, MissingError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { randomPoints } from '../native/randomPoints.js';
import { recall } from './engines.js';
import { compiledHnswlibNode, type WholeGraph } from './hnswlibNode.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-hnswlib-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hnswlib = await compiledHnswlibNode();
const engine = 'hnswlib-node' as const;
const plane: Space = { kind: 'euclidean', dim: 2 };
const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);

describe.skipIf(!hnswlib)('the hnswlib-node index', () => {
  const build = (space: Space, vectors: Float32Array, own?: BigInt64Array) =>
    buildIndex({ space, vectors, ids: own, engine, hnswlib });

  it.each<[string, Space, number]>([
    ['euclidean', { kind: 'euclidean', dim: 8 }, 0.99],
    ['cosine', { kind: 'cosine', dim: 8 }, 0.99],
    // hnswlib links rows by -x·y, by which all are nearest to the longest: what it loses so, no ef brings back.
    ['innerProduct', { kind: 'innerProduct', dim: 8 }, 0.95],
    ['sphere', { kind: 'sphere', dim: 5, curvature: 2 }, 0.99],
    ['poincare', { kind: 'poincare', dim: 6, curvature: -2 }, 0.99],
    ['lorentz', { kind: 'lorentz', dim: 6, curvature: -0.7 }, 0.99],
    ['stereographic', { kind: 'stereographic', dim: 4, curvature: -1.5 }, 0.99],
  ])('finds the neighbours of %s with their float64 distances', async (_, space, least) => {
    const { data } = randomPoints(space, 1100, new Rng(1));
    const columns = columnsOf(space);
    const [vectors, queries] = [data.subarray(0, 1000 * columns), data.subarray(1000 * columns)];
    const index = await build(space, vectors);
    const exact = await buildIndex({ space, vectors, engine: 'exact' });
    const [found, expected] = await Promise.all([index.search(queries, 10), exact.search(queries, 10)]);
    expect(recall(found.ids, expected.ids, 10)).toBeGreaterThanOrEqual(least);
    expect(await index.search(queries, 10, { exact: true })).toEqual(expected);
    expect(index.stats()).toMatchObject({ engine, size: 1000 });
  });

  it('finds 995 of 1000 neighbours of a tree where its own L2 graph finds less than 800', async () => {
    const { space, vectors, queries } = tree16(10_000, 1);
    const exact = await buildIndex({ space, vectors, engine: 'exact' });
    const truth = (await exact.search(queries, 10)).ids;
    const flat = await build({ kind: 'euclidean', dim: 16 }, vectors);
    expect(recall((await flat.search(queries, 10, { ef: 100 })).ids, truth, 10)).toBeLessThan(0.8);
    const index = await build(space, vectors);
    const { ids: found } = await index.search(queries, 10);
    expect(recall(found, truth, 10)).toBeGreaterThanOrEqual(0.995);
  });

  it('changes, filters, saves and compacts as other engines do', async () => {
    const space: Space = { kind: 'poincare', dim: 3, curvature: -1 };
    const { data } = randomPoints(space, 400, new Rng(2));
    const index = await build(space, data.subarray(0, 900));
    const exact = await buildIndex({ space, vectors: data.subarray(0, 900), engine: 'exact' });
    for (const one of [index, exact]) {
      await one.remove(BigInt64Array.from({ length: 150 }, (_, i) => BigInt(2 * i)));
      await one.add(ids(0, 2, 4), data.subarray(900, 909));
      await one.update(ids(1, 3), data.subarray(909, 915));
    }
    const queries = data.subarray(999);
    const filter = exact.ids().subarray(0, 60);
    const path = join(folder, 'changed.gyro');
    await index.save(path);
    const opened = await openIndex(path, { engine, hnswlib });
    for (const one of [index, opened]) {
      expect(one.size).toBe(153);
      expect(await one.search(queries, 7)).toEqual(await exact.search(queries, 7));
      expect(await one.search(queries, 7, { filter })).toEqual(await exact.search(queries, 7, { filter }));
      expect(await one.searchRadius(queries, 1)).toEqual(await exact.searchRadius(queries, 1));
      expect(one.get(ids(1, 4))).toEqual(exact.get(ids(1, 4)));
      expect(await one.countUnreachable()).toBe(0);
      await one.compact();
    }
    expect(await index.search(queries, 200)).toEqual(await exact.search(queries, 200));
    await index.remove(index.ids());
    expect((await index.search(queries.subarray(0, 3), 1)).ids).toEqual(ids(-1));
  });

  it('refuses products, bad points, unknown ids and bands without width', async () => {
    const star: Space = { kind: 'star', dim: 1 };
    const product: Space = { kind: 'product', combine: 'sum', factors: [{ space: star, weight: 1 }] };
    await expect(build(product, Float32Array.of(1))).rejects.toThrow(UsageError);
    await expect(build(star, Float32Array.of(1))).rejects.toThrow('use the engine "hnsw"');
    await expect(build(plane, Float32Array.of(Number.NaN, 1))).rejects.toThrow(DomainError);
    const index = await build(plane, Float32Array.of(1, 2));
    await expect(index.remove(ids(3))).rejects.toThrow('got 3n');
    await expect(index.add(ids(0), Float32Array.of(1, 2))).rejects.toThrow('got 0n');
    await expect(index.search(Float32Array.of(Number.NaN, 1), 1)).rejects.toThrow(DomainError);
    const bands = {
      space: { kind: 'poincare', dim: 2, curvature: -1 },
      vectors: Float32Array.of(0, 0),
    } as const;
    for (const bandWidth of [0, -1, Number.NaN]) {
      await expect(buildIndex({ ...bands, engine, hnswlib, bandWidth })).rejects.toThrow('bandWidth');
    }
  });

  it('says what is missing where the package was not compiled', async () => {
    const building = buildIndex({ space: plane, vectors: Float32Array.of(1, 2), engine });
    // A machine on which install scripts ran has it.
    const outcome = await building.then(
      () => undefined,
      (error: Error) => error,
    );
    if (outcome) {
      expect(outcome).toBeInstanceOf(MissingError);
      expect(outcome.message).toMatch(/^engine "hnswlib-node": .*npm install hnswlib-node@3\.0\.0/);
    }
  });
});

describe.skipIf(!hnswlib)('a file of hnswlib', () => {
  const path = join(folder, 'peer.bin');
  const rng = new Rng(3);
  const data = Float32Array.from({ length: 200 * 5 }, () => rng.normal());
  const write = () => {
    const graph = new hnswlib!.HierarchicalNSW('l2', 5) as unknown as WholeGraph;
    graph.initIndex({ maxElements: 300, m: 6, efConstruction: 50, randomSeed: 1 });
    for (let i = 0; i < 200; i++) graph.addPoint([...data.subarray(5 * i, 5 * i + 5)], 7 * i);
    graph.markDelete(7);
    graph.writeIndexSync(path);
    return readFileSync(path);
  };

  it('gives its points to any engine, without those marked as deleted', async () => {
    write();
    const file = readHnswlibFile(path);
    expect(file).toMatchObject({ columns: 5, m: 6, efConstruction: 50 });
    expect(file.ids).toEqual(
      BigInt64Array.from({ length: 200 }, (_, i) => BigInt(7 * i)).filter((id) => id !== 7n),
    );
    expect(file.vectors.subarray(0, 5)).toEqual(data.subarray(0, 5));
    expect(file.vectors.subarray(5)).toEqual(data.subarray(10));
    const index = await buildIndex({ space: { kind: 'euclidean', dim: 5 }, ...file, engine: 'exact' });
    expect((await index.search(data.subarray(20, 25), 1)).ids).toEqual(ids(28));
  });

  it('is refused when it is cut, longer than it says or another kind of file', () => {
    const whole = write();
    const refused = (bytes: Uint8Array) => {
      writeFileSync(path, bytes);
      expect(() => readHnswlibFile(path)).toThrow(FormatError);
    };
    for (const length of [0, 50, 96, 500, whole.length - 1]) refused(whole.subarray(0, length));
    refused(Buffer.concat([whole, Buffer.alloc(4)]));
    for (const at of [0, 8, 16, 24, 32, 40, 56, 64]) {
      const harmful = Buffer.from(whole);
      harmful[at + 1] ^= 0x55;
      harmful[at + 7] ^= 0x40;
      refused(harmful);
    }
    expect(() => readHnswlibFile(join(folder, 'absent.bin'))).toThrow(/absent/);
  });
});
