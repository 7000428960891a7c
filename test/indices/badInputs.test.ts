import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type BuildIndexOptions, buildIndex, openIndex, type VectorIndex } from '../../indices/index.js';
import { DomainError, FormatError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { randomPoints } from '../native/randomPoints.js';
import { ENGINES } from './engines.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-bad-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ball: Space = { kind: 'poincare', dim: 2, curvature: -1 };
const plane: Space = { kind: 'euclidean', dim: 2 };
const good = Float32Array.of(0.1, 0.2, -0.3, 0.4);
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

type ErrorClass = typeof DomainError | typeof ShapeError | typeof UsageError;

/** What other indices store silently, mistake for something else or crash on. */
const BAD_POINTS: readonly [string, unknown, ErrorClass, string][] = [
  ['NaN', Float32Array.of(0.1, 0.2, nan, 0), DomainError, 'row 1'],
  ['infinity', Float32Array.of(0, infinity), DomainError, 'row 0'],
  ['minus infinity', Float32Array.of(0.1, 0.2, 0, -infinity), DomainError, 'row 1'],
  ['a point on the edge of the ball', Float32Array.of(0, 0, 1, 0), DomainError, 'row 1'],
  ['a point of norm 5, outside the ball', Float32Array.of(3, 4), DomainError, 'row 0'],
  ['a wrong dimension', Float32Array.of(0.1, 0.2, 0.3), ShapeError, 'a multiple of 2'],
  ['number[]', [0.1, 0.2], ShapeError, 'a Float32Array'],
  ['strings', ['a', 'b'], ShapeError, 'a Float32Array'],
  ['a string', '0.1, 0.2', ShapeError, 'a Float32Array'],
  ['a Float64Array', Float64Array.of(0.1, 0.2), ShapeError, 'a Float32Array'],
  ['null', null, ShapeError, 'a Float32Array'],
];

const BAD_IDS: readonly [string, unknown, ErrorClass][] = [
  ['the id -1', BigInt64Array.of(-1n), UsageError],
  ['-1 as a number', [-1], ShapeError],
  ['the number 1.5', [1.5], ShapeError],
  ['the number 2**53', [2 ** 53], ShapeError],
  ['a string', ['7'], ShapeError],
  ['an Int32Array', Int32Array.of(8), ShapeError],
  ['a BigUint64Array', BigUint64Array.of(2n ** 63n), ShapeError],
  ['too many ids', BigInt64Array.of(8n, 9n), ShapeError],
  ['no ids', BigInt64Array.of(), ShapeError],
  ['an id that is there', BigInt64Array.of(6n), UsageError],
];

describe('buildIndex', () => {
  const build = (changes: object) =>
    buildIndex({ space: ball, vectors: good, engine: 'exact', ...changes } as BuildIndexOptions);

  it.each([
    ['m', [1, 0, -1, 513, 2.5, nan]],
    ['efConstruction', [0, -5, 1e7, 1.5]],
    ['ef', [0, 0.5, nan]],
    ['seed', [-1, 2 ** 32, 0.5]],
    ['threads', [0, -1, 1.5]],
    ['engine', ['flat', 1]],
  ])('refuses bad values of %s', async (name, values) => {
    for (const value of values) await expect(build({ [name]: value })).rejects.toThrow(UsageError);
  });

  it.each<[string, object, string]>([
    ['an unknown kind', { kind: 'ball', dim: 2 }, 'space.kind'],
    ['a dimension of 0', { ...ball, dim: 0 }, 'space.dim'],
    ['a dimension of -1', { ...ball, dim: -1 }, 'space.dim'],
    ['a dimension of 1.5', { ...ball, dim: 1.5 }, 'space.dim'],
    ['curvature +1 for poincare', { ...ball, curvature: 1 }, 'space.curvature'],
    ['curvature 0 for lorentz', { kind: 'lorentz', dim: 2, curvature: 0 }, 'space.curvature'],
    ['curvature -1 for sphere', { kind: 'sphere', dim: 2, curvature: -1 }, 'space.curvature'],
    ['an unknown key', { ...ball, radius: 1 }, 'radius'],
  ])('refuses %s in a space', async (_, space, where) => {
    await expect(build({ space })).rejects.toThrow(UsageError);
    await expect(build({ space })).rejects.toThrow(where);
  });

  it('rejects with the reason of a signal that was aborted', async () => {
    const signal = AbortSignal.abort(new Error('not now'));
    await expect(build({ signal })).rejects.toThrow('not now');
  });
});

for (const engine of ENGINES) {
  /** Refused for what `bad` is, and the index is as it was. */
  async function expectRefusal(
    index: VectorIndex,
    bad: () => Promise<unknown>,
    kind: ErrorClass,
    message: string,
  ): Promise<void> {
    const query = good.subarray(0, 2);
    const state = async () => [index.size, index.ids(), await index.search(query, 5)];
    const before = await state();
    await expect(bad()).rejects.toThrow(kind);
    await expect(bad()).rejects.toThrow(message);
    expect(await state()).toEqual(before);
  }

  describe.skipIf(!engine.available)(`the ${engine.name} index`, () => {
    const open = () => engine.build(ball, good, BigInt64Array.of(5n, 6n));
    const saved = async (name: string, space: Space = ball, vectors = good) => {
      const path = join(folder, `${engine.name} ${name}.gyro`);
      await (await engine.build(space, vectors)).save(path);
      return path;
    };

    it.each(BAD_POINTS)(
      'refuses %s as points of build and add, and as queries',
      async (_, bad, kind, message) => {
        const vectors = bad as Float32Array;
        await expect(engine.build(ball, vectors)).rejects.toThrow(kind);
        await expect(engine.build(ball, vectors)).rejects.toThrow(`buildIndex vectors`);
        await expect(engine.build(ball, vectors)).rejects.toThrow(message);
        const index = await open();
        await expectRefusal(index, () => index.add(undefined, vectors), kind, message);
        await expectRefusal(index, () => index.search(vectors, 1), kind, message);
        await expectRefusal(index, () => index.search(vectors, 1, { exact: true }), kind, message);
      },
    );

    it.each(BAD_IDS)('refuses %s', async (_, bad, kind) => {
      const index = await open();
      const point = Float32Array.of(0.2, 0.2);
      await expectRefusal(index, () => index.add(bad as BigInt64Array, point), kind, 'ids');
      const twice = Float32Array.of(0.2, 0.2, 0.3, 0.3);
      await expectRefusal(index, () => index.add(BigInt64Array.of(8n, 8n), twice), UsageError, 'got 8n');
      await expectRefusal(index, () => index.add(BigInt64Array.of(8n, 5n), twice), UsageError, 'got 5n');
      await index.add(BigInt64Array.of(8n), point);
      expect((await index.search(point, 1)).ids).toEqual(BigInt64Array.of(8n));
    });

    it('keeps the ids 2**53 and 2**53 + 1 and the largest there is apart', async () => {
      const ids = BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n);
      const index = await engine.build(ball, good, ids);
      const last = Float32Array.of(0.5, 0.5);
      await index.add(BigInt64Array.of(2n ** 63n - 1n), last);
      expect((await index.search(good, 1)).ids).toEqual(ids);
      expect((await index.search(last, 1)).ids[0]).toBe(2n ** 63n - 1n);
    });

    it.each([0, -1, 1.5, nan, infinity, 2 ** 31, '3', undefined])('refuses k of %s', async (k) => {
      const index = await open();
      await expectRefusal(index, () => index.search(good, k as number), UsageError, 'search k');
    });

    it('refuses bad ef and threads, and stops for its signal', async () => {
      const index = await open();
      for (const ef of [0, 0.5, nan]) {
        await expectRefusal(index, () => index.search(good, 1, { ef }), UsageError, 'search ef');
        expect(() => index.setEf(ef)).toThrow(UsageError);
      }
      for (const threads of [0, 1.5]) {
        await expectRefusal(index, () => index.search(good, 1, { threads }), UsageError, 'search threads');
      }
      const signal = AbortSignal.abort(new Error('not now'));
      await expect(index.search(good, 1, { signal })).rejects.toThrow('not now');
    });

    it('fills up with -1 and infinity where k is beyond n, with points and before there are any', async () => {
      const query = Float32Array.of(0.1, 0.2);
      const found = await (await open()).search(query, 4);
      expect(found.ids).toEqual(BigInt64Array.of(5n, 6n, -1n, -1n));
      expect(found.distances.subarray(2)).toEqual(Float32Array.of(infinity, infinity));
      const none = await (await engine.build(ball, new Float32Array(0))).search(query, 2);
      expect(none.ids).toEqual(BigInt64Array.of(-1n, -1n));
      expect(none.distances).toEqual(Float32Array.of(infinity, infinity));
    });

    it('takes no points for an addition of nothing', async () => {
      const index = await open();
      await index.add(undefined, new Float32Array(0));
      await index.add(BigInt64Array.of(), new Float32Array(0));
      expect(index.size).toBe(2);
    });

    it('has no size to grow past', async () => {
      const index = await engine.build(plane, Float32Array.of(0, 0));
      for (let i = 1; i < 40; i++) {
        await index.add(
          undefined,
          Float32Array.from({ length: 2 * i }, (_, j) => 100 * i + j),
        );
      }
      expect(index.size).toBe(1 + (39 * 40) / 2);
      expect((await index.search(Float32Array.of(3976, 3977), 1)).distances[0]).toBe(0);
    });

    it('leaves Euclidean points where they are: [3, 0] and [30, 0] are 27 apart', async () => {
      const index = await engine.build(plane, Float32Array.of(3, 0, 30, 0));
      const { ids, distances } = await index.search(Float32Array.of(3, 0), 2);
      expect(ids).toEqual(BigInt64Array.of(0n, 1n));
      expect(distances).toEqual(Float32Array.of(0, 27));
    });

    it('refuses a zero vector under cosine, which has no direction', async () => {
      const cosine: Space = { kind: 'cosine', dim: 2 };
      const zero = new Float32Array(2);
      await expect(engine.build(cosine, zero)).rejects.toThrow(DomainError);
      const index = await engine.build(cosine, Float32Array.of(1, 0));
      await expectRefusal(index, () => index.add(undefined, zero), DomainError, 'add vectors row 0');
      await expectRefusal(index, () => index.search(zero, 1), DomainError, 'search queries row 0');
    });

    it('hides nobody behind 2,000 duplicates, whoever came first', async () => {
      const equal = new Float32Array(2 * 2000).fill(0.25);
      const others = randomPoints(ball, 100, new Rng(3)).data;
      for (const [first, second] of [
        [equal, others],
        [others, equal],
      ]) {
        const index = await engine.build(ball, first);
        await index.add(undefined, second);
        const { distances } = await index.search(others, 1, { ef: 10 });
        expect(distances).toEqual(new Float32Array(100));
        const near = await index.search(Float32Array.of(0.25, 0.25), 2000, { ef: 10 });
        expect(near.distances).toEqual(new Float32Array(2000));
      }
    });

    it('refuses a truncated file and one with flipped bytes', async () => {
      const whole = readFileSync(await saved('whole'));
      const path = join(folder, 'damaged.gyro');
      for (const length of [0, 7, 100, whole.length / 2, whole.length - 1]) {
        writeFileSync(path, whole.subarray(0, length));
        await expect(openIndex(path)).rejects.toThrow(FormatError);
      }
      for (const at of [0, 7, 200, whole.length - 1]) {
        const flipped = Buffer.from(whole);
        flipped[at] ^= 0xff;
        writeFileSync(path, flipped);
        await expect(openIndex(path)).rejects.toThrow(FormatError);
      }
    });

    it('opens a file with its own space, whatever the dimension and metric of the one before', async () => {
      const space: Space = { kind: 'innerProduct', dim: 5 };
      const index = await openIndex(await saved('other', space, Float32Array.of(1, 2, 3, 4, 5)));
      expect(index.space).toEqual(space);
      expect(index.columns).toBe(5);
      await expect(index.search(good.subarray(0, 2), 1)).rejects.toThrow(ShapeError);
      const { distances } = await index.search(Float32Array.of(1, 1, 1, 1, 1), 1);
      expect(distances[0]).toBe(-15);
    });

    it('makes the folder of a file it saves, or says that it cannot be made and keeps what is there', async () => {
      const index = await open();
      const path = join(folder, engine.name, 'new', 'index.gyro');
      await index.save(path);
      expect((await openIndex(path)).size).toBe(2);
      const bytes = readFileSync(path);
      await expect(index.save(join(path, 'below a file', 'index.gyro'))).rejects.toThrow(/ENOTDIR/);
      await expect(index.save(join(folder, engine.name))).rejects.toThrow();
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(existsSync(join(folder, engine.name, 'new'))).toBe(true);
      expect((await index.search(good, 1)).ids).toEqual(BigInt64Array.of(5n, 6n));
    });

    it('keeps ef in its file', async () => {
      const index = await open();
      index.setEf(77);
      const path = join(folder, `${engine.name} ef.gyro`);
      await index.save(path);
      expect((await openIndex(path)).stats().ef).toBe(77);
    });
  });
}
