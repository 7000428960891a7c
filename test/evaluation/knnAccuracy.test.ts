import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.js';
import { matrix } from '../../src/core/matrix.js';
import { knnAccuracy } from '../../src/evaluation/knnAccuracy.js';

const line = { kind: 'euclidean', dim: 1 } as const;
const on = (...places: number[]) => matrix(Float32Array.from(places), places.length, 1);

describe('knnAccuracy', () => {
  const gallery = { vectors: on(0, 1, 2, 10, 11), labels: [7, 7, 8, 8, 8] };

  it('counts queries whose neighbours are mostly of their class', async () => {
    // 0.4: neighbours 0, 1, 2 are 7, 7, 8; 9: neighbours 10, 11, 2 are 8.
    const queries = { vectors: on(0.4, 9, 9), labels: [7, 8, 7] };
    expect(await knnAccuracy(line, gallery, queries, 3)).toBeCloseTo(2 / 3, 12);
  });

  it('takes the nearer of equally frequent classes', async () => {
    expect(await knnAccuracy(line, gallery, { vectors: on(1.4, 1.6), labels: [7, 8] }, 2)).toBe(1);
  });

  it('wants as many labels as vectors and k of the gallery', async () => {
    const queries = { vectors: on(1), labels: [7, 8] };
    await expect(knnAccuracy(line, gallery, queries, 1)).rejects.toThrow(ShapeError);
    await expect(knnAccuracy(line, gallery, { ...queries, labels: [7] }, 6)).rejects.toThrow(/k/);
  });
});
