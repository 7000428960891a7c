import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DomainError, FormatError, ShapeError, UsageError } from '../../src/core/errors.js';
import { formatNpy, type NpyData } from '../../src/core/npy.js';
import type { LabelledImages } from '../../src/core/records.js';
import { Rng } from '../../src/core/rng.js';
import { readImages } from '../../src/data/images.js';
import { turnRandomly } from '../../src/data/rotate.js';
import { rotateImages } from '../../src/symmetry/rotation.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

function saved(data: NpyData, shape: number[]): string {
  const path = join(folder, 'x.npy');
  writeFileSync(path, formatNpy({ data, shape }));
  return path;
}

describe('readImages', () => {
  it('divides uint8 by 255 and takes float32 as it is', () => {
    expect(readImages(saved(Uint8Array.of(0, 51, 102, 255), [2, 1, 2]))).toEqual({
      pixels: Float32Array.of(0, 0.2, 0.4, 1),
      count: 2,
      height: 1,
      width: 2,
    });
    expect(Array.from(readImages(saved(Float32Array.of(0, 0.5), [1, 2, 1])).pixels)).toEqual([0, 0.5]);
    expect(readImages(saved(new Float32Array(0), [0, 28, 28])).count).toBe(0);
  });

  it('refuses other shapes and element types', () => {
    expect(() => readImages(saved(new Uint8Array(4), [2, 2]))).toThrow(
      /shape \[n, height, width\], got "\[2, 2\]"/,
    );
    expect(() => readImages(saved(new Uint8Array(0), [3, 0, 2]))).toThrow(ShapeError);
    expect(() => readImages(saved(new Float64Array(4), [1, 2, 2]))).toThrow(ShapeError);
  });

  it('names the image with a value outside 0..1, NaN included', () => {
    for (const bad of [-0.01, 1.01, 255, Number.NaN]) {
      const path = saved(Float32Array.of(0, 0, 0, bad), [2, 1, 2]);
      expect(() => readImages(path)).toThrow(DomainError);
      expect(() => readImages(path)).toThrow(/image 1: expected grey values in 0..1/);
    }
  });

  it('refuses a missing file and one that is not .npy', () => {
    expect(() => readImages(join(folder, 'none.npy'))).toThrow(UsageError);
    const path = join(folder, 'text.npy');
    writeFileSync(path, 'no array');
    expect(() => readImages(path)).toThrow(FormatError);
  });
});

describe('turnRandomly', () => {
  const images: LabelledImages = {
    pixels: Uint8Array.from({ length: 3 * 25 }, (_, i) => (i * 37) % 256),
    labels: Uint8Array.of(0, 1, 2),
    count: 3,
    height: 5,
    width: 5,
  };

  it('turns each image by the angle that it reports, another for each', () => {
    const { pixels, angles } = turnRandomly(images, new Rng(1));
    expect(pixels).toEqual(rotateImages(images.pixels, 3, 5, 5, angles));
    expect(new Set(angles).size).toBe(3);
    expect(angles.every((angle) => angle >= -Math.PI && angle < Math.PI)).toBe(true);
  });

  it('is the same again from the same seed', () => {
    expect(turnRandomly(images, new Rng(5))).toEqual(turnRandomly(images, new Rng(5)));
    expect(turnRandomly(images, new Rng(5)).angles).not.toEqual(turnRandomly(images, new Rng(6)).angles);
  });
});
