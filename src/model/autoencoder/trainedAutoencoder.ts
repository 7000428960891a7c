import { requireFinite, requireLength } from '../../core/checks.js';
import { type Matrix, type Matrix32, matrix } from '../../core/matrix.js';
import type { StepEvent } from '../../core/records.js';
import type { InvariantAutoencoder, Reconstruction } from '../../encoders/invariantAutoencoder.js';
import type { Network } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';

const INFERENCE_BATCH = 250;

/** An autoencoder with its weights. Dispose of it when done: they live on the device. */
export class TrainedAutoencoder<X, F, G> {
  constructor(
    readonly autoencoder: InvariantAutoencoder<X, F, G>,
    readonly network: Network,
    readonly history: readonly StepEvent[],
  ) {}

  /** Invariant codes [n, codeDim] of items [n, columns]. @throws ShapeError, DomainError (names the row) */
  async codes(rows: Matrix): Promise<Matrix32> {
    const parts: Float32Array[] = [];
    await this.each(
      rows,
      ({ code }) => ({ code }),
      async ({ code }) => {
        parts.push((await code.data()) as Float32Array);
      },
    );
    const { codeDim } = this.autoencoder.encoder;
    const data = new Float32Array(rows.rows * codeDim);
    let at = 0;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    return matrix(data, rows.rows, codeDim);
  }

  /**
   * What `look` makes of the reconstruction of each batch of rows, in order; its tensors are disposed of after `use`.
   * @throws ShapeError, DomainError (names the row)
   */
  async each<R extends object>(
    rows: Matrix,
    look: (reconstruction: Reconstruction<X, G>, x: X) => R,
    use: (result: R, from: number, count: number) => void | Promise<void>,
  ): Promise<void> {
    const { layout } = this.autoencoder;
    requireLength(rows.columns, layout.columns, 'autoencoder rows');
    requireFinite(rows.data, rows.columns, 'autoencoder rows');
    for (let from = 0; from < rows.rows; from += INFERENCE_BATCH) {
      const count = Math.min(INFERENCE_BATCH, rows.rows - from);
      const values = Float32Array.from(
        rows.data.subarray(from * rows.columns, (from + count) * rows.columns),
      );
      const result = tf.scope(() => {
        const x = layout.unpack(tf.tensor2d(values, [count, rows.columns]));
        return look(this.autoencoder.reconstruct(this.network.inferencePass(), x, 1), x);
      });
      try {
        await use(result, from, count);
      } finally {
        tf.dispose(result as tf.TensorContainer);
      }
    }
  }

  dispose(): void {
    this.network.dispose();
    this.autoencoder.dispose();
  }
}
