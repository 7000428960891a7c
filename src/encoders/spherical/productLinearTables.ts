import * as tf from '../../engine/tf.js';
import type { ChannelProduct, CouplingPlan } from '../../symmetry/so3/channelProduct.js';
import { rowCount } from './signalRows.js';
import { whenAsked } from './whenAsked.js';

/**
 * Constants of a product and the linear map behind it, laid out so that every degree has as many entries: those of the
 * degree that most paths lead to, zeros where there are fewer.
 */
export interface ProductLinearTables {
  /** (l' + 1)² */
  readonly rows: number;
  /** Entries of a row, paths x channels, path by path; of degree 0 those that are no padding. */
  readonly width: number;
  readonly scalarWidth: number;
  onDevice(): DeviceTables;
  dispose(): void;
}

/** Terms with one first factor and one row of the product are a group. */
interface DeviceTables {
  /** [groups] int32: the row of x that is the first factor, and the padded row of the product, row x paths + path. */
  readonly factorOf: tf.Tensor1D;
  readonly rowOf: tf.Tensor1D;
  /** [groups, rows of x]: coefficients of the second factors. */
  readonly couplings: tf.Tensor2D;
  /** [1, rows x width]: 1 / (2l + 1), what a square weighs in the norm of an item; and [rows, 1, 1], negative. */
  readonly squareWeights: tf.Tensor2D;
  readonly negativeWeights: tf.Tensor3D;
  /** [rows, 1, 1] int32: the degree of a row; [degree + 1, rows]: 1 at the rows of a degree. */
  readonly degreeOf: tf.Tensor3D;
  readonly degreeRows: tf.Tensor2D;
  /** [rows, width] int32, and flat: the kernels' row of each entry; of padding, which is zero, any. */
  readonly kernelRows: tf.Tensor2D;
  readonly kernelRowsFlat: tf.Tensor1D;
  /** [rows, width, 1]: 1 at entries of degree 0. */
  readonly ofScalars: tf.Tensor3D;
}

export function productLinearTables(product: ChannelProduct, channels: number): ProductLinearTables {
  const { paths } = product;
  const rows = rowCount(paths.length - 1);
  const most = Math.max(...paths);
  const size = { rows, width: most * channels, scalarWidth: paths[0] * channels };
  const tables = whenAsked(() => deviceTables(product, channels, size));
  return {
    ...size,
    onDevice: tables.get,
    dispose: tables.dispose,
  };
}

function deviceTables(
  { forward, paths }: ChannelProduct,
  channels: number,
  { rows, width, scalarWidth }: { rows: number; width: number; scalarWidth: number },
): DeviceTables {
  const { factorOf, rowOf, couplings } = groupsOf(forward);
  const padded = paddedRows(paths, width / channels);
  const degrees = Int32Array.from({ length: rows }, (_, row) => Math.floor(Math.sqrt(row)));
  const weights = Float32Array.from(degrees, (l) => 1 / (2 * l + 1));
  const kernels = kernelRowsOf(paths, channels, degrees, width);
  return {
    factorOf: tf.tensor1d(factorOf, 'int32'),
    rowOf: tf.tensor1d(
      Int32Array.from(rowOf, (row) => padded[row]),
      'int32',
    ),
    couplings: tf.tensor2d(couplings, [factorOf.length, forward.bRows]),
    squareWeights: tf.tensor2d(
      Float32Array.from({ length: rows * width }, (_, at) => weights[Math.floor(at / width)]),
      [1, rows * width],
    ),
    negativeWeights: tf.tensor3d(
      weights.map((weight) => -weight),
      [rows, 1, 1],
    ),
    degreeOf: tf.tensor3d(degrees, [rows, 1, 1], 'int32'),
    degreeRows: tf.tensor2d(
      Float32Array.from({ length: paths.length * rows }, (_, at) =>
        degrees[at % rows] === Math.floor(at / rows) ? 1 : 0,
      ),
      [paths.length, rows],
    ),
    kernelRows: tf.tensor2d(kernels, [rows, width], 'int32'),
    kernelRowsFlat: tf.tensor1d(kernels, 'int32'),
    ofScalars: tf.tensor3d(
      Float32Array.from({ length: rows * width }, (_, at) => (at < scalarWidth ? 1 : 0)),
      [rows, width, 1],
    ),
  };
}

/** Terms with one row and one first factor stand side by side in a plan. */
function groupsOf({ starts, factors, others, coefficients, bRows }: CouplingPlan) {
  const [factorOf, rowOf, firsts]: [number[], number[], number[]] = [[], [], []];
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let t = starts[row]; t < starts[row + 1]; t++) {
      if (t > starts[row] && factors[t] === factors[t - 1]) continue;
      factorOf.push(factors[t]);
      rowOf.push(row);
      firsts.push(t);
    }
  }
  const couplings = new Float32Array(factorOf.length * bRows);
  firsts.forEach((first, group) => {
    const end = firsts[group + 1] ?? factors.length;
    for (let t = first; t < end; t++) couplings[group * bRows + others[t]] = coefficients[t];
  });
  return { factorOf: Int32Array.from(factorOf), rowOf: Int32Array.from(rowOf), couplings };
}

/** Of each row of a product, which has as many rows a degree as paths lead there, that among `most` a row of signals. */
function paddedRows(paths: readonly number[], most: number): Int32Array {
  const rows: number[] = [];
  paths.forEach((count, l) => {
    for (let m = 0; m <= 2 * l; m++) for (let p = 0; p < count; p++) rows.push((l * l + m) * most + p);
  });
  return Int32Array.from(rows);
}

function kernelRowsOf(
  paths: readonly number[],
  channels: number,
  degrees: Int32Array,
  width: number,
): Int32Array {
  const starts = paths.map((_, l) => channels * paths.slice(0, l).reduce((sum, count) => sum + count, 0));
  const total = channels * paths.reduce((sum, count) => sum + count, 0);
  // Sums by segments wait where many entries go to one row: padding is spread over all.
  const table = Int32Array.from({ length: degrees.length * width }, (_, at) => at % total);
  degrees.forEach((l, row) => {
    for (let k = 0; k < paths[l] * channels; k++) table[row * width + k] = starts[l] + k;
  });
  return table;
}
