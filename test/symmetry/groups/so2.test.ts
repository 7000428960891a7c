import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { so2OnImages, so2OnVectors, wrapAngle } from '../../../src/symmetry/groups/so2.js';

const LAWS = { seed: 7, numRuns: 200 } as const;
/** Angles are below 2π; a few additions and one wrap of them. */
const ROUNDING = 1e-14;

const G = so2OnVectors;
const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
const vector = fc.tuple(
  fc.double({ min: -5, max: 5, noNaN: true }),
  fc.double({ min: -5, max: 5, noNaN: true }),
);

describe('SO(2)', () => {
  it('is a group, with a metric that neither side changes', () => {
    fc.assert(
      fc.property(angle, angle, angle, (f, g, h) => {
        expect(G.distance(G.compose(G.compose(f, g), h), G.compose(f, G.compose(g, h)))).toBeLessThan(
          ROUNDING,
        );
        expect(G.distance(G.compose(f, G.identity), f)).toBeLessThan(ROUNDING);
        expect(G.distance(G.compose(f, G.inverse(f)), G.identity)).toBeLessThan(ROUNDING);
        expect(G.distance(G.compose(f, g), G.compose(f, h))).toBeCloseTo(G.distance(g, h), 13);
        expect(G.distance(g, h)).toBe(G.distance(h, g));
      }),
      LAWS,
    );
  });

  it('acts: g h x = g (h x), and the identity leaves x', () => {
    fc.assert(
      fc.property(angle, angle, vector, (g, h, x) => {
        const together = G.act(G.compose(g, h), x);
        const oneByOne = G.act(g, G.act(h, x));
        for (const k of [0, 1]) expect(together[k]).toBeCloseTo(oneByOne[k], 12);
        for (const k of [0, 1]) expect(G.act(G.identity, x)[k]).toBeCloseTo(x[k], 15);
      }),
      LAWS,
    );
  });

  it('ψ is equivariant: ψ(g x) = g ψ(x)', () => {
    fc.assert(
      fc.property(angle, vector, (g, x) => {
        fc.pre(Math.hypot(...x) > 1e-3);
        const expected = G.compose(g, G.fromFeatures(x));
        expect(G.distance(G.fromFeatures(G.act(g, x)), expected)).toBeLessThan(1e-12);
      }),
      LAWS,
    );
  });

  it('ψ is a quarter turn up, by hand, and some element at zero', () => {
    expect(G.fromFeatures([0, 3])).toBe(Math.PI / 2);
    for (const zero of [
      [0, 0],
      [-0, 0],
      [0, -0],
      [-0, -0],
    ] as const) {
      expect(Number.isFinite(G.fromFeatures(zero))).toBe(true);
    }
  });

  it('ψ refuses NaN and features of another length', () => {
    expect(() => G.fromFeatures([Number.NaN, 1])).toThrow(DomainError);
    expect(() => G.fromFeatures([1, 0, 0])).toThrow(ShapeError);
  });

  it('wraps to (-π, π]', () => {
    expect(wrapAngle(-Math.PI)).toBe(Math.PI);
    expect(wrapAngle(Math.PI)).toBe(Math.PI);
    expect(wrapAngle(7 * Math.PI)).toBeCloseTo(Math.PI, 13);
    expect(wrapAngle(-0.5 - 4 * Math.PI)).toBeCloseTo(-0.5, 13);
  });

  it('draws uniformly: the mean direction of 10,000 elements is short', () => {
    const rng = new Rng(1);
    const sum = [0, 0];
    for (let i = 0; i < 10_000; i++) {
      const g = G.random(rng);
      sum[0] += Math.cos(g) / 10_000;
      sum[1] += Math.sin(g) / 10_000;
    }
    // Each component has standard deviation 0.007; the bound is five of them.
    expect(Math.hypot(...sum)).toBeLessThan(0.035);
  });

  it('quarter turns of square images compose', () => {
    const images = so2OnImages(5, 5);
    const rng = new Rng(2);
    const x = Float32Array.from({ length: 25 }, () => rng.uniform());
    const quarter = Math.PI / 2;
    const twice = images.act(quarter, images.act(quarter, x));
    const half = images.act(images.compose(quarter, quarter), x);
    for (let k = 0; k < 25; k++) expect(twice[k]).toBeCloseTo(half[k], 6);
    for (let k = 0; k < 25; k++) expect(half[k]).toBeCloseTo(x[24 - k], 6);
  });
});
