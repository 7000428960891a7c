import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix32, takeRows } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { distance } from '../../src/geometry/distance.js';
import { nearest } from '../../src/geometry/nearest.js';
import { addon, available } from './addon.js';
import { randomPoints, randomSpace, SPACES } from './randomPoints.js';

/** One rounding to float32, and one more because asinh and atan2 differ in the last bit between libraries. */
const FLOAT32 = 2 ** -23;

const line = (...values: number[]): Matrix32 => ({
  data: Float32Array.from(values),
  rows: values.length,
  columns: 1,
});
const euclid1: Space = { kind: 'euclidean', dim: 1 };

async function expectAsReference(space: Space, database: Matrix32, queries: Matrix32, k: number) {
  const found = await addon().exactSearch(space, database, queries, k);
  const expected = nearest(space, database, queries, k);
  expect(found.rows).toEqual(expected.rows);
  for (let i = 0; i < expected.distances.length; i++) {
    const d = expected.distances[i];
    if (Number.isFinite(d))
      expect(Math.abs(found.distances[i] - d)).toBeLessThanOrEqual(FLOAT32 * Math.abs(d));
    else expect(found.distances[i]).toBe(d);
  }
}

describe.skipIf(!available)('exactSearch of the addon', () => {
  it.each(SPACES)('returns the rows and distances of the float64 reference in $kind', async (space) => {
    const rng = new Rng(5);
    await expectAsReference(space, randomPoints(space, 700, rng), randomPoints(space, 37, rng), 23);
  });

  it('returns those of the reference in random nested products', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.integer({ min: 1, max: 60 }),
        async (seed, k) => {
          const rng = new Rng(seed);
          const space = randomSpace(rng, 3);
          const database = randomPoints(space, 1 + rng.below(150), rng);
          await expectAsReference(space, database, randomPoints(space, 1 + rng.below(9), rng), k);
        },
      ),
      { seed: 11, numRuns: 150 },
    );
  });

  it('finds 1, 2, 5 from 0 on the line, by hand', async () => {
    const { rows, distances } = await addon().exactSearch(euclid1, line(5, -2, 1), line(0), 3);
    expect([...rows]).toEqual([2, 1, 0]);
    expect([...distances]).toEqual([1, 2, 5]);
  });

  it('gives equal points in the order of their rows', async () => {
    const same = line(...new Array(500).fill(3), 1);
    const { rows } = await addon().exactSearch(euclid1, same, line(3), 400);
    expect([...rows]).toEqual(Array.from({ length: 400 }, (_, i) => i));
  });

  it('tells points apart that differ in the last bit of float32', async () => {
    const base = 1000;
    const step = 2 ** -14; // one unit in the last place of float32 at 1000
    const space: Space = { kind: 'euclidean', dim: 40 };
    const points = new Float32Array(64 * 40).fill(base);
    for (let i = 0; i < 64; i++) points[i * 40 + 7] = base + (63 - i) * step;
    const database = { data: points, rows: 64, columns: 40 };
    const { rows, distances } = await addon().exactSearch(space, database, takeRows(database, [63]), 64);
    expect([...rows]).toEqual(Array.from({ length: 64 }, (_, i) => 63 - i));
    expect([...distances]).toEqual(Array.from({ length: 64 }, (_, i) => i * step));
  });

  it('ranks tiny and huge coordinates as the reference does', async () => {
    for (const scale of [1e-30, 1e-19, 1e19, 1e30]) {
      const rng = new Rng(3);
      const scaled = (m: Matrix32) => ({ ...m, data: m.data.map((v) => v * scale) });
      const space: Space = { kind: 'euclidean', dim: 3 };
      await expectAsReference(
        space,
        scaled(randomPoints(space, 300, rng)),
        scaled(randomPoints(space, 5, rng)),
        20,
      );
    }
  });

  it('keeps neighbours apart at hyperbolic distance 10 from the origin', async () => {
    const space: Space = { kind: 'lorentz', dim: 3, curvature: -1 };
    const rng = new Rng(4);
    const data = new Float32Array(400 * 4);
    for (let i = 0; i < 400; i++) {
      const radius = 10 + 0.01 * rng.normal();
      const angle = 1e-4 * rng.normal();
      const sinh = Math.sinh(radius);
      data.set([Math.cosh(radius), sinh * Math.cos(angle), sinh * Math.sin(angle), 0], i * 4);
    }
    const points = { data, rows: 400, columns: 4 };
    await expectAsReference(space, points, points, 10);
  });

  it('leaves out the query itself with excludeSelf, and only it', async () => {
    const space: Space = { kind: 'cosine', dim: 6 };
    const points = randomPoints(space, 300, new Rng(8));
    const found = await addon().exactSearch(space, points, points, 299, { excludeSelf: true });
    expect(found.rows).toEqual(nearest(space, points, points, 299, { excludeSelf: true }).rows);
    for (let i = 0; i < 300; i++) {
      expect(new Set(found.rows.subarray(i * 299, (i + 1) * 299)).has(i)).toBe(false);
    }
  });

  it('gives the same result on one thread and on seven', async () => {
    const space = randomSpace(new Rng(21), 2);
    const points = randomPoints(space, 900, new Rng(22));
    const one = await addon().exactSearch(space, points, points, 15, { threads: 1 });
    expect(await addon().exactSearch(space, points, points, 15, { threads: 7 })).toEqual(one);
  });

  it('pads with row -1 and Infinity where there are fewer rows than k', async () => {
    const found = await addon().exactSearch(euclid1, line(1), line(0, 4), 2);
    expect([...found.rows]).toEqual([0, -1, 0, -1]);
    expect([...found.distances]).toEqual([1, Number.POSITIVE_INFINITY, 3, Number.POSITIVE_INFINITY]);
    expect([...(await addon().exactSearch(euclid1, line(), line(0), 1)).rows]).toEqual([-1]);
    expect((await addon().exactSearch(euclid1, line(1), line(), 1)).rows).toHaveLength(0);
  });

  it('survives points that are none: NaN, infinity, outside the ball', async () => {
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, 2, -3, 0.5, 0];
    for (const space of SPACES) {
      if (space.kind === 'product') continue;
      const narrow: Space = space.kind === 'star' ? space : { ...space, dim: 2 };
      const columns = space.kind === 'star' ? 1 : space.kind === 'lorentz' ? 3 : 2;
      const data = Float32Array.from({ length: 60 * columns }, (_, i) => bad[(i * 7) % 6]);
      const points = { data, rows: 60, columns };
      const { rows } = await addon().exactSearch(narrow, points, points, 60);
      expect([...rows].every((row) => row >= 0 && row < 60)).toBe(true);
    }
  });

  it('measures star offsets as the sum, also between equal offsets', async () => {
    const { distances } = await addon().exactSearch({ kind: 'star', dim: 1 }, line(2), line(2), 1);
    expect(distances[0]).toBe(4);
    expect(distances[0]).toBe(distance({ kind: 'star', dim: 1 }, [2], [2]));
  });

  it('leaves the event loop free', async () => {
    const space: Space = { kind: 'euclidean', dim: 64 };
    const points = randomPoints(space, 6000, new Rng(1));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await addon().exactSearch(space, points, points, 10);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('stops when it is aborted and rejects with the reason', async () => {
    const space: Space = { kind: 'euclidean', dim: 256 };
    const points = randomPoints(space, 20_000, new Rng(1));
    const reason = new Error('enough');
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 20);
    const running = addon().exactSearch(space, points, points, 10, { signal: abort.signal });
    await expect(running).rejects.toBe(reason);
    await expect(addon().exactSearch(euclid1, line(1), line(1), 1, { signal: abort.signal })).rejects.toBe(
      reason,
    );
  });

  it('refuses wrong columns, wrong element types, k below 1 and lengths that do not fit', async () => {
    const search = (database: Matrix32, queries: Matrix32, k: number, excludeSelf = false) =>
      addon().exactSearch(euclid1, database, queries, k, { excludeSelf });
    const two = { data: new Float32Array(2), rows: 1, columns: 2 };
    const wide = { data: new Float64Array(1), rows: 1, columns: 1 } as unknown as Matrix32;
    await expect(search(two, line(1), 1)).rejects.toThrow(ShapeError);
    await expect(search(line(1), two, 1)).rejects.toThrow('exactSearch queries: expected 1 columns, got 2');
    await expect(search(wide, line(1), 1)).rejects.toThrow(ShapeError);
    await expect(search({ ...line(1), rows: 5 }, line(1), 1)).rejects.toThrow(ShapeError);
    await expect(search(line(1), line(1, 2), 1, true)).rejects.toThrow(ShapeError);
    for (const k of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
      await expect(search(line(1), line(1), k)).rejects.toThrow(UsageError);
    }
  });
});
