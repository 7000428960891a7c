import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { rotateImages } from '../../src/symmetry/rotation.js';

/** float32 holds a grey value of 0..1 to 6e-8; a coordinate off by rounding moves it by as much. */
const ROUNDING = 1e-6;

/** The definition, one pixel at a time, with every neighbour tested against the edge. */
function slowRotation(f: Float32Array, height: number, width: number, angle: number): number[] {
  const at = (r: number, q: number) => (r >= 0 && r < height && q >= 0 && q < width ? f[r * width + q] : 0);
  return Array.from({ length: height * width }, (_, i) => {
    const right = (i % width) - (width - 1) / 2;
    const up = (height - 1) / 2 - Math.floor(i / width);
    const sourceRight = Math.cos(-angle) * right - Math.sin(-angle) * up;
    const sourceUp = Math.sin(-angle) * right + Math.cos(-angle) * up;
    const r = (height - 1) / 2 - sourceUp;
    const q = sourceRight + (width - 1) / 2;
    let value = 0;
    for (const top of [Math.floor(r), Math.floor(r) + 1]) {
      for (const left of [Math.floor(q), Math.floor(q) + 1]) {
        value += (1 - Math.abs(r - top)) * (1 - Math.abs(q - left)) * at(top, left);
      }
    }
    return value;
  });
}

describe('rotateImages', () => {
  it('brings the right edge to the top at a quarter turn', () => {
    const marked = new Uint8Array(9);
    marked[5] = 255;
    const turned = rotateImages(marked, 1, 3, 3, [Math.PI / 2]);
    expect(turned[1]).toBeCloseTo(1, 6);
    expect(turned.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  });

  it('equals the slow definition, each image by its own angle, square or not', () => {
    const rng = new Rng(1);
    for (const [height, width] of [
      [7, 7],
      [6, 9],
      [1, 4],
      [28, 28],
    ]) {
      const size = height * width;
      const angles = [0, 0.1, -2.5, Math.PI, 40, rng.uniform(-3, 3)];
      const pixels = Float32Array.from({ length: angles.length * size }, () => rng.uniform());
      const turned = rotateImages(pixels, angles.length, height, width, angles);
      angles.forEach((angle, i) => {
        const expected = slowRotation(pixels.subarray(i * size, (i + 1) * size), height, width, angle);
        const worst = Math.max(...expected.map((v, k) => Math.abs(turned[i * size + k] - v)));
        expect(worst, `${height} x ${width} by ${angle}`).toBeLessThan(ROUNDING);
      });
    }
  });

  it('divides bytes by 255 and leaves the image at angle 0', () => {
    expect(Array.from(rotateImages(Uint8Array.of(0, 51, 255, 102), 1, 2, 2, [0]))).toEqual(
      [0, 0.2, 1, 0.4].map(Math.fround),
    );
  });

  it('refuses a wrong count of pixels or angles, and a NaN angle', () => {
    expect(() => rotateImages(new Uint8Array(3), 1, 2, 2, [0])).toThrow(ShapeError);
    expect(() => rotateImages(new Uint8Array(4), 1, 2, 2, [])).toThrow(ShapeError);
    expect(() => rotateImages(new Uint8Array(4), 1, 2, 2, [Number.NaN])).toThrow(DomainError);
    expect(rotateImages(new Uint8Array(0), 0, 2, 2, []).length).toBe(0);
  });
});
