import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { polarSamplingMatrix } from '../../src/symmetry/polar.js';
import { rotateImages } from '../../src/symmetry/rotation.js';

const GRID = { height: 15, width: 15, radii: 6, angles: 24 };
const SIZE = GRID.height * GRID.width;
const COLUMNS = GRID.radii * GRID.angles;
const MATRIX = polarSamplingMatrix(GRID);

function polarOf(image: Float32Array): Float64Array {
  const out = new Float64Array(COLUMNS);
  for (let p = 0; p < SIZE; p++) {
    for (let k = 0; k < COLUMNS; k++) out[k] += image[p] * MATRIX.data[p * COLUMNS + k];
  }
  return out;
}

/** Largest difference between the polar image of x turned by s samples and that of x, shifted by s. */
function equivarianceError(image: Float32Array, s: number): number {
  const turned = polarOf(rotateImages(image, 1, 15, 15, [(2 * Math.PI * s) / GRID.angles]));
  const plain = polarOf(image);
  let worst = 0;
  for (let r = 0; r < GRID.radii; r++) {
    for (let a = 0; a < GRID.angles; a++) {
      const from = r * GRID.angles + a;
      const to = r * GRID.angles + ((a + s) % GRID.angles);
      worst = Math.max(worst, Math.abs(turned[to] - plain[from]));
    }
  }
  return worst;
}

describe('polarSamplingMatrix', () => {
  it('has columns that are averages: weights in 0..1 that sum to 1', () => {
    expect([MATRIX.rows, MATRIX.columns]).toEqual([SIZE, COLUMNS]);
    for (let k = 0; k < COLUMNS; k++) {
      let sum = 0;
      for (let p = 0; p < SIZE; p++) sum += MATRIX.data[p * COLUMNS + k];
      expect(sum).toBeCloseTo(1, 6);
    }
    expect(MATRIX.data.every((w) => w >= 0 && w <= 1)).toBe(true);
  });

  it('samples the coordinates themselves exactly: ρ cos φ to the right, ρ sin φ up', () => {
    const right = Float32Array.from({ length: SIZE }, (_, p) => (p % 15) - 7);
    const up = Float32Array.from({ length: SIZE }, (_, p) => 7 - Math.floor(p / 15));
    const x = polarOf(right);
    const y = polarOf(up);
    for (let r = 0; r < GRID.radii; r++) {
      const radius = ((r + 0.5) / GRID.radii) * 7;
      for (let a = 0; a < GRID.angles; a++) {
        const angle = (2 * Math.PI * a) / GRID.angles;
        expect(x[r * GRID.angles + a]).toBeCloseTo(radius * Math.cos(angle), 5);
        expect(y[r * GRID.angles + a]).toBeCloseTo(radius * Math.sin(angle), 5);
      }
    }
  });

  it('turns quarter turns of any image into shifts of the angle', () => {
    const rng = new Rng(3);
    const noise = Float32Array.from({ length: SIZE }, () => rng.uniform());
    // float32 weights and pixels: 6e-8 each, four to a sample.
    for (const s of [0, 6, 12, 18]) expect(equivarianceError(noise, s)).toBeLessThan(1e-6);
  });

  it('turns any turn of a smooth image into a shift, up to interpolation', () => {
    const blob = Float32Array.from({ length: SIZE }, (_, p) => {
      const right = (p % 15) - 9;
      const up = 8 - Math.floor(p / 15);
      return Math.exp(-(right ** 2 + up ** 2) / 18);
    });
    // Bilinear error h²/8 max(f_xx + f_yy) = 1/8 · 2/9, at most, in each of the three interpolations involved.
    for (let s = 1; s < GRID.angles; s++) expect(equivarianceError(blob, s)).toBeLessThan(3 / 36);
  });

  it('stays inside images of one pixel or row', () => {
    for (const [height, width] of [
      [1, 1],
      [1, 5],
      [2, 2],
    ]) {
      const { data } = polarSamplingMatrix({ height, width, radii: 2, angles: 4 });
      for (let k = 0; k < 8; k++) {
        let sum = 0;
        for (let p = 0; p < height * width; p++) sum += data[p * 8 + k];
        expect(sum).toBeCloseTo(1, 6);
      }
    }
  });

  it('refuses an empty grid', () => {
    expect(() => polarSamplingMatrix({ ...GRID, radii: 0 })).toThrow(UsageError);
  });
});
