import { requireInteger } from '../../core/checks.js';
import type { ModuleSpec, Pass } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import { requireDegree } from '../../symmetry/so3/degrees.js';

/**
 * What signals on the sphere are on tensors: rows [(degree + 1)², channels, batch], coefficient (l, m) of every channel of
 * every item at row l² + l + m. Products of coefficients are then products of rows, and a degree is a slice.
 */
export interface SignalShape {
  /** Highest degree, 0..20. */
  readonly degree: number;
  readonly channels: number;
}

/** A map of signals that commutes with rotations. */
export interface SignalLayer extends ModuleSpec {
  readonly output: SignalShape;
  /** Rows of the shape that the layer was made for -> rows of `output`. Call inside tidy. */
  apply(pass: Pass, rows: tf.Tensor3D): tf.Tensor3D;
  /** Frees the constant tables that the layer keeps on the device. */
  dispose(): void;
}

export const rowCount = (degree: number): number => (degree + 1) ** 2;

/** @throws UsageError naming a degree above the tables or a number of channels below 1 */
export function requireSignal({ degree, channels }: SignalShape, who: string): void {
  requireDegree(degree, `${who} degree`);
  requireInteger(channels, 1, `${who} channels`);
}

/** Constant tensors of one shape of signals, kept on the device. */
export interface RowTables {
  /** [rows] int32: the degree of each row. */
  readonly degrees: tf.Tensor1D;
  /** [rows, 1, 1]: 1 at the row of degree 0. */
  readonly scalar: tf.Tensor3D;
  /** [degree + 1, rows]: means over the rows of each degree. */
  readonly means: tf.Tensor2D;
  /** [degree + 1, 1]: rows of each degree. */
  readonly sizes: tf.Tensor2D;
  dispose(): void;
}

export function rowTables(degree: number): RowTables {
  const rows = rowCount(degree);
  const degrees = Int32Array.from({ length: rows }, (_, row) => Math.floor(Math.sqrt(row)));
  const means = new Float32Array((degree + 1) * rows);
  degrees.forEach((l, row) => {
    means[l * rows + row] = 1 / (2 * l + 1);
  });
  const scalar = Float32Array.from(degrees, (_, row) => (row === 0 ? 1 : 0));
  const tables = tf.tidy(() => ({
    degrees: tf.keep(tf.tensor1d(degrees, 'int32')),
    scalar: tf.keep(tf.tensor3d(scalar, [rows, 1, 1])),
    means: tf.keep(tf.tensor2d(means, [degree + 1, rows])),
    sizes: tf.keep(
      tf.tensor2d(
        Array.from({ length: degree + 1 }, (_, l) => 2 * l + 1),
        [degree + 1, 1],
      ),
    ),
  }));
  return { ...tables, dispose: () => tf.dispose(Object.values(tables)) };
}

/** A number for each degree and channel, [degree + 1, channels], at each of the degree's rows: [rows, channels, 1]. */
export function spreadOverRows(byDegree: tf.Tensor2D, { degrees }: RowTables): tf.Tensor3D {
  return tf.expandDims(tf.gather(byDegree, degrees), 2);
}
