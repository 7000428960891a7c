import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildIndex, estimateRecall, openIndex, verifyIndex } from '../../indices/index.js';
import { FormatError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints } from '../native/randomPoints.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ball: Space = { kind: 'poincare', dim: 8, curvature: -1 };
const N = 1500;
const vectors = randomPoints(ball, N, new Rng(21), 60).data;

describe.skipIf(!available)('verifyIndex', () => {
  it('tells what is in a sound file', async () => {
    const path = join(folder, 'sound.gyro');
    await (await buildIndex({ space: ball, vectors, engine: 'hnsw', ef: 40 })).save(path);
    const verified = await verifyIndex(path, { k: 5, sample: 120, seed: 2 });
    expect(verified).toMatchObject({
      space: ball,
      engine: 'hnsw',
      size: N,
      columns: 8,
      ef: 40,
      unreachable: 0,
    });
    expect(verified.recall).toMatchObject({ k: 5, ef: 40, queries: 120 });
    expect(verified.recall.recall).toBeGreaterThan(0.95);
    const index = await openIndex(path);
    expect(verified.recall).toEqual(await estimateRecall(index, { k: 5, sample: 120, seed: 2 }));
  });

  it('throws a FormatError for a byte changed anywhere, and a UsageError for no file', async () => {
    const path = join(folder, 'small.gyro');
    await (await buildIndex({ space: ball, vectors: vectors.slice(0, 8 * 40), engine: 'hnsw' })).save(path);
    const bytes = readFileSync(path);
    const damaged = join(folder, 'damaged.gyro');
    for (let at = 0; at < bytes.length; at += 37) {
      const copy = Buffer.from(bytes);
      copy[at] ^= 1;
      writeFileSync(damaged, copy);
      await expect(verifyIndex(damaged), `byte ${at}`).rejects.toThrow(FormatError);
    }
    writeFileSync(damaged, bytes.subarray(0, bytes.length - 1));
    await expect(verifyIndex(damaged)).rejects.toThrow(FormatError);
    await expect(verifyIndex(join(folder, 'none.gyro'))).rejects.toThrow(UsageError);
    await expect(verifyIndex(path, { sample: 0 })).rejects.toThrow(UsageError);
  });
});
