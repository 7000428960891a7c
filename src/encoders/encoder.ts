import type { ModuleSpec, Pass } from '../engine/network.js';
import type { Features } from '../engine/records.js';
import type * as tf from '../engine/tf.js';

/** Maps items, one a row, to an invariant code and, where it knows a group, to an equivariant orientation. */
export interface Encoder extends ModuleSpec {
  readonly kind: string;
  /** Numbers of an item: height * width of a grey image. */
  readonly columns: number;
  /** Columns of the code. */
  readonly codeDim: number;
  /** rows [n, columns]; grey images in 0..1. Call inside tidy. */
  encode(pass: Pass, rows: tf.Tensor2D): Features;
  /** Frees the constant tables that the encoder keeps on the device. */
  dispose(): void;
}
