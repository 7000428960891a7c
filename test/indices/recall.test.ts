import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex, estimateRecall, openIndex, tuneEf, type VectorIndex } from '../../indices/index.js';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints } from '../native/randomPoints.js';
import { ENGINES } from './engines.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-recall-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ball: Space = { kind: 'poincare', dim: 8, curvature: -1 };
const N = 1500;
const vectors = randomPoints(ball, N, new Rng(21), 60).data;

/** Recall@k of every stored point among the others, counted by ids: right where no two distances are equal. */
async function recallOfAll(
  index: VectorIndex,
  points: Float32Array,
  k: number,
  ef: number,
): Promise<number[]> {
  const found = await index.search(points, k + 1, { ef });
  const truth = await index.search(points, k + 1, { exact: true });
  const own = index.ids();
  const rowOf = (ids: BigInt64Array, i: number) =>
    [...ids.subarray(i * (k + 1), (i + 1) * (k + 1))].filter((id) => id !== own[i]).slice(0, k);
  return Array.from(own, (_, i) => {
    const wanted = new Set(rowOf(truth.ids, i));
    return rowOf(found.ids, i).filter((id) => wanted.has(id)).length / k;
  });
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.skipIf(!available)('the recall of a sparse graph', () => {
  let index: VectorIndex;
  beforeAll(async () => {
    index = await buildIndex({ space: ball, vectors, engine: 'hnsw', m: 2, efConstruction: 10, ef: 12 });
  });
  afterAll(() => index.close());

  it('is that of all stored points when all are drawn', async () => {
    const estimate = await estimateRecall(index, { sample: 10 * N });
    const all = mean(await recallOfAll(index, vectors, 10, 12));
    expect(estimate).toMatchObject({ k: 10, ef: 12, queries: N });
    expect(estimate.recall).toBeCloseTo(all, 12);
    expect(all).toBeGreaterThan(0.3);
    expect(all).toBeLessThan(0.95);
  });

  it('lies in the interval of at least 95 % of samples of it', async () => {
    const all = mean(await recallOfAll(index, vectors, 10, 12));
    let held = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { low, high, recall, queries } = await estimateRecall(index, { sample: 50, seed });
      expect(queries).toBe(50);
      expect(low).toBeLessThan(recall);
      expect(recall).toBeLessThan(high);
      if (low <= all && all <= high) held++;
    }
    expect(held).toBeGreaterThanOrEqual(57);
  });

  it('is estimated by the seed alone: the same on any number of threads, another for another seed', async () => {
    const one = await estimateRecall(index, { sample: 80, seed: 5, threads: 1 });
    expect(await estimateRecall(index, { sample: 80, seed: 5, threads: 3 })).toEqual(one);
    const others = await Promise.all([6, 7, 8].map((seed) => estimateRecall(index, { sample: 80, seed })));
    expect(new Set([one, ...others].map(({ recall }) => recall)).size).toBeGreaterThan(1);
  });

  it('rises with ef, is asked for at any ef and k, and is kept for stats', async () => {
    const low = await estimateRecall(index, { ef: 11 });
    const high = await estimateRecall(index, { ef: 200, k: 3 });
    expect(high.recall).toBeGreaterThan(low.recall);
    expect(high).toMatchObject({ ef: 200, k: 3, queries: 400 });
    expect(index.stats().recall).toEqual(high);
  });

  it('takes the queries of the caller, all of them, and compares them with every point', async () => {
    const queries = randomPoints(ball, 130, new Rng(22), 60).data;
    const estimate = await estimateRecall(index, { queries, sample: 5, k: 7, ef: 9 });
    const found = await index.search(queries, 7, { ef: 9 });
    const truth = await index.search(queries, 7, { exact: true });
    const shares = Array.from({ length: 130 }, (_, i) => {
      const wanted = new Set(truth.ids.subarray(i * 7, i * 7 + 7));
      return [...found.ids.subarray(i * 7, i * 7 + 7)].filter((id) => wanted.has(id)).length / 7;
    });
    expect(estimate.queries).toBe(130);
    expect(estimate.recall).toBeCloseTo(mean(shares), 12);
  });

  it('stops for a signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(estimateRecall(index, { signal })).rejects.toThrow('enough');
    await expect(tuneEf(index, { recall: 0.9, signal })).rejects.toThrow('enough');
  });
});

describe.skipIf(!available)('tuneEf', () => {
  const build = () => buildIndex({ space: ball, vectors, engine: 'hnsw', m: 5, efConstruction: 10, ef: 11 });
  /** Half-way between the recall of the narrowest search and that of the widest. */
  let wanted = 0;
  beforeAll(async () => {
    const index = await build();
    const [narrow, wide] = [
      await recallOfAll(index, vectors, 10, 11),
      await recallOfAll(index, vectors, 10, N),
    ];
    expect(mean(wide) - mean(narrow)).toBeGreaterThan(0.05);
    wanted = (mean(narrow) + mean(wide)) / 2;
  });

  it('raises ef to what a recall takes, reports it on other queries, and the file keeps it', async () => {
    const index = await build();
    const tuned = await tuneEf(index, { recall: wanted });
    expect(tuned).toMatchObject({ k: 10, queries: 400, reached: true });
    expect(tuned.ef).toBeGreaterThan(11);
    expect(tuned.low).toBeLessThan(tuned.recall);
    expect(tuned.assured).toBe(tuned.low >= wanted);
    const { reached: _, assured: __, ...estimate } = tuned;
    expect(index.stats()).toMatchObject({ ef: tuned.ef, recall: estimate });
    // Recalls of single queries differ by 0.2 or so (standard deviation): four standard errors of 400.
    const margin = 4 * (0.2 / 20);
    expect(Math.abs(mean(await recallOfAll(index, vectors, 10, tuned.ef)) - wanted)).toBeLessThan(margin);
    const path = join(folder, 'tuned.gyro');
    await index.save(path);
    expect((await openIndex(path)).stats().ef).toBe(tuned.ef);
  });

  it('gives the smallest such ef: one less does not reach it', async () => {
    const index = await build();
    const { ef } = await tuneEf(index, { recall: wanted, seed: 3 });
    const short = await tuneEf(index, { recall: wanted, seed: 3, maxEf: ef - 1 });
    expect(short.reached).toBe(false);
    expect(short.ef).toBeLessThan(ef);
    expect(index.stats().ef).toBe(short.ef);
    expect((await tuneEf(index, { recall: wanted, seed: 3, maxEf: ef })).ef).toBe(ef);
  });

  it('says so where a recall cannot be reached, and takes the ef that comes nearest', async () => {
    const index = await build();
    const tuned = await tuneEf(index, { recall: 1, maxEf: 40 });
    expect(tuned).toMatchObject({ reached: false, assured: false });
    expect(tuned.recall).toBeLessThan(1);
    expect([22, 40]).toContain(tuned.ef);
    expect(index.stats().ef).toBe(tuned.ef);
  });

  it('needs no more than k where little is asked, and says when the lower end reaches it too', async () => {
    const index = await build();
    expect(await tuneEf(index, { recall: 0.2 })).toMatchObject({ ef: 11, reached: true, assured: true });
    const queries = vectors.subarray(0, 8 * 60);
    const easy = await tuneEf(index, { recall: 0.2, k: 3, queries });
    expect(easy).toMatchObject({ ef: 3, k: 3, queries: 30, reached: true });
  });

  it('reaches 1 where ef may be the number of points', async () => {
    const index = await buildIndex({ space: ball, vectors: vectors.subarray(0, 8 * 300), engine: 'hnsw' });
    const tuned = await tuneEf(index, { recall: 1 });
    expect(tuned).toMatchObject({ high: 1, reached: true, assured: false, queries: 150 });
    expect(tuned.recall).toBeGreaterThan(0.99);
    expect(tuned.ef).toBeLessThan(300);
  });

  it('refuses what is no recall, and too few queries', async () => {
    const index = await build();
    for (const recall of [0, -1, 1.01, Number.NaN]) {
      await expect(tuneEf(index, { recall })).rejects.toThrow(DomainError);
    }
    for (const bad of [
      { maxEf: 0 },
      { maxEf: 1.5 },
      { sample: 1 },
      { k: 0 },
      { seed: -1 },
      { queries: vectors.subarray(0, 8) },
    ]) {
      const refused = tuneEf(index, { recall: 0.9, ...bad });
      await expect(refused, JSON.stringify(bad)).rejects.toThrow(UsageError);
    }
    expect(index.stats().ef).toBe(11);
  });
});

describe.skipIf(!available)('equal distances', () => {
  it('count as found, whichever of the points comes', async () => {
    // Whole numbers at distance 32045 from the origin, a number with many ways to be a hypotenuse.
    const ring: [number, number][] = [];
    for (let x = -32045; x <= 32045; x++) {
      const y = Math.sqrt(32045 ** 2 - x * x);
      if (Number.isInteger(y)) ring.push([x, y], ...(y > 0 ? [[x, -y] as [number, number]] : []));
    }
    expect(ring).toHaveLength(324);
    const shuffled = Float32Array.from(new Rng(6).shuffle(ring).flat());
    const space: Space = { kind: 'euclidean', dim: 2 };
    const index = await buildIndex({ space, vectors: shuffled, engine: 'hnsw', m: 2, efConstruction: 4 });
    const queries = new Float32Array(2);
    const found = await index.search(queries, 3, { ef: 3 });
    const truth = await index.search(queries, 3, { exact: true });
    expect(found.ids).not.toEqual(truth.ids);
    expect((await estimateRecall(index, { queries, k: 3, ef: 3 })).recall).toBe(1);
  });

  it('among copies of a point leave the point itself out, not a copy', async () => {
    const copies = new Float32Array(8 * 200);
    for (let i = 0; i < 200; i++) copies.set(vectors.subarray(8 * (i % 10), 8 * (i % 10) + 8), 8 * i);
    const index = await buildIndex({ space: ball, vectors: copies, engine: 'hnsw' });
    for (const k of [1, 19, 25]) {
      expect(await estimateRecall(index, { k, ef: 200 })).toMatchObject({ recall: 1, queries: 200 });
    }
  });

  it('of a point to itself need not be the smallest: an inner product prefers long vectors', async () => {
    const space: Space = { kind: 'innerProduct', dim: 6 };
    const points = randomPoints(space, 500, new Rng(4)).data;
    const index = await buildIndex({ space, vectors: points, engine: 'hnsw' });
    const first = (await index.search(points, 1, { exact: true })).ids;
    expect([...first].filter((id, i) => id !== BigInt(i)).length).toBeGreaterThan(400);
    const estimate = await estimateRecall(index, { sample: 500, ef: 30 });
    expect(estimate.recall).toBeCloseTo(mean(await recallOfAll(index, points, 10, 30)), 12);
  });
});

describe.each(ENGINES)('estimateRecall of $name', ({ name, available: runs, build }) => {
  const certain = { recall: 1, low: 1, high: 1, queries: 0 };

  it.skipIf(!runs)('is 1 where there is nothing to miss: no point, or one', async () => {
    for (const count of [0, 1]) {
      const index = await build(ball, vectors.slice(0, 8 * count));
      expect(await estimateRecall(index)).toEqual({ ...certain, k: 10, ef: 64 });
      expect(await tuneEf(index, { recall: 1 })).toMatchObject({ ...certain, ef: 64, reached: true });
      expect(index.stats().ef).toBe(64);
    }
  });

  it.skipIf(!runs)('compares with those there are where they are fewer than k', async () => {
    const index = await build(ball, vectors.slice(0, 8 * 5));
    const estimate = await estimateRecall(index, { k: 10 });
    expect(estimate).toMatchObject({ k: 10, recall: 1, high: 1 });
    expect(estimate.queries).toBe(name === 'hnsw' ? 5 : 0);
    expect(await tuneEf(index, { recall: 1, k: 10 })).toMatchObject({ recall: 1, reached: true });
  });

  it.skipIf(!runs)('is certain in an exact index, which is not searched', async () => {
    const index = await build(ball, vectors.slice(0, 8 * 100));
    const { queries } = await estimateRecall(index);
    expect(queries).toBe(name === 'hnsw' ? 100 : 0);
  });

  it.skipIf(!runs)('refuses bad arguments, naming them', async () => {
    const index = await build(ball, vectors.slice(0, 8 * 100));
    const outside = vectors.slice(0, 16);
    outside[8] = 2;
    const cases: [new (message: string) => Error, object, RegExp][] = [
      [UsageError, { k: 0 }, /estimateRecall k/],
      [UsageError, { k: 2.5 }, /estimateRecall k/],
      [UsageError, { ef: 0 }, /estimateRecall ef/],
      [UsageError, { sample: 0 }, /estimateRecall sample/],
      [UsageError, { sample: Number.NaN }, /estimateRecall sample/],
      [UsageError, { seed: -1 }, /seed/],
      [UsageError, { threads: 0 }, /threads/],
      [UsageError, { queries: new Float32Array(0) }, /estimateRecall queries: expected at least one/],
      [ShapeError, { queries: new Float32Array(9) }, /estimateRecall queries/],
      [ShapeError, { queries: new Float64Array(8) }, /estimateRecall queries/],
      [DomainError, { queries: outside }, /estimateRecall queries row 1/],
      [DomainError, { queries: new Float32Array(8).fill(Number.NaN) }, /estimateRecall queries row 0/],
    ];
    for (const [kind, options, message] of cases) {
      const error = await estimateRecall(index, options).catch((e: unknown) => e);
      expect(error, String(message)).toBeInstanceOf(kind);
      expect(String(error)).toMatch(message);
    }
    expect(index.stats().recall).toBeUndefined();
  });
});
