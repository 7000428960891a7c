import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openIndexFile } from '../../../indices/format/indexFile.js';
import { SUM_PIECE } from '../../../indices/format/pieceSums.js';
import { buildIndex, openIndex, verifyIndex } from '../../../indices/index.js';
import { FormatError, StorageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { available } from '../../native/addon.js';
import { randomPoints } from '../../native/randomPoints.js';
import { runIndex } from '../runIndex.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-repair-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ball: Space = { kind: 'poincare', dim: 16, curvature: -1 };
const COLUMNS = 16;
/** Vectors of 192 kB: three pieces. */
const N = 3 * (SUM_PIECE / (4 * COLUMNS));
const rng = new Rng(5);
const vectors = randomPoints(ball, N, rng).data;
let count = 0;
let path = '';

const ids = (...numbers: number[]) => BigInt64Array.from(numbers, BigInt);
const numbers = (some: BigInt64Array | undefined) => Array.from(some ?? [], Number);

beforeEach(async () => {
  path = join(folder, String(count++), 'index.gyro');
  await (await buildIndex({ space: ball, vectors, m: 4, efConstruction: 20 })).save(path);
});

/** Where a block begins in a sound file. */
async function placeOf(name: string): Promise<number> {
  const { blocks, start, reader } = await openIndexFile(path);
  await reader.close();
  let at = start;
  for (const block of blocks) {
    at = Math.ceil(at / 64) * 64;
    if (block.name === name) return at;
    at += block.bytes;
  }
  throw new Error(name);
}

function spoil(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] ^= 16;
  writeFileSync(file, bytes);
}

describe.skipIf(!available)('verify with repair', () => {
  it('does nothing to a sound file', async () => {
    const before = readFileSync(path);
    expect((await verifyIndex(path, { repair: true, sample: 10 })).repaired).toBeUndefined();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}.damaged`)).toBe(false);
  });

  it.each(['levels', 'lowest', 'upper', 'sums'])('loses nothing if "%s" is damaged', async (name) => {
    const before = await verifyIndex(path, { sample: 50 });
    spoil(path, (await placeOf(name)) + 1);
    await expect(openIndex(path)).rejects.toThrow(FormatError);
    const { repaired, ...after } = await verifyIndex(path, { repair: true, sample: 50 });
    expect(repaired).toMatchObject({ blocks: [name], journalFrom: undefined, lostRows: 0 });
    expect(numbers(repaired?.lostIds)).toEqual([]);
    expect(after).toMatchObject({ size: N, unreachable: before.unreachable });
    const index = await openIndex(path);
    expect(index.get(index.ids().sort())).toEqual(vectors);
  });

  it('names the points of a damaged piece, and has back those that the journal holds', async () => {
    const live = await openIndex(path, { journal: true });
    const second = N / 3;
    const fresh = randomPoints(ball, 3, rng).data;
    await live.update(ids(second, second + 5), fresh.subarray(0, 2 * COLUMNS));
    await live.remove(ids(second + 7));
    await live.add(ids(N), fresh.subarray(2 * COLUMNS));
    await live.close();
    spoil(path, (await placeOf('vectors')) + SUM_PIECE + 99);
    const { repaired, size } = await verifyIndex(path, { repair: true, sample: 50 });
    const piece = Array.from({ length: N / 3 }, (_, i) => second + i);
    const kept = [second, second + 5, second + 7];
    expect(numbers(repaired?.lostIds)).toEqual(piece.filter((id) => !kept.includes(id)));
    expect(repaired?.blocks).toEqual(['vectors']);
    expect(size).toBe((2 * N) / 3 + 3);
    const index = await openIndex(path);
    expect(index.get(ids(second, second + 5, N))).toEqual(fresh);
    expect(readFileSync(`${path}.damaged`).length).toBeGreaterThan(4 * N * COLUMNS);
    await (await openIndex(path, { journal: true })).close();
  });

  it('keeps what is sound of a file that was cut', async () => {
    const from = (await placeOf('vectors')) + SUM_PIECE;
    writeFileSync(path, readFileSync(path).subarray(0, from));
    const { repaired, size } = await verifyIndex(path, { repair: true, sample: 50 });
    // Without the sums a piece cannot be told from another: what is left of them was cut too.
    expect(repaired?.blocks).toContain('vectors');
    expect(size + (repaired?.lostIds.length ?? 0)).toBe(N);
  });

  it('keeps what stands in a journal before its damage, and names what stands behind', async () => {
    const live = await openIndex(path, { journal: true });
    await live.add(ids(N, N + 1), randomPoints(ball, 2, rng).data);
    const at = live.journal.bytes;
    await live.remove(ids(0));
    await live.add(ids(N + 2), randomPoints(ball, 1, rng).data);
    await live.close();
    spoil(`${path}.journal`, at + 70);
    await expect(verifyIndex(path)).rejects.toThrow(`a whole batch at byte ${at}`);
    const { repaired, size } = await verifyIndex(path, { repair: true, sample: 50 });
    expect(repaired).toMatchObject({ blocks: [], journalFrom: at });
    expect(numbers(repaired?.lostIds)).toEqual([N + 2]);
    expect(size).toBe(N + 2);
    expect(existsSync(`${path}.journal`)).toBe(false);
  });

  it('reads the batches of a journal whose header is damaged, but not those of another index', async () => {
    const live = await openIndex(path, { journal: true });
    await live.add(ids(N), randomPoints(ball, 1, rng).data);
    await live.close();
    spoil(`${path}.journal`, 10);
    expect((await verifyIndex(path, { repair: true, sample: 50 })).size).toBe(N + 1);

    const again = await openIndex(path, { journal: true });
    await again.add(ids(N + 1), randomPoints(ball, 1, rng).data);
    await again.close();
    const other = join(folder, 'other.gyro');
    await (await buildIndex({ space: ball, vectors: vectors.slice(0, 20 * COLUMNS) })).save(other);
    writeFileSync(path, readFileSync(other));
    await expect(verifyIndex(path, { repair: true })).rejects.toThrow('changes of this index file');
  });

  it('leaves a file alone whose header is damaged or which has a writer', async () => {
    const live = await openIndex(path, { journal: true });
    await expect(verifyIndex(path, { repair: true })).rejects.toThrow(StorageError);
    await live.close();
    spoil(path, 30);
    await expect(verifyIndex(path, { repair: true })).rejects.toThrow(FormatError);
  });

  it('is a flag of the command, which says what was lost', async () => {
    spoil(path, (await placeOf('vectors')) + 2 * SUM_PIECE);
    const text = await runIndex('verify', path, '--repair', '--sample', '20');
    expect(text).toContain('repaired: block "vectors"');
    expect(text).toMatch(new RegExp(`lost: ${N / 3} points or changes of points: ${(2 * N) / 3}, `));
    expect(text).toContain(`no damage; ${(2 * N) / 3} points`);
  });
});
