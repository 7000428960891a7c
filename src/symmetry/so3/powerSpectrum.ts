import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';
import { type Multiplicities, requireCoefficients } from './degrees.js';

/**
 * Mean over m of c², for each degree and channel: what rotations leave of a single channel at second order.
 * @param coefficients [n, coefficientCount(multiplicities)]
 * @returns [n, Σ_l channels], in the order of the channels
 * @throws ShapeError for another number of columns
 */
export function powerSpectrum(coefficients: Matrix, multiplicities: Multiplicities): Matrix64 {
  requireCoefficients(coefficients.columns, multiplicities, 'powerSpectrum');
  return productsOf(coefficients, multiplicities, (channel) => channel + 1);
}

/**
 * Mean over m of c c' for each degree and pair of channels, c' >= c: all invariants of second order. The power spectrum
 * is its diagonal.
 * @returns [n, Σ_l channels (channels + 1) / 2], pairs (0, 0), (0, 1), .., (1, 1), ..
 * @throws ShapeError for another number of columns
 */
export function crossSpectrum(coefficients: Matrix, multiplicities: Multiplicities): Matrix64 {
  requireCoefficients(coefficients.columns, multiplicities, 'crossSpectrum');
  return productsOf(coefficients, multiplicities, (_, channels) => channels);
}

/** Products of each channel with itself and those after it, up to `end`. */
function productsOf(
  { data, rows, columns }: Matrix,
  multiplicities: Multiplicities,
  end: (channel: number, channels: number) => number,
): Matrix64 {
  const out: number[] = [];
  for (let row = 0; row < rows; row++) {
    let at = row * columns;
    multiplicities.forEach((channels, l) => {
      const size = 2 * l + 1;
      for (let first = 0; first < channels; first++) {
        for (let second = first; second < end(first, channels); second++) {
          let sum = 0;
          for (let m = 0; m < size; m++) sum += data[at + first * size + m] * data[at + second * size + m];
          out.push(sum / size);
        }
      }
      at += channels * size;
    });
  }
  const width = multiplicities.reduce((sum, channels) => {
    for (let channel = 0; channel < channels; channel++) sum += end(channel, channels) - channel;
    return sum;
  }, 0);
  return matrix(Float64Array.from(out), rows, width);
}
