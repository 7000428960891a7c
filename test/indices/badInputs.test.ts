import { describe, expect, it } from 'vitest';
import { type BuildIndexOptions, buildIndex } from '../../indices/index.js';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import { ENGINES } from './engines.js';

const ball: Space = { kind: 'poincare', dim: 2, curvature: -1 };
const good = Float32Array.of(0.1, 0.2, -0.3, 0.4);

/** What hnswlib-node accepts silently or crashes on (NaN, labels that are no labels, strings), and more. */
describe('buildIndex', () => {
  const build = (changes: object) =>
    buildIndex({ space: ball, vectors: good, engine: 'exact', ...changes } as BuildIndexOptions);

  it.each([
    ['NaN', Float32Array.of(0.1, 0.2, Number.NaN, 0), 'buildIndex vectors row 1'],
    ['infinity', Float32Array.of(Number.POSITIVE_INFINITY, 0), 'buildIndex vectors row 0'],
    ['a point on the edge of the ball', Float32Array.of(0, 0, 1, 0), 'buildIndex vectors row 1'],
  ])('refuses %s and names the row', async (_, vectors, where) => {
    await expect(build({ vectors })).rejects.toThrow(DomainError);
    await expect(build({ vectors })).rejects.toThrow(where);
  });

  it('refuses a zero vector under cosine', async () => {
    await expect(build({ space: { kind: 'cosine', dim: 2 }, vectors: new Float32Array(2) })).rejects.toThrow(
      DomainError,
    );
  });

  it.each([
    ['number[]', [0.1, 0.2]],
    ['strings', ['a', 'b']],
    ['a Float64Array', Float64Array.of(0.1, 0.2)],
    ['half a row', Float32Array.of(0.1, 0.2, 0.3)],
    ['nothing', undefined],
  ])('refuses %s for vectors', async (_, vectors) => {
    await expect(build({ vectors })).rejects.toThrow(ShapeError);
  });

  it.each([
    ['too few ids', BigInt64Array.of(1n), ShapeError],
    ['number[] for ids', [1, 2], ShapeError],
    ['an Int32Array for ids', Int32Array.of(1, 2), ShapeError],
    ['a negative id', BigInt64Array.of(1n, -1n), UsageError],
    ['an id twice', BigInt64Array.of(4n, 4n), UsageError],
  ])('refuses %s', async (_, ids, kind) => {
    await expect(build({ ids })).rejects.toThrow(kind);
  });

  it('keeps ids that no number can hold apart', async () => {
    const index = await build({ ids: BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n) });
    const { ids } = await index.search(good, 1);
    expect([...ids]).toEqual([2n ** 53n, 2n ** 53n + 1n]);
  });

  it.each([
    ['m', [1, 0, 513, 2.5, Number.NaN]],
    ['efConstruction', [0, -5, 1e7, 1.5]],
    ['ef', [0, 0.5, Number.NaN]],
    ['seed', [-1, 2 ** 32, 0.5]],
    ['threads', [0, -1, 1.5]],
    ['engine', ['flat', 1]],
  ])('refuses bad values of %s', async (name, values) => {
    for (const value of values) await expect(build({ [name]: value })).rejects.toThrow(UsageError);
  });

  it('refuses a space that is none', async () => {
    await expect(build({ space: { kind: 'ball', dim: 2 } })).rejects.toThrow(UsageError);
    await expect(build({ space: { ...ball, dim: 0 } })).rejects.toThrow('space.dim');
  });

  it('rejects with the reason of a signal that was aborted', async () => {
    const signal = AbortSignal.abort(new Error('not now'));
    await expect(build({ signal })).rejects.toThrow('not now');
  });
});

for (const engine of ENGINES) {
  describe.skipIf(!engine.available)(`search and add of the ${engine.name} index`, () => {
    it('refuse bad queries, k, ef and threads', async () => {
      const index = await engine.build(ball, good);
      const query = Float32Array.of(0, 0);
      await expect(index.search(Float32Array.of(Number.NaN, 0), 1)).rejects.toThrow('search queries row 0');
      await expect(index.search(Float32Array.of(2, 0), 1)).rejects.toThrow(DomainError);
      await expect(index.search(Float32Array.of(0, 0, 0), 1)).rejects.toThrow(ShapeError);
      await expect(index.search([0, 0] as unknown as Float32Array, 1)).rejects.toThrow(ShapeError);
      for (const k of [0, -1, 1.5, Number.NaN])
        await expect(index.search(query, k)).rejects.toThrow(UsageError);
      for (const ef of [0, 0.5]) await expect(index.search(query, 1, { ef })).rejects.toThrow(UsageError);
      await expect(index.search(query, 1, { threads: 0 })).rejects.toThrow(UsageError);
      await expect(index.search(query, 1, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
        'no',
      );
    });

    it('refuse bad additions, and nothing of them is stored', async () => {
      const index = await engine.build(ball, good, BigInt64Array.of(5n, 6n));
      const point = Float32Array.of(0.2, 0.2);
      const two = Float32Array.of(0.2, 0.2, 0.3, 0.3);
      await expect(index.add(BigInt64Array.of(6n), point)).rejects.toThrow('ids that occur once, got 6n');
      await expect(index.add(BigInt64Array.of(8n, 8n), two)).rejects.toThrow(UsageError);
      await expect(index.add(BigInt64Array.of(8n, 5n), two)).rejects.toThrow(UsageError);
      await expect(index.add(BigInt64Array.of(-1n), point)).rejects.toThrow(UsageError);
      await expect(index.add(BigInt64Array.of(8n), two)).rejects.toThrow(ShapeError);
      await expect(index.add(undefined, Float32Array.of(1, 1))).rejects.toThrow(DomainError);
      expect(index.size).toBe(2);
      await index.add(BigInt64Array.of(8n), point);
      expect((await index.search(point, 1)).ids[0]).toBe(8n);
    });
  });
}
