import { type EnsembleMember, matrix, polarSamplingMatrix } from '../../src/index.js';

const GRID = { radii: 14, angles: 32 };
/** Harmonics of a ring that are kept, from the constant one. */
const HARMONICS = 13;

/** Pixels as they are, compared by cosine. */
export function pixelFloor(pixels: Float32Array, size: number): EnsembleMember {
  return { space: { kind: 'cosine', dim: size }, vectors: matrix(pixels, pixels.length / size, size) };
}

/**
 * Absolute values of the Fourier coefficients of rings about the centre: turning the image shifts the rings, which
 * changes phases alone. Nothing is learned.
 */
export function ringSpectra(pixels: Float32Array, side: number): EnsembleMember {
  const size = side * side;
  const { radii, angles } = GRID;
  const count = pixels.length / size;
  const sampling = polarSamplingMatrix({ height: side, width: side, ...GRID });
  const waves = Array.from({ length: HARMONICS }, (_, f) =>
    Array.from({ length: angles }, (__, a) => (2 * Math.PI * f * a) / angles),
  );
  const dim = radii * HARMONICS;
  const data = new Float32Array(count * dim);
  const polar = new Float64Array(radii * angles);
  for (let i = 0; i < count; i++) {
    polar.fill(0);
    for (let p = 0; p < size; p++) {
      const value = pixels[i * size + p];
      if (value === 0) continue;
      for (let k = 0; k < polar.length; k++) polar[k] += value * sampling.data[p * polar.length + k];
    }
    for (let r = 0; r < radii; r++) {
      const ring = polar.subarray(r * angles, (r + 1) * angles);
      for (const [f, phases] of waves.entries()) {
        const part = (wave: (phase: number) => number) =>
          phases.reduce((sum, phase, a) => sum + ring[a] * wave(phase), 0);
        data[i * dim + r * HARMONICS + f] = Math.hypot(part(Math.cos), part(Math.sin));
      }
    }
  }
  return { space: { kind: 'cosine', dim }, vectors: matrix(data, count, dim) };
}
