import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { lift } from '../../src/geometry/lorentz.js';
import { addon, available } from './addon.js';

const DIM = 7;
const SPACES: readonly Space[] = [
  { kind: 'euclidean', dim: DIM },
  { kind: 'cosine', dim: DIM },
  { kind: 'sphere', dim: DIM, curvature: 0.7 },
  { kind: 'poincare', dim: DIM, curvature: -1.5 },
  { kind: 'lorentz', dim: DIM, curvature: -0.8 },
  { kind: 'stereographic', dim: DIM, curvature: -0.4 },
  { kind: 'stereographic', dim: DIM, curvature: 0 },
  { kind: 'stereographic', dim: DIM, curvature: 0.9 },
];
/** Around the blocks of 32 rows and of 256 columns. */
const SIZES = [1, 31, 33, 257, 300];

/** Float32 rounding of each of two numbers, of their sum and of what it is compared with. */
const ROUNDED = 2.4e-7;
/** Of a float64 sum, for each pair: derivatives by the curvature are about 1. */
const SUMMED = 1e-13;

/** Points of which some are the same, some near and, if asked for and where there are such, some nearly antipodes. */
function points(space: Space, n: number, antipodes = false): Float32Array {
  const rng = new Rng(n);
  const K = 'curvature' in space ? space.curvature : 0;
  const coordinates: number[][] = [];
  for (let i = 0; i < n; i++) {
    const before = coordinates[i - 3];
    const fresh = Array.from({ length: DIM }, () => rng.normal() * 0.2);
    if (before && i % 7 === 3) coordinates.push(before);
    else if (before && i % 7 === 4) coordinates.push(before.map((a) => a * (1 + 1e-4 * rng.uniform(-1, 1))));
    else if (before && antipodes && i % 7 === 5) coordinates.push(antipode(before, K));
    else coordinates.push(fresh);
  }
  const rows = coordinates.map((v) => {
    if (space.kind === 'lorentz') return lift(v, -K);
    const norm = Math.hypot(...v);
    return space.kind === 'sphere' ? v.map((a) => a / norm / Math.sqrt(K)) : v;
  });
  return Float32Array.from(rows.flatMap((row) => Array.from(row)));
}

/** -x / (K|x|²), of which the projections of a sphere's antipodes are; for K <= 0 the other side. */
function antipode(v: readonly number[], K: number): number[] {
  const scale = K > 0 ? 1 / (K * v.reduce((sum, a) => sum + a * a, 0)) : 1;
  return v.map((a) => -a * scale);
}

const wave = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 0.37) + 0.2);

function sameBits(a: NodeJS.TypedArray, b: NodeJS.TypedArray): boolean {
  const [p, q] = [a, b].map((t) => Buffer.from(t.buffer, t.byteOffset, t.byteLength));
  return p.equals(q);
}

interface Scene {
  readonly self: { readonly space: Space; readonly x: Float32Array; readonly layout: 'all' };
  readonly copied: Scene['self'] & { readonly y: Float32Array };
  readonly dy: Float32Array;
  readonly columns: number;
}

function sceneOf(space: Space, n: number, antipodes = false): Scene {
  const x = points(space, n, antipodes);
  const self = { space, x, layout: 'all' } as const;
  return { self, copied: { ...self, y: x.slice() }, dy: wave(n * n), columns: columnsOf(space) };
}

/** How far sums are off the halves of derivatives to x and to its copy, in units of those. */
function worstOfHalves(sum: Float32Array, both: Float32Array): number {
  expect(both.length).toBe(2 * sum.length);
  let worst = 0;
  // A sum of float64 may be far below the weights that cancel in it.
  const scale = both.reduce((most, a) => Math.max(most, Math.abs(a)), 0);
  for (let k = 0; k < sum.length; k++) {
    const [there, back] = [both[k], both[sum.length + k]];
    const size = Math.abs(there) + Math.abs(back) + 1e-6 * scale;
    if (size > 0) worst = Math.max(worst, Math.abs(sum[k] - (there + back)) / size);
  }
  return worst;
}

describe.skipIf(!available)('rows among themselves', () => {
  const { pairs } = addon();

  describe.each(SPACES)('of %o', (space) => {
    it.each(SIZES)('have the bits of distances to a copy, both ways, %d rows', (n) => {
      const { self, copied } = sceneOf(space, n, true);
      const d = pairs.distances(self);
      expect(sameBits(d, pairs.distances(copied))).toBe(true);
      for (let i = 0; i < n; i++) {
        expect(d[i * n + i]).toBe(0);
        for (let j = 0; j < i; j++) if (d[i * n + j] !== d[j * n + i]) expect.fail(`${i}, ${j}`);
      }
    });

    it.each(SIZES)('have the gradients to x and to the copy in one, %d rows', (n) => {
      const { self, copied, dy } = sceneOf(space, n);
      const sum = pairs.gradients(self, dy, true);
      const both = pairs.gradients(copied, dy, true);
      expect(worstOfHalves(sum.points, both.points)).toBeLessThan(ROUNDED);
      expect(Math.abs(sum.curvature - both.curvature)).toBeLessThanOrEqual(SUMMED * n * n);
    });

    it.each(SIZES)('have both halves of second derivatives in one, %d rows', (n) => {
      const { self, copied, dy } = sceneOf(space, n);
      const v = wave(self.x.length);
      const sum = pairs.second(self, dy, v);
      const both = pairs.second(copied, dy, Float32Array.from([...v, ...v]));
      expect(worstOfHalves(sum.points, both.points)).toBeLessThan(ROUNDED);
      expect(sameBits(sum.dy, both.dy)).toBe(true);
    });

    it('give the same bits on any number of threads', () => {
      const { self, dy } = sceneOf(space, 300);
      const run = (threads: number) => {
        const call = { ...self, threads };
        const { points, curvature } = pairs.gradients(call, dy, true);
        const second = pairs.second(call, dy, wave(self.x.length));
        return [pairs.distances(call), points, Float64Array.of(curvature), second.points, second.dy];
      };
      const one = run(1);
      for (const threads of [2, 5]) {
        expect(run(threads).map((values, i) => sameBits(values, one[i]))).toEqual(Array(5).fill(true));
      }
    });

    it('are NaN in the row and column of NaN alone', () => {
      const n = 70;
      const { self, columns } = sceneOf(space, n);
      self.x.fill(Number.NaN, 40 * columns, 41 * columns);
      const d = pairs.distances(self);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          if (Number.isNaN(d[i * n + j]) !== (i === 40 || j === 40))
            expect.fail(`${i}, ${j}: ${d[i * n + j]}`);
        }
      }
    });

    it('pull with NaN on the two rows of the pair alone', () => {
      const n = 70;
      const { self, columns } = sceneOf(space, n);
      const dy = new Float32Array(n * n);
      dy[61 * n + 2] = Number.NaN;
      const { points } = pairs.gradients(self, dy, false);
      // The time of a hyperboloid has no gradient.
      const first = space.kind === 'lorentz' ? 1 : 0;
      for (let i = 0; i < n; i++) {
        const row = points.subarray(i * columns + first, (i + 1) * columns);
        expect(row.every((g) => (i === 61 || i === 2 ? Number.isNaN(g) : g === 0))).toBe(true);
      }
    });
  });

  it('of more rows than a strip of weights holds have the gradients of their blocks', () => {
    const n = 2000;
    const space: Space = { kind: 'poincare', dim: 2, curvature: -1 };
    const rng = new Rng(5);
    const x = Float32Array.from({ length: 2 * n }, () => rng.uniform(-0.6, 0.6));
    const dy = wave(n * n);
    const self = { space, x, layout: 'all' } as const;
    const sum = pairs.gradients(self, dy, true);
    const both = pairs.gradients({ ...self, y: x.slice() }, dy, true);
    expect(worstOfHalves(sum.points, both.points)).toBeLessThan(ROUNDED);
    expect(Math.abs(sum.curvature - both.curvature)).toBeLessThan(SUMMED * n * n);
  });

  it('need a second set of points row to row', () => {
    const { self } = sceneOf(SPACES[0], 3);
    expect(() => pairs.distances({ ...self, layout: 'rows' })).toThrow(/as many rows/);
    expect(() => pairs.second(self, wave(9), wave(2 * self.x.length))).toThrow(/expected 21 values/);
  });
});

describe.skipIf(!available)('pairs without a pull', () => {
  const { pairs } = addon();
  /** Of a pull that no sum of float64 notices beside the others. */
  const UNSEEN = 1e-37;

  it.each(SPACES)('of %o count as those of the least pull there is', (space) => {
    const n = 300;
    const { self, copied } = sceneOf(space, n);
    for (const spread of [13, 97, 4001]) {
      const few = wave(n * n).map((pull, k) => ((k * 7919) % spread === 0 ? pull : 0));
      const least = few.map((pull) => pull || 1.4e-45);
      for (const call of [self, copied]) {
        const [a, b] = [pairs.gradients(call, few, true), pairs.gradients(call, least, true)];
        for (let k = 0; k < a.points.length; k++) {
          if (!(Math.abs(a.points[k] - b.points[k]) <= UNSEEN))
            expect.fail(`${a.points[k]} and ${b.points[k]}`);
        }
        expect(a.curvature).toBe(b.curvature);
      }
    }
  });

  it('none at all leave a gradient of zeros', () => {
    for (const space of SPACES) {
      const { self } = sceneOf(space, 300);
      const { points, curvature } = pairs.gradients(self, new Float32Array(300 * 300).fill(-0), true);
      expect(points.every((g) => g === 0)).toBe(true);
      expect(curvature).toBe(0);
    }
  });
});
