import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildIndex } from '../../indices/index.js';
import { DomainError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints, randomSpace, randomTree } from '../native/randomPoints.js';
import { ENGINES } from './engines.js';

const line: Space = { kind: 'euclidean', dim: 1 };
const ball: Space = { kind: 'poincare', dim: 8, curvature: -1 };
const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);
const NONE = { ids: ids(), distances: new Float32Array(0) };

for (const engine of ENGINES) {
  describe.skipIf(!engine.available)(`searchRadius of the ${engine.name} index`, () => {
    it('finds 2 and 1 within 2 of 0 on the line, but not 3; and the edge counts', async () => {
      const index = await engine.build(line, Float32Array.of(3, -2, 1), ids(7, 8, 9));
      const found = await index.searchRadius(Float32Array.of(0, 40), 2);
      expect(found).toEqual({
        ids: ids(9, 8),
        distances: Float32Array.of(1, 2),
        starts: Int32Array.of(0, 2, 2),
      });
      expect((await index.searchRadius(Float32Array.of(0), 3, { limit: 2 })).ids).toEqual(ids(9, 8));
      expect((await index.searchRadius(Float32Array.of(0), 3, { filter: ids(7, 8) })).ids).toEqual(ids(8, 7));
      expect(await index.searchRadius(Float32Array.of(0), -1)).toEqual({
        ...NONE,
        starts: new Int32Array(2),
      });
      expect(await index.searchRadius(new Float32Array(0), 1)).toEqual({
        ...NONE,
        starts: new Int32Array(1),
      });
      expect((await index.searchRadius(Float32Array.of(0), Number.POSITIVE_INFINITY)).ids).toEqual(
        ids(9, 8, 7),
      );
    });

    it('finds all and only points within, in any space', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
          const rng = new Rng(seed);
          const space = randomSpace(rng, 1);
          const { data, rows } = randomPoints(space, 1 + rng.below(250), rng);
          const index = await engine.build(space, data);
          const queries = randomPoints(space, 3, rng).data;
          const all = await index.search(queries, rows, { exact: true });
          const radius = all.distances[rng.below(all.distances.length)];
          const found = await index.searchRadius(queries, radius);
          for (let q = 0; q < 3; q++) {
            const d = all.distances.subarray(q * rows, (q + 1) * rows);
            const within = d.filter((value) => value <= radius).length;
            const [from, to] = [found.starts[q], found.starts[q + 1]];
            expect(found.ids.subarray(from, to)).toEqual(all.ids.subarray(q * rows, q * rows + within));
            expect(found.distances.subarray(from, to)).toEqual(d.subarray(0, within));
          }
        }),
        { seed: 9, numRuns: 30 },
      );
    });

    it('finds nothing where there is nothing', async () => {
      const index = await engine.build(line, new Float32Array(0));
      const starts = new Int32Array(2);
      expect(await index.searchRadius(Float32Array.of(0), 9)).toEqual({ ...NONE, starts });
    });

    it('refuses a radius that is no number and a limit of none', async () => {
      const index = await engine.build(line, Float32Array.of(1));
      const query = Float32Array.of(0);
      for (const bad of [Number.NaN, '1', undefined]) {
        await expect(index.searchRadius(query, bad as number)).rejects.toThrow(UsageError);
      }
      for (const limit of [0, 1.5]) {
        await expect(index.searchRadius(query, 1, { limit })).rejects.toThrow('searchRadius limit');
      }
      await expect(index.searchRadius(Float32Array.of(Number.NaN), 1)).rejects.toThrow(DomainError);
      const signal = AbortSignal.abort(new Error('not now'));
      await expect(index.searchRadius(query, 1, { signal })).rejects.toThrow('not now');
    });
  });
}

describe.skipIf(!available)('searchRadius of a walk', () => {
  it('finds the points within a radius that holds hundreds, as a comparison with all does', async () => {
    const points = randomTree(5050, 8, new Rng(3)).data;
    const [vectors, queries] = [points.subarray(0, 5000 * 8), points.subarray(5000 * 8)];
    const index = await buildIndex({ space: ball, vectors, engine: 'hnsw' });
    const exact = await buildIndex({ space: ball, vectors, engine: 'exact' });
    const { distances } = await exact.search(queries, 300);
    const radius = distances.slice().sort()[distances.length / 2];
    const [found, expected] = [
      await index.searchRadius(queries, radius),
      await exact.searchRadius(queries, radius),
    ];
    expect(expected.ids.length).toBeGreaterThan(50 * 100);
    expect(found.ids.length).toBeGreaterThanOrEqual(0.999 * expected.ids.length);
    expect(found.ids.length).toBeLessThanOrEqual(expected.ids.length);
  });
});
