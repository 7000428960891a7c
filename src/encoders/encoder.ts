import type { ModuleSpec, Pass } from '../engine/network.js';
import type { Features } from '../engine/records.js';
import type * as tf from '../engine/tf.js';

/** Maps images to an invariant code and, where it knows a group, to an equivariant orientation. */
export interface Encoder extends ModuleSpec {
  readonly kind: string;
  readonly height: number;
  readonly width: number;
  /** Columns of the code. */
  readonly codeDim: number;
  /** images [n, height * width] in 0..1. Call inside tidy. */
  encode(pass: Pass, images: tf.Tensor2D): Features;
  /** Frees the constant tables that the encoder keeps on the device. */
  dispose(): void;
}
