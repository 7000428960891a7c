import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { distance } from '../../src/geometry/distance.js';
import { lift } from '../../src/geometry/lorentz.js';
import { addon, available } from './addon.js';

const DIM = 19;
const SPACES: readonly Space[] = [
  { kind: 'euclidean', dim: DIM },
  { kind: 'cosine', dim: DIM },
  { kind: 'sphere', dim: DIM, curvature: 1 },
  { kind: 'poincare', dim: DIM, curvature: -1.5 },
  { kind: 'lorentz', dim: DIM, curvature: -0.8 },
  { kind: 'stereographic', dim: DIM, curvature: 0.5 },
];

/** Rows that fill whole tiles and blocks, and leave some over. */
function points(space: Space, n: number, seed: number): Float32Array {
  const rng = new Rng(seed);
  const rows = Array.from({ length: n }, () => {
    const v = Array.from({ length: DIM }, () => rng.normal() * 0.1);
    if (space.kind === 'lorentz') return lift(v, -space.curvature);
    if (space.kind !== 'sphere') return v;
    const norm = Math.hypot(...v);
    return v.map((a) => a / norm);
  });
  return Float32Array.from(rows.flatMap((row) => Array.from(row)));
}

const wave = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 0.37) + 0.2);

/** float32 rounding of float64 sums. */
const ROUNDED = 1.2e-7;

describe.skipIf(!available)('pairs', () => {
  const [n, m] = [70, 1037];

  it.each(SPACES)('of %o are the float64 distances, rounded, in every tile and block', (space) => {
    const [x, y] = [points(space, n, 1), points(space, m, 2)];
    const d = addon().pairs.distances({ space, x, y, layout: 'all' });
    const columns = columnsOf(space);
    const row = (rows: Float32Array, i: number) => rows.subarray(i * columns, (i + 1) * columns);
    for (let i = 0; i < n; i += 3) {
      for (let j = i % 5; j < m; j += 5) {
        const exact = distance(space, row(x, i), row(y, j));
        expect(Math.abs(d[i * m + j] - exact)).toBeLessThanOrEqual(ROUNDED * exact);
      }
    }
  });

  it.each(SPACES)('of %o give the same bits on any number of threads', (space) => {
    const [x, y] = [points(space, n, 3), points(space, m, 4)];
    const dy = wave(n * m);
    const direction = wave(x.length + y.length);
    const run = (threads: number) => {
      const call = { space, x, y, layout: 'all', threads } as const;
      const { pairs } = addon();
      return [pairs.distances(call), pairs.gradients(call, dy, true), pairs.second(call, dy, direction)];
    };
    expect(run(3)).toEqual(run(1));
  });

  it('of more rows than a strip of weights holds have the gradients of their parts', () => {
    const space: Space = { kind: 'poincare', dim: 2, curvature: -1 };
    const [rows, columns] = [100, 9001];
    const wide = (count: number, seed: number) => {
      const rng = new Rng(seed);
      return Float32Array.from({ length: 2 * count }, () => rng.uniform(-0.6, 0.6));
    };
    const [x, y] = [wide(rows, 5), wide(columns, 6)];
    const dy = wave(rows * columns);
    const direction = wave(2 * (rows + columns));
    const { pairs } = addon();
    const whole = { space, x, y, layout: 'all' } as const;
    const gradients = pairs.gradients(whole, dy, true);
    const second = pairs.second(whole, dy, direction);
    const sums = { y: new Float64Array(y.length), secondY: new Float64Array(y.length), curvature: 0 };
    for (let from = 0; from < rows; from += 20) {
      const part = { ...whole, x: x.subarray(2 * from, 2 * (from + 20)) };
      const pull = dy.subarray(from * columns, (from + 20) * columns);
      const back = pairs.gradients(part, pull, true);
      const along = Float32Array.from([
        ...direction.subarray(2 * from, 2 * (from + 20)),
        ...direction.subarray(2 * rows),
      ]);
      const bend = pairs.second(part, pull, along);
      expect(back.points.subarray(0, 40)).toEqual(gradients.points.subarray(2 * from, 2 * (from + 20)));
      expect(bend.points.subarray(0, 40)).toEqual(second.points.subarray(2 * from, 2 * (from + 20)));
      expect(bend.dy).toEqual(second.dy.subarray(from * columns, (from + 20) * columns));
      sums.curvature += back.curvature;
      for (let k = 0; k < y.length; k++) {
        sums.y[k] += back.points[40 + k];
        sums.secondY[k] += bend.points[40 + k];
      }
    }
    expect(Math.abs(sums.curvature - gradients.curvature)).toBeLessThan(1e-9 * Math.abs(gradients.curvature));
    for (let k = 0; k < y.length; k += 7) {
      // Five parts, each rounded to float32.
      expect(Math.abs(sums.y[k] - gradients.points[2 * rows + k])).toBeLessThan(1e-4);
      expect(Math.abs(sums.secondY[k] - second.points[2 * rows + k])).toBeLessThan(1e-3);
    }
  });

  describe('whose distance is far below their norms', () => {
    const SHARES = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8];

    /** Ten rows of that norm, and one beside each of the first eight at those shares of it; the last two are the same. */
    function nearRows(dim: number, norm: number, seed: number): { x: Float32Array; y: Float32Array } {
      const rng = new Rng(seed);
      const direction = (length: number) => {
        const v = Array.from({ length: dim }, () => rng.normal());
        const scale = length / Math.hypot(...v);
        return v.map((a) => a * scale);
      };
      const base = Array.from({ length: 10 }, () => direction(norm));
      const beside = base.map((row, i) => {
        const step = direction((SHARES[i] ?? 0) * norm);
        return row.map((a, k) => Math.fround(a) + step[k]);
      });
      return { x: Float32Array.from(base.flat()), y: Float32Array.from(beside.flat()) };
    }

    const DIMS = [2, 19, 128, 700];
    const euclidean = (rows: number[]) => rows.flatMap((norm) => DIMS.map((dim) => ({ norm, dim })));

    it.each(euclidean([1e-3, 1, 1e3]))('are those of float64 differences, of norm $norm in $dim', (at) => {
      const { x, y } = nearRows(at.dim, at.norm, 7);
      const space: Space = { kind: 'euclidean', dim: at.dim };
      const { pairs } = addon();
      const d = pairs.distances({ space, x, y, layout: 'all' });
      for (let i = 0; i < 10; i++) {
        const dy = new Float32Array(100);
        for (let j = 0; j < 10; j++) {
          const difference = Array.from({ length: at.dim }, (_, k) => x[i * at.dim + k] - y[j * at.dim + k]);
          const exact = Math.hypot(...difference);
          expect(Math.abs(d[i * 10 + j] - exact)).toBeLessThanOrEqual(ROUNDED * exact);
          dy.fill(0);
          dy[i * 10 + j] = 1;
          const { points } = pairs.gradients({ space, x, y, layout: 'all' }, dy, false);
          for (let k = 0; k < at.dim; k++) {
            const unit = exact > 0 ? difference[k] / exact : 0;
            // Beside the rounding, P p - P p' of norm 1 loses to the share that p - p' is of p, 1e-8 at the least.
            expect(Math.abs(points[i * at.dim + k] - unit)).toBeLessThan(ROUNDED);
            expect(points[(10 + j) * at.dim + k]).toBeCloseTo(-unit, 6);
          }
        }
      }
    });

    it.each([1e-3, 1, 5, 10, 14])('are those of float64 in a ball, at %s from its middle', (radius) => {
      const dim = 64;
      const space: Space = { kind: 'poincare', dim, curvature: -1 };
      const { x, y } = nearRows(dim, Math.tanh(radius / 2), 8);
      const inside = (rows: Float32Array) => {
        for (let i = 0; i < rows.length; i += dim) {
          const norm = Math.hypot(...rows.subarray(i, i + dim));
          if (norm < 1 - 2e-7) continue;
          for (let k = i; k < i + dim; k++) rows[k] *= (1 - 1e-6) / norm;
        }
        return rows;
      };
      const d = addon().pairs.distances({ space, x: inside(x), y: inside(y), layout: 'all' });
      for (let i = 0; i < 10; i++) {
        for (let j = 0; j < 10; j++) {
          const exact = distance(
            space,
            x.subarray(i * dim, (i + 1) * dim),
            y.subarray(j * dim, (j + 1) * dim),
          );
          // At the rim the float64 defect 1 - |x|² of both sides has its own rounding.
          expect(Math.abs(d[i * 10 + j] - exact)).toBeLessThanOrEqual(ROUNDED * exact);
        }
      }
    });

    it('are 0 between equal points, and so are their gradients', () => {
      for (const space of SPACES) {
        const one = points(space, 1, 9);
        const columns = columnsOf(space);
        const same = Float32Array.from({ length: 40 * columns }, (_, i) => one[i % columns]);
        const call = { space, x: same, y: same, layout: 'all' } as const;
        const { pairs } = addon();
        expect(pairs.distances(call).every((d) => d === 0)).toBe(true);
        // 1 - cos has weights P at 0 too, and rounding leaves a little of P p - P p'.
        if (space.kind === 'cosine') continue;
        expect(pairs.gradients(call, wave(1600), false).points.every((g) => g === 0)).toBe(true);
      }
    });

    it('are exact in a collapsed batch, near a point that is far from the middle', () => {
      const [dim, count] = [32, 40];
      const space: Space = { kind: 'euclidean', dim };
      const rng = new Rng(10);
      const middle = Array.from({ length: dim }, () => 3 + rng.uniform(-1, 1));
      const batch = Float32Array.from(
        { length: count * dim },
        (_, i) => middle[i % dim] + rng.normal() * 1e-5,
      );
      const d = addon().pairs.distances({ space, x: batch, y: batch, layout: 'all' });
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < count; j++) {
          let squared = 0;
          for (let k = 0; k < dim; k++) squared += (batch[i * dim + k] - batch[j * dim + k]) ** 2;
          const exact = Math.sqrt(squared);
          expect(Math.abs(d[i * count + j] - exact)).toBeLessThanOrEqual(ROUNDED * exact);
        }
      }
    });

    it('do not depend on the other pairs', () => {
      const dim = 128;
      const space: Space = { kind: 'euclidean', dim };
      const { x, y } = nearRows(dim, 1, 11);
      const { pairs } = addon();
      const all = pairs.distances({ space, x, y, layout: 'all' });
      for (let i = 0; i < 10; i++) {
        for (let j = 0; j < 10; j++) {
          const row = x.subarray(i * dim, (i + 1) * dim);
          const other = y.subarray(j * dim, (j + 1) * dim);
          expect(pairs.distances({ space, x: row, y: other, layout: 'all' })[0]).toBe(all[i * 10 + j]);
        }
      }
    });
  });

  it.each([1, 3])('of matrices sum up in float32, in their order, on %d threads', (threads) => {
    const length = 3 * 2 ** 14 + 5;
    const parts = [0, 1, 2].map((p) => Float32Array.from({ length }, (_, i) => Math.sin(i * 0.61 + p)));
    const factors = [2.5, -20, 0.1];
    const expected = new Float32Array(length);
    for (let i = 0; i < length; i++) {
      let sum = Math.fround(factors[0] * parts[0][i]);
      for (const p of [1, 2]) sum = Math.fround(sum + Math.fround(Math.fround(factors[p]) * parts[p][i]));
      expected[i] = sum;
    }
    expect(addon().pairs.sum(parts, factors, threads)).toEqual(expected);
    expect(() => addon().pairs.sum([parts[0], parts[1].subarray(1)], [1, 2])).toThrow(/as many values/);
    expect(addon().pairs.sum([new Float32Array(0)], [1])).toHaveLength(0);
  });

  it('refuse lengths that do not fit', () => {
    const space: Space = { kind: 'euclidean', dim: 3 };
    const { pairs } = addon();
    const call = { space, x: wave(6), y: wave(9), layout: 'all' } as const;
    expect(() => pairs.distances({ ...call, x: wave(7) })).toThrow(/a multiple of 3 values/);
    expect(() => pairs.distances({ ...call, layout: 'rows' })).toThrow(/expected 2 rows, got 3/);
    expect(() => pairs.gradients(call, wave(5), false)).toThrow(/pairs dy: expected 6 values/);
    expect(() => pairs.second(call, wave(6), wave(3))).toThrow(/pairs direction: expected 15 values/);
    expect(() => pairs.distances({ ...call, space: { kind: 'star', dim: 1 } })).toThrow(/without a chart/);
  });
});
