import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { distance } from '../../src/geometry/distance.js';
import * as lorentz from '../../src/geometry/lorentz.js';

interface Case {
  readonly c: number;
  readonly x: number[];
  readonly y: number[];
  /** Tangent at x, of length about 1. */
  readonly v: number[];
  readonly dist: number;
  readonly log: number[];
  readonly transport: number[];
}

const fixture = new URL('./fixtures/hyperboloid.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] };

/** Rounding a coordinate once moves a point by 2^-53 e^r; a few of them, in units of 1/√c. */
const ROUNDINGS = 4 * 2 ** -53;

/** e to the distance from the origin, in 1/√c, of the farther point. */
function magnified({ c, x, y }: Case): number {
  return Math.exp(Math.sqrt(c) * Math.max(lorentz.dist0(x, c), lorentz.dist0(y, c)));
}

const lengthOf = (at: number[], u: ArrayLike<number>, v: number[], c: number) =>
  lorentz.tangentNorm(
    at,
    Float64Array.from(v, (value, k) => u[k] - value),
    c,
  );

describe('against 60 digits, up to 22/√c from the origin', () => {
  it('the distance is good to the rounding of the coordinates', () => {
    for (const one of cases) {
      const off = Math.abs(lorentz.dist(one.x, one.y, one.c) - one.dist);
      expect(off * Math.sqrt(one.c)).toBeLessThanOrEqual(ROUNDINGS * magnified(one));
    }
  });

  it('a distance through the origin, or from it, loses nothing at all', () => {
    const radial = cases.filter((_, i) => [3, 5].includes(i % 6));
    for (const { x, y, c, dist } of radial) {
      expect(Math.abs(lorentz.dist(x, y, c) - dist)).toBeLessThanOrEqual(ROUNDINGS * dist);
    }
  });

  it('the logarithm and the transport are good to that times the stretch on the way', () => {
    for (const one of cases) {
      const { c, x, y, v } = one;
      const limit = ROUNDINGS * magnified(one) * Math.exp(Math.sqrt(c) * one.dist);
      expect(lengthOf(x, lorentz.log(x, y, c), one.log, c) * Math.sqrt(c)).toBeLessThanOrEqual(limit);
      expect(lengthOf(y, lorentz.transport(x, y, v, c), one.transport, c)).toBeLessThanOrEqual(limit);
    }
  });
});

describe('the time of a point', () => {
  it('may be off by rounding: distance, transport and the ball are those of its space part', () => {
    const [x, y] = [lorentz.lift([30, 40], 1), lorentz.lift([50, 1], 1)];
    const off = Float64Array.from(x);
    off[0] *= 1 + 1e-6;
    expect(lorentz.dist(off, y, 1)).toBe(lorentz.dist(x, y, 1));
    const moved = [x, off].map((from) => Array.from(lorentz.transport(from, y, [0.6, 0, 0.75], 1)).slice(1));
    expect(moved[1]).toEqual(moved[0]);
  });

  it('is that of the space part after exp', () => {
    const x = lorentz.lift([1, 2, 3], 0.3);
    const y = lorentz.exp(x, lorentz.log(x, lorentz.lift([2, -1, 40], 0.3), 0.3), 0.3);
    expect(Array.from(y)).toEqual(Array.from(lorentz.project(y, 0.3)));
  });
});

describe('extreme points', () => {
  it('coordinates of 1e150 do not overflow, at a right angle, opposite, or near each other', () => {
    const at = (x: number, y: number) => lorentz.lift([1e150 * x, 1e150 * y], 1);
    // By hand: far out d = ln(4 |x||y| sin²(θ/2)), θ the angle: a quarter circle and half of one.
    const ln = 300 * Math.log(10);
    expect(lorentz.dist(at(1, 0), at(0, 1), 1)).toBeCloseTo(ln + Math.log(2), 11);
    expect(lorentz.dist(at(1, 0), at(-1, 0), 1)).toBeCloseTo(ln + Math.log(4), 11);
    const [near, next] = [2 ** 498, 2 ** 498 * (1 + 2 ** -30)].map((a) => lorentz.lift([a, 0], 1));
    expect(lorentz.dist(near, next, 1) / Math.log1p(2 ** -30)).toBeCloseTo(1, 14);
    expect(lorentz.dist0(at(1, 0), 1)).toBeCloseTo(150 * Math.log(10) + Math.log(2), 11);
  });

  it('points of subnormal squares are the origin', () => {
    const space = { kind: 'lorentz', dim: 2, curvature: -1 } as const;
    expect(distance(space, [1, 1e-160, 0], [1, 0, 0])).toBe(0);
    expect(distance(space, [1, 1e-160, 0], lorentz.lift([0.75, 0], 1))).toBeCloseTo(Math.log(2), 15);
  });

  it('the distance is the same both ways, to the bit', () => {
    for (const { x, y, c } of cases) expect(lorentz.dist(x, y, c)).toBe(lorentz.dist(y, x, c));
  });
});
