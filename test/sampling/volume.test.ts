import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import { type DistanceSource, logVolume, volumeOf } from '../../src/sampling/miners/volume.js';

/** q(r) / q(s). */
const ratio = (source: DistanceSource, r: number, s: number, largest = Math.max(r, s)) => {
  const volume = volumeOf(source, largest);
  return Math.exp(logVolume(volume, r) - logVolume(volume, s));
};
/** Digits behind the point that the rule of 256 nodes and the linear table of volumeOf leave right. */
const CONVOLUTION = 3;

const product = (combine: 'sum' | 'l2', ...spaces: (Space | [Space, number])[]): Space => ({
  kind: 'product',
  combine,
  factors: spaces.map((s) => (Array.isArray(s) ? { space: s[0], weight: s[1] } : { space: s, weight: 1 })),
});
const line: Space = { kind: 'euclidean', dim: 1 };
const flat = (dim: number): Space => ({ kind: 'euclidean', dim });
const hyperbolic = (dim: number, curvature = -1): Space => ({ kind: 'poincare', dim, curvature });

describe('the volume at a distance', () => {
  it('is r^(n - 1), sinh and sin by hand', () => {
    expect(ratio(flat(5), 3, 2)).toBeCloseTo((3 / 2) ** 4, 12);
    expect(ratio(hyperbolic(3, -4), 1, 0.25)).toBeCloseTo((Math.sinh(2) / Math.sinh(0.5)) ** 2, 10);
    expect(ratio({ kind: 'lorentz', dim: 3, curvature: -1 }, 1, 2)).toBeCloseTo(
      (Math.sinh(1) / Math.sinh(2)) ** 2,
      12,
    );
    expect(ratio({ kind: 'sphere', dim: 3, curvature: 0.25 }, 4, 1)).toBeCloseTo(
      Math.sin(2) / Math.sin(0.5),
      12,
    );
    expect(ratio({ kind: 'stereographic', dim: 3, curvature: 0 }, 4, 1)).toBeCloseTo(16, 12);
    expect(ratio({ kind: 'star', dim: 1 }, 4, 1)).toBe(1);
  });

  it('of chords and cosines is that of the arcs they stand for', () => {
    // q is a density: of arcs it is q of chords times d chord / d arc = cos(arc / 2), of cosines times sin(arc).
    const arc = (t: number) => ratio({ kind: 'sphere', dim: 7, curvature: 1 }, t, 1);
    for (const t of [0.2, 1.5, 2.9]) {
      const chord = ratio({ kind: 'chord', dim: 7 }, 2 * Math.sin(t / 2), 2 * Math.sin(0.5));
      expect((chord * Math.cos(t / 2)) / Math.cos(0.5)).toBeCloseTo(arc(t), 10);
      const cosine = ratio({ kind: 'cosine', dim: 7 }, 1 - Math.cos(t), 1 - Math.cos(1));
      expect((cosine * Math.sin(t)) / Math.sin(1)).toBeCloseTo(arc(t), 10);
    }
  });

  it('is finite where sinh is not, and gone where the sphere ends', () => {
    const far = volumeOf(hyperbolic(100), 1000);
    expect(logVolume(far, 1000) - logVolume(far, 999)).toBeCloseTo(99, 9);
    const sphere = volumeOf({ kind: 'sphere', dim: 4, curvature: 1 }, 4);
    expect(logVolume(sphere, 3.2)).toBe(Number.NEGATIVE_INFINITY);
    expect(logVolume(volumeOf({ kind: 'chord', dim: 4 }, 2), 2)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('of a product is that of Euclidean space where its factors are Euclidean', () => {
    for (const [r, s] of [
      [1, 2],
      [0.3, 5],
    ]) {
      expect(ratio(product('l2', line, line), r, s)).toBeCloseTo(r / s, 9);
      expect(Math.log(ratio(product('l2', flat(2), flat(3), flat(4)), r, s))).toBeCloseTo(
        8 * Math.log(r / s),
        9,
      );
      expect(ratio(product('sum', line, line), r, s)).toBeCloseTo(r / s, 9);
      expect(ratio(product('l2', [flat(2), 9], [line, 0.25]), r, s)).toBeCloseTo((r / s) ** 2, 9);
    }
  });

  it('of a product with a curved factor is the convolution, by hand', () => {
    // Hyperbolic plane and a line, sum: ∫ sinh t dt over 0..r = cosh r - 1.
    expect(ratio(product('sum', hyperbolic(2), line), 3, 1)).toBeCloseTo(
      (Math.cosh(3) - 1) / (Math.cosh(1) - 1),
      CONVOLUTION,
    );
    // With weights 2 and 3: ∫ sinh(t / 2) dt over 0..r.
    expect(ratio(product('sum', [hyperbolic(2), 2], [line, 3]), 3, 1)).toBeCloseTo(
      (Math.cosh(1.5) - 1) / (Math.cosh(0.5) - 1),
      CONVOLUTION,
    );
    // Hyperbolic 3-space and a line, l2: r ∫ sinh²(r cos φ) dφ, here by its series r Σ (2r)^2k / (2 (2k)!) mean cos^2k.
    const series = (r: number) => {
      let sum = 0;
      let term = 1;
      for (let k = 1; k < 40; k++) {
        term *= ((2 * r) ** 2 / (2 * k * (2 * k - 1))) * ((2 * k - 1) / (2 * k));
        sum += term;
      }
      return r * sum;
    };
    expect(ratio(product('l2', hyperbolic(3), line), 2, 1)).toBeCloseTo(series(2) / series(1), CONVOLUTION);
    expect(ratio(product('l2', line, hyperbolic(3)), 2, 1, 4)).toBeCloseTo(
      series(2) / series(1),
      CONVOLUTION,
    );
  });

  it('of a product of one factor is that factor’s', () => {
    expect(ratio(product('sum', [hyperbolic(3), 2]), 3, 1)).toBeCloseTo(ratio(hyperbolic(3), 1.5, 0.5), 12);
    expect(ratio(product('l2', [hyperbolic(3), 4]), 3, 1)).toBeCloseTo(ratio(hyperbolic(3), 1.5, 0.5), 12);
  });

  it('is refused for an inner product and for spheres that are two points', () => {
    expect(() => volumeOf({ kind: 'innerProduct', dim: 3 }, 1)).toThrow(UsageError);
    expect(() => volumeOf({ kind: 'sphere', dim: 1, curvature: 1 }, 1)).toThrow(UsageError);
    expect(() => volumeOf({ kind: 'chord', dim: 1 }, 1)).toThrow(/at least 2 columns, got 1/);
    expect(() => volumeOf(product('sum', line, { kind: 'innerProduct', dim: 3 }), 1)).toThrow(UsageError);
  });
});
