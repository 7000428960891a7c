import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tree16 } from '../../../experiments/bench/index/sets.js';
import {
  ballOf,
  bandOf,
  buildIndex,
  countPerBand,
  gapTo,
  inOrder,
  leastDistance,
  planBands,
  searchBands,
} from '../../../indices/index.js';
import { row } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { distance } from '../../../src/geometry/distance.js';
import { randomPoints } from '../../native/randomPoints.js';
import { recall } from '../engines.js';

const SPACES: readonly Space[] = [
  { kind: 'poincare', dim: 4, curvature: -1 },
  { kind: 'poincare', dim: 3, curvature: -0.3 },
  { kind: 'stereographic', dim: 5, curvature: -2 },
  { kind: 'lorentz', dim: 4, curvature: -0.6 },
];
/** Of distances of radius: one rounding of coordinates to float32 moves a point by about this at radius 4. */
const RADIUS = 1e-5;

const chord = (x: Float32Array, y: Float32Array) => Math.hypot(...x.map((value, k) => value - y[k]));

describe('ball coordinates', () => {
  it.each(SPACES)('of %o have the radius that the space measures from its origin', (space) => {
    const ball = ballOf(space)!;
    const { data, columns } = randomPoints(space, 50, new Rng(1));
    const origin = new Float32Array(columns);
    if (space.kind === 'lorentz') origin[0] = 1 / Math.sqrt(-space.curvature);
    for (let i = 0; i < 50; i++) {
      const x = data.subarray(i * columns, (i + 1) * columns);
      const r = distance(space, origin, x);
      expect(Math.abs(ball.radius(x) - r)).toBeLessThanOrEqual(RADIUS * Math.max(1, r));
      expect(ball.c * chord(ball.place(x), new Float32Array(ball.columns)) ** 2).toBeLessThan(1);
    }
  });

  it('are not given for flat and spherical spaces and products', () => {
    for (const space of [
      { kind: 'euclidean', dim: 2 },
      { kind: 'sphere', dim: 2, curvature: 1 },
      { kind: 'stereographic', dim: 2, curvature: 0 },
      { kind: 'product', combine: 'sum', factors: [{ space: SPACES[0], weight: 1 }] },
    ] as const) {
      expect(ballOf(space)).toBeUndefined();
    }
  });
});

describe('bands', () => {
  it('hold the radii from their number on, and are asked from the nearest outward', () => {
    const plan = planBands(1, 2);
    expect([0, 1.9, 2, 7].map((r) => bandOf(plan, r))).toEqual([0, 0, 1, 3]);
    expect([0, 1, 2, 3].map((band) => gapTo(plan, band, 3.5))).toEqual([1.5, 0, 0.5, 2.5]);
    expect(inOrder(plan, [0, 1, 2, 3], 3.5)).toEqual([1, 2, 0, 3]);
    expect(planBands(4).width).toBe(0.5);
  });

  it('are asked for k, 2k and 4k where they are 0.5, 1 and 2 wide in units of 1/√c', () => {
    expect([0.1, 0.5, 1, 2].map((width) => countPerBand({ c: 1, width }, 10))).toEqual([10, 10, 20, 40]);
    expect(countPerBand({ c: 4, width: 0.5 }, 10)).toBe(20);
  });

  it('bound the distance of all points that lie as far off by chord, in any space', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 0, max: 3 }), (seed, which) => {
        const space = SPACES[which];
        const ball = ballOf(space)!;
        const points = randomPoints(space, 2, new Rng(seed));
        const [x, y] = [row(points, 0), row(points, 1)];
        const plan = planBands(ball.c);
        const band = bandOf(plan, ball.radius(y));
        const d = distance(space, x, y);
        const apart = chord(ball.place(x), ball.place(y));
        const bound = leastDistance(plan, band, ball.radius(x), apart, ball.rounding);
        expect(bound).toBeLessThanOrEqual(d);
        expect(gapTo(plan, band, ball.radius(x))).toBeLessThanOrEqual(d * (1 + RADIUS));
        // A band's width is what is not known: that factor of cosh, and rounding, at most.
        expect(bound).toBeGreaterThanOrEqual(d - plan.width - 100 * RADIUS);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('a search of bands through exact chords', () => {
  const { space, vectors, queries } = tree16(4000, 2);
  const ball = ballOf(space)!;
  const points = { data: vectors, rows: 4000, columns: 16 };
  const query = (i: number) => queries.subarray(16 * i, 16 * (i + 1));

  async function found(width: number, once: boolean, count: number) {
    const plan = planBands(ball.c, width);
    const bands = new Map<number, number[]>();
    for (let i = 0; i < points.rows; i++) {
      const band = bandOf(plan, ball.radius(row(points, i)));
      bands.set(band, [...(bands.get(band) ?? []), i]);
    }
    const sizes = new Map([...bands].map(([band, rows]) => [band, rows.length]));
    const all = new BigInt64Array(10 * count);
    let asked = 0;
    for (let i = 0; i < count; i++) {
      const x = query(i);
      const near = await searchBands({
        ...{ plan, sizes, radius: ball.radius(x), k: 10, rounding: ball.rounding, once },
        ask(band, wanted) {
          const chords = bands.get(band)!.map((r) => ({ r, apart: chord(x, row(points, r)) }));
          const rows = chords.sort((a, b) => a.apart - b.apart).slice(0, wanted);
          asked += rows.length;
          return { rows: rows.map(({ r }) => r), farthest: rows.at(-1)!.apart };
        },
        measure: (rows) => rows.map((r) => distance(space, x, row(points, r))),
      });
      const ranked = [...near].sort((a, b) => Math.fround(a[1]) - Math.fround(b[1]) || a[0] - b[0]);
      all.set(
        ranked.slice(0, 10).map(([r]) => BigInt(r)),
        10 * i,
      );
    }
    return { ids: all, asked: asked / count };
  }

  it('is exact when it goes on until it knows, whatever the width', async () => {
    const exact = await buildIndex({ space, vectors, engine: 'exact' });
    const truth = (await exact.search(queries.subarray(0, 16 * 30), 10)).ids;
    for (const width of [0.5, 2, 6]) expect((await found(width, false, 30)).ids).toEqual(truth);
    const once = await found(1, true, 30);
    expect(recall(once.ids, truth, 10)).toBeGreaterThanOrEqual(0.99);
    // Pruning by radius spares bands.
    expect(once.asked).toBeLessThan(12 * 20);
  });
});
