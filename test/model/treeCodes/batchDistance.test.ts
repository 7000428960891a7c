import { describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { distance } from '../../../src/geometry/distance.js';
import { type BatchGeometry, batchDistance } from '../../../src/model/treeCodes/batchDistance.js';
import { FLOAT64 } from '../../laws/tolerance.js';

/** Differences of step 1e-5 in float64: 1e-10 from curvature, 1e-10 from rounding, of values up to 50. */
const CENTRAL_DIFFERENCES_64 = 1e-7;
const DIM = 3;
const N = 7;

/** The code as a point of the space that stands for the geometry. */
const points: Record<BatchGeometry, { space: Space; of: (u: Float64Array) => Float64Array }> = {
  euclidean: { space: { kind: 'euclidean', dim: DIM }, of: (u) => u },
  sphere: {
    space: { kind: 'sphere', dim: DIM, curvature: 1 },
    of: (u) => u.map((x) => x / Math.hypot(...u)),
  },
  hyperbolic: {
    space: { kind: 'poincare', dim: DIM, curvature: -1 },
    of: (u) => u.map((x) => (x * Math.tanh(Math.hypot(...u) / 2)) / Math.hypot(...u)),
  },
};

const codesOf = (seed: number) => {
  const rng = new Rng(seed);
  return Float64Array.from({ length: N * DIM }, () => 1.3 * rng.normal());
};
const rows = Int32Array.of(5, 0, 3, 6);

describe.each(['euclidean', 'sphere', 'hyperbolic'] as const)('%s distances of a batch', (geometry) => {
  it('are those of the points that the codes stand for', () => {
    const codes = codesOf(1);
    const { space, of } = points[geometry];
    const batch = batchDistance(geometry, DIM, rows.length);
    batch.load(codes, rows);
    for (let i = 0; i < rows.length; i++) {
      for (let j = 0; j < i; j++) {
        const [x, y] = [i, j].map((k) => of(codes.slice(rows[k] * DIM, (rows[k] + 1) * DIM)));
        expect(Math.abs(batch.value(i, j) - distance(space, x, y))).toBeLessThan(FLOAT64);
      }
    }
  });

  it('have the gradient of a weighted sum over all pairs', () => {
    const codes = codesOf(2);
    const weight = (i: number, j: number) => Math.sin(1 + 3 * i + 7 * j);
    const total = (pull: boolean) => {
      const batch = batchDistance(geometry, DIM, rows.length);
      batch.load(codes, rows);
      let sum = 0;
      for (let i = 0; i < rows.length; i++) {
        for (let j = 0; j < i; j++) {
          sum += weight(i, j) * batch.value(i, j);
          if (pull) batch.pull(i, j, weight(i, j));
        }
      }
      return { sum, gradient: batch.gradient() };
    };
    const { gradient } = total(true);
    const h = 1e-5;
    rows.forEach((row, i) => {
      for (let k = 0; k < DIM; k++) {
        const at = row * DIM + k;
        const value = codes[at];
        codes[at] = value + h;
        const up = total(false).sum;
        codes[at] = value - h;
        const down = total(false).sum;
        codes[at] = value;
        expect(Math.abs(gradient[i * DIM + k] - (up - down) / (2 * h))).toBeLessThan(CENTRAL_DIFFERENCES_64);
      }
    });
  });

  it('pull coincident rows nowhere', () => {
    const codes = Float64Array.of(1, 2, 3, 1, 2, 3);
    const batch = batchDistance(geometry, DIM, 2);
    batch.load(codes, Int32Array.of(0, 1));
    expect(batch.value(1, 0)).toBe(0);
    batch.pull(1, 0, 1);
    expect([...batch.gradient()].every((g) => g === 0)).toBe(true);
  });

  it('forget a gradient with the next load', () => {
    const codes = codesOf(3);
    const batch = batchDistance(geometry, DIM, 2);
    batch.load(codes, rows.subarray(0, 2));
    batch.value(1, 0);
    batch.pull(1, 0, 1);
    expect(batch.gradient().some((g) => g !== 0)).toBe(true);
    batch.load(codes, rows.subarray(0, 2));
    expect(batch.gradient().every((g) => g === 0)).toBe(true);
  });
});

describe('hyperbolic distances of a batch', () => {
  it('hold far out: two codes of length 15 on one ray, 1e-6 apart', () => {
    const batch = batchDistance('hyperbolic', 2, 2);
    batch.load(Float64Array.of(9, 12, 9.0000006, 12.0000008), Int32Array.of(0, 1));
    // Directions of doubles are off by 1e-16, of which sinh 15 makes 2e-10.
    expect(Math.abs(batch.value(1, 0) - 1e-6)).toBeLessThan(1e-9);
  });

  it('pull a code at the origin straight towards the other', () => {
    const batch = batchDistance('hyperbolic', 2, 2);
    batch.load(Float64Array.of(0, 0, 3, 4), Int32Array.of(0, 1));
    expect(batch.value(1, 0)).toBeCloseTo(5, 11);
    batch.pull(1, 0, 1);
    const [x, y, v, w] = batch.gradient();
    expect([x, y, v, w].map((g) => Number(g.toFixed(9)))).toEqual([-0.6, -0.8, 0.6, 0.8]);
  });
});
