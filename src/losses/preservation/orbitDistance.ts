import * as tf from '../../engine/tf.js';
import { polarSamplingMatrix } from '../../symmetry/polar.js';

export interface OrbitDistanceOptions {
  readonly height: number;
  readonly width: number;
  readonly radii: number;
  readonly angles: number;
}

/**
 * The distance that means something for images that may be turned: min over g of |x - g y|, g through the `angles`
 * turns of the polar grid, each ring weighted by its radius (its share of the area). The twin on arrays, in float64,
 * is src/symmetry/orbitDistance.ts.
 */
export interface TensorOrbitDistance {
  /** images [n, height * width] -> [n, n]. Call inside tidy. */
  pairwise(images: tf.Tensor2D): tf.Tensor2D;
  dispose(): void;
}

/**
 * Correlations with all turns at once: the angle axis in frequency space, one product a frequency, and one more back.
 */
export function tensorOrbitDistance(options: OrbitDistanceOptions): TensorOrbitDistance {
  const { radii, angles } = options;
  const frequencies = Math.floor(angles / 2) + 1;
  const { toSpectrum, toQuadrature, toTurns } = tf.tidy(() => {
    const tables = {
      toSpectrum: tf.tensor2d(spectrumTable(options, frequencies, false), [
        options.height * options.width,
        frequencies * 2 * radii,
      ]),
      toQuadrature: tf.tensor2d(spectrumTable(options, frequencies, true), [
        options.height * options.width,
        frequencies * 2 * radii,
      ]),
      toTurns: tf.tensor2d(turnTable(angles, frequencies), [2 * frequencies, angles]),
    };
    for (const table of Object.values(tables)) tf.keep(table);
    return tables;
  });

  return {
    pairwise(images) {
      const n = images.shape[0];
      const byFrequency = (table: tf.Tensor2D) =>
        tf.transpose(tf.reshape(tf.matMul(images, table), [n, frequencies, 2 * radii]), [1, 0, 2]);
      const spectrum = byFrequency(toSpectrum);
      const real = tf.matMul(spectrum, spectrum, false, true);
      const imaginary = tf.matMul(byFrequency(toQuadrature), spectrum, false, true);
      const cross = tf.reshape(tf.concat([real, imaginary]), [2 * frequencies, n * n]) as tf.Tensor2D;
      const best = tf.reshape(tf.max(tf.matMul(cross, toTurns, true), 1), [n, n]) as tf.Tensor2D;
      // Σ_turns of the auto-correlation at turn 0: Parseval over the same tables.
      const weights = tf.reshape(tf.slice(toTurns, [0, 0], [frequencies, 1]), [frequencies, 1, 1]);
      const energy = tf.sum(tf.mul(tf.square(spectrum), weights), [0, 2]);
      const squared = tf.sub(tf.add(tf.expandDims(energy, 1), tf.expandDims(energy, 0)), tf.mul(best, 2));
      return tf.sqrt(tf.relu(squared)) as tf.Tensor2D;
    },
    dispose: () => tf.dispose([toSpectrum, toQuadrature, toTurns]),
  };
}

/**
 * [pixels, frequency x (real rings, imaginary rings)]: polar sampling and Fourier transform of the angle in one table;
 * `quadrature` gives (imaginary, -real) instead.
 */
function spectrumTable(
  options: OrbitDistanceOptions,
  frequencies: number,
  quadrature: boolean,
): Float32Array {
  const { height, width, radii, angles } = options;
  const sampling = polarSamplingMatrix(options).data;
  const pixels = height * width;
  const table = new Float32Array(pixels * frequencies * 2 * radii);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let r = 0; r < radii; r++) {
      const weight = Math.sqrt(r + 0.5);
      for (let a = 0; a < angles; a++) {
        const value = sampling[pixel * radii * angles + r * angles + a] * weight;
        if (value === 0) continue;
        for (let f = 0; f < frequencies; f++) {
          const phase = (2 * Math.PI * f * a) / angles;
          const re = value * Math.cos(phase);
          const im = -value * Math.sin(phase);
          const at = (pixel * frequencies + f) * 2 * radii + r;
          table[at] += quadrature ? im : re;
          table[at + radii] += quadrature ? -re : im;
        }
      }
    }
  }
  return table;
}

/** [2 frequencies, turns]: inverse Fourier transform of the cross spectrum's real and imaginary parts. */
function turnTable(angles: number, frequencies: number): Float32Array {
  const table = new Float32Array(2 * frequencies * angles);
  for (let f = 0; f < frequencies; f++) {
    const twice = f === 0 || 2 * f === angles ? 1 : 2;
    for (let k = 0; k < angles; k++) {
      const phase = (2 * Math.PI * f * k) / angles;
      table[f * angles + k] = (twice * Math.cos(phase)) / angles;
      table[(frequencies + f) * angles + k] = (-twice * Math.sin(phase)) / angles;
    }
  }
  return table;
}
