import { describe, expect, it } from 'vitest';
import { buildIndex } from '../../indices/index.js';
import { DomainError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';

const plane: Space = { kind: 'euclidean', dim: 2 };
const direction: Space = { kind: 'cosine', dim: 2 };
const mixed: Space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: { kind: 'poincare', dim: 1, curvature: -1 }, weight: 1 },
    { space: { kind: 'star', dim: 1 }, weight: 1 },
  ],
};

describe.skipIf(!available)('the hnsw index, whose walks compare in float32,', () => {
  it.each([
    ['1e19 in the plane', plane, [1, 2, 1e19, 0], 1n],
    ['a star offset of 1e30', mixed, [0.5, 1, 0.5, 1e30], 0n],
    ['a direction of length 1e-35', direction, [1, 2, 1e-35, 0], 1n],
    ['a direction of length 1e35', direction, [1, 2, 1e35, 0], 1n],
  ] as const)(
    'refuses %s, names the row, and leaves it to exact search',
    async (_, space, values, nearest) => {
      const vectors = Float32Array.from(values);
      const building = buildIndex({ space, vectors, engine: 'hnsw' });
      await expect(building).rejects.toThrow(DomainError);
      await expect(building).rejects.toThrow('hnsw vectors row 1');
      const index = await buildIndex({ space, vectors: vectors.slice(0, 2), engine: 'hnsw' });
      const query = vectors.slice(2);
      await expect(index.search(query, 1)).rejects.toThrow('hnsw queries row 0');
      expect((await index.search(query, 1, { exact: true })).ids).toEqual(BigInt64Array.of(0n));
      await expect(index.add(undefined, query)).rejects.toThrow(DomainError);
      expect(index.size).toBe(1);
      const exact = await buildIndex({ space, vectors, engine: 'exact' });
      expect((await exact.search(query, 1)).ids).toEqual(BigInt64Array.of(nearest));
    },
  );
});
