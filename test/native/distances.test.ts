import { describe, expect, it } from 'vitest';
import { type Matrix, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { gradeMap } from '../../src/evaluation/distances/grades.js';
import { rowQualityHere } from '../../src/evaluation/distances/rowQuality.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import { GRADES, ROW_COLUMNS, type RowQualityCall } from '../../src/native/index.js';
import { addon, available } from './addon.js';

/** Kernels of the addon against the formulas of geometry: a logarithm instead of asinh, sums in another order. */
const KERNELS = 1e-11;
/** Sums of some hundred float64 in another order. */
const SUMS = 1e-12;

const normal = (rows: number, columns: number, rng: Rng, scale: number, double: boolean): Matrix => {
  const values = Array.from({ length: rows * columns }, () => scale * rng.normal());
  return matrix(double ? Float64Array.from(values) : Float32Array.from(values), rows, columns);
};

const product: Space = {
  kind: 'product',
  combine: 'l2',
  factors: [
    { space: { kind: 'poincare', dim: 3, curvature: -0.7 }, weight: 2 },
    { space: { kind: 'euclidean', dim: 2 }, weight: 0.5 },
  ],
};

describe.skipIf(!available)('rows of distances by the addon', () => {
  it.each<[string, Space, number]>([
    ['euclidean', { kind: 'euclidean', dim: 19 }, 1],
    ['cosine', { kind: 'cosine', dim: 5 }, 1],
    ['poincare', { kind: 'poincare', dim: 4, curvature: -1 }, 0.2],
    ['stereographic', { kind: 'stereographic', dim: 3, curvature: 0.5 }, 1],
    ['product', product, 0.2],
  ])('are those of geometry, %s, float32 and float64', async (_, space, scale) => {
    for (const double of [false, true]) {
      const columns = space.kind === 'product' ? 5 : space.dim;
      const points = normal(83, columns, new Rng(1), scale, double);
      const anchors = Int32Array.of(0, 5, 82, 7, 7);
      const found = await addon().distanceRows(space, points, anchors);
      const expected = distanceMatrix(space, points, points);
      for (const [at, i] of anchors.entries()) {
        for (let j = 0; j < 83; j++) {
          const [got, want] = [found[at * 83 + j], expected.data[i * 83 + j]];
          expect(Math.abs(got - want)).toBeLessThanOrEqual(KERNELS * Math.max(1, want));
        }
      }
    }
  });

  it('are the same in both directions and on any number of threads, to the bit', async () => {
    const space = { kind: 'poincare', dim: 4, curvature: -1 } as const;
    const points = normal(300, 4, new Rng(2), 0.2, false);
    const anchors = Int32Array.from({ length: 300 }, (_, i) => i);
    const one = await addon().distanceRows(space, points, anchors, { threads: 1 });
    expect(await addon().distanceRows(space, points, anchors, { threads: 3 })).toEqual(one);
    for (let i = 0; i < 300; i++) for (let j = 0; j < i; j++) expect(one[i * 300 + j]).toBe(one[j * 300 + i]);
  });
});

/** Faster than toEqual on a quarter of a million numbers. */
const sameBits = (a: Float64Array, b: Float64Array) => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

/** Distances of random anchors; with `levels` there are few different ones, 0 among them. */
function callOf(n: number, k: number, seed: number, levels?: number): RowQualityCall {
  const rng = new Rng(seed);
  const anchors = Int32Array.of(0, n - 1, 3, Math.floor(n / 2), 8);
  const draw = () => (levels ? rng.below(levels) / 4 : rng.uniform(0.1, 3));
  const inputs = Float64Array.from({ length: n * anchors.length }, draw);
  const codes = Float64Array.from(inputs, (a) => (levels ? draw() : a * a + draw()));
  return {
    ...{ inputs, codes, anchors, k, scale: 0.7, inputShift: 1.5, codeShift: 2, upper: seed % 2 === 0 },
    inputGrades: gradeMap(inputs.slice(0, 200)),
    codeGrades: gradeMap(codes.slice(0, 200)),
    grades: new Float64Array(4 * GRADES),
  };
}

describe.skipIf(!available)('qualities of rows by the addon', () => {
  it.each([
    [131, 7, 1, undefined],
    [131, 7, 2, 5],
    [17, 8, 3, 3],
    [10, 1, 4, undefined],
    [1400, 600, 5, undefined],
    [1400, 600, 6, 9],
  ])('are those counted on this thread: %i rows, k = %i', async (n, k, seed, levels) => {
    const [call, same] = [callOf(n, k, seed, levels), callOf(n, k, seed, levels)];
    const [fast, slow] = [await addon().rowQuality(call), rowQualityHere(same)];
    expect(sameBits(call.grades, same.grades)).toBe(true);
    expect(fast.places).toEqual(slow.places);
    for (const [at, value] of slow.columns.entries()) {
      const name = ROW_COLUMNS[at % ROW_COLUMNS.length];
      if (!Number.isFinite(value)) expect(fast.columns[at], name).toBe(value);
      else
        expect(Math.abs(fast.columns[at] - value), name).toBeLessThanOrEqual(
          SUMS * Math.max(1, Math.abs(value)) * n,
        );
    }
  });

  it('are the same on any number of threads, to the bit', async () => {
    const [one, three] = [callOf(900, 10, 7), callOf(900, 10, 7)];
    expect(await addon().rowQuality({ ...three, threads: 3 })).toEqual(
      await addon().rowQuality({ ...one, threads: 1 }),
    );
    expect(sameBits(three.grades, one.grades)).toBe(true);
  });

  it('mark an anchor with a distance that is none, and leave the others', async () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      const call = callOf(40, 3, 9);
      call.codes[2 * 40 + 11] = bad;
      for (const found of [await addon().rowQuality(call), rowQualityHere(call)]) {
        const first = call.anchors.map((_, i) => Number(Number.isNaN(found.columns[i * ROW_COLUMNS.length])));
        expect([...first]).toEqual([0, 0, 1, 0, 0]);
      }
      // The anchor's own distance is not looked at.
      const own = callOf(40, 3, 9);
      own.codes[2 * 40 + own.anchors[2]] = bad;
      expect((await addon().rowQuality(own)).columns).not.toContain(Number.NaN);
    }
  });
});
