import { requireFinite, requireLength } from '../../core/checks.js';
import { type Matrix, type Matrix32, matrix, row } from '../../core/matrix.js';
import type { StepEvent } from '../../core/records.js';
import type { Rng } from '../../core/rng.js';
import { spaceFrames } from '../../encoders/groups/frames.js';
import type { SphericalAutoencoder } from '../../encoders/spherical/sphericalAutoencoder.js';
import type { Network } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import { type RotationMatrix, requireRotation } from '../../symmetry/so3/rotationMatrix.js';

const INFERENCE_BATCH = 250;

/** What an encoder makes of signals. */
export interface SphericalCodes {
  /** [n, codeDim], invariant; of a variational encoder the means. */
  readonly codes: Matrix32;
  /** [n, 9]: rotations, row-major, that turn with the signals. */
  readonly frames: Matrix32;
  /** [n, codeDim]; absent where nothing is drawn. */
  readonly logVariances?: Matrix32;
}

/** An autoencoder of spherical signals with its weights. Dispose of it when done: they live on the device. */
export class TrainedSphericalAutoencoder {
  constructor(
    readonly autoencoder: SphericalAutoencoder,
    readonly network: Network,
    readonly history: readonly StepEvent[],
  ) {}

  /** @param signals [n, columns] @throws ShapeError, DomainError (names the row) */
  async encode(signals: Matrix): Promise<SphericalCodes> {
    const { encoder, variational } = this.autoencoder;
    this.requireSignals(signals);
    const [codes, frames, logVariances] = await this.inBatches([signals], ([items]) => {
      const { code, features, logVariance } = encoder.encode(
        this.network.inferencePass(),
        items as tf.Tensor2D,
      );
      const frame = tf.reshape(spaceFrames(features, false), [-1, 9]) as tf.Tensor2D;
      return logVariance ? [code, frame, logVariance] : [code, frame];
    });
    return variational ? { codes, frames, logVariances } : { codes, frames };
  }

  /**
   * What no rotation changes of the signals between the encoder's layers: many more numbers than a code, which training
   * chose to draw the signals well. @param signals [n, columns] @throws as encode
   */
  async invariants(signals: Matrix): Promise<Matrix32> {
    this.requireSignals(signals);
    const { encoder } = this.autoencoder;
    const [found] = await this.inBatches([signals], ([items]) => [
      encoder.invariants(this.network.inferencePass(), items),
    ]);
    return found;
  }

  /**
   * Codes drawn each as its frame says: with the signals' own frames a reconstruction, with any other the same shape in
   * another orientation.
   * @param codes [n, codeDim] @param frames [n, 9], or one rotation for all @returns coefficients [n, columns]
   * @throws ShapeError, DomainError (names the row)
   */
  async decode(codes: Matrix, frames: Matrix | RotationMatrix): Promise<Matrix32> {
    const { encoder, decoder } = this.autoencoder;
    requireLength(codes.columns, encoder.codeDim, 'spherical codes, columns');
    requireFinite(codes.data, codes.columns, 'spherical codes');
    const each = 'rows' in frames ? frames : repeated(frames, codes.rows);
    requireLength(each.rows, codes.rows, 'spherical frames');
    for (let i = 0; i < each.rows; i++) requireRotation(row(each, i), `spherical frame ${i}`);
    const [signals] = await this.inBatches([codes, each], ([code, frame]) => [
      decoder.decode(this.network.inferencePass(), code, tf.reshape(frame, [-1, 3, 3]) as tf.Tensor3D),
    ]);
    return signals;
  }

  /** Signals of codes drawn from the standard normal distribution, which those of a variational encoder are near. */
  sample(count: number, rng: Rng, frame: RotationMatrix): Promise<Matrix32> {
    const { codeDim } = this.autoencoder.encoder;
    const data = Float32Array.from({ length: count * codeDim }, () => rng.normal());
    return this.decode(matrix(data, count, codeDim), frame);
  }

  /** Signals on the line of codes from one to another, both ends included, all in one orientation. @param steps >= 2 */
  interpolate(
    from: ArrayLike<number>,
    to: ArrayLike<number>,
    steps: number,
    frame: RotationMatrix,
  ): Promise<Matrix32> {
    const { codeDim } = this.autoencoder.encoder;
    requireLength(from.length, codeDim, 'interpolate, first code');
    requireLength(to.length, codeDim, 'interpolate, second code');
    const data = Float32Array.from({ length: steps * codeDim }, (_, at) => {
      const share = Math.floor(at / codeDim) / (steps - 1);
      return (1 - share) * from[at % codeDim] + share * to[at % codeDim];
    });
    return this.decode(matrix(data, steps, codeDim), frame);
  }

  dispose(): void {
    this.network.dispose();
    this.autoencoder.dispose();
  }

  private requireSignals(signals: Matrix): void {
    const { columns } = this.autoencoder;
    requireLength(signals.columns, columns, 'spherical signals, columns');
    requireFinite(signals.data, columns, 'spherical signals');
  }

  /** `work` on so many rows of each input at a time; its results one below the other. */
  private async inBatches(
    inputs: readonly Matrix[],
    work: (parts: tf.Tensor2D[]) => tf.Tensor2D[],
  ): Promise<Matrix32[]> {
    const count = inputs[0].rows;
    let whole: Matrix32[] = [];
    for (let from = 0; from < count; from += INFERENCE_BATCH) {
      const rows = Math.min(INFERENCE_BATCH, count - from);
      const results = tf.scope(() => work(inputs.map((input) => tensorOf(input, from, rows))));
      if (from === 0) {
        whole = results.map(({ shape: [, columns] }) =>
          matrix(new Float32Array(count * columns), count, columns),
        );
      }
      for (const [k, result] of results.entries()) {
        whole[k].data.set((await result.data()) as Float32Array, from * whole[k].columns);
      }
      tf.dispose(results);
    }
    return whole;
  }
}

function tensorOf({ data, columns }: Matrix, from: number, rows: number): tf.Tensor2D {
  return tf.tensor2d(Float32Array.from(data.subarray(from * columns, (from + rows) * columns)), [
    rows,
    columns,
  ]);
}

function repeated(frame: RotationMatrix, count: number): Matrix32 {
  return matrix(
    Float32Array.from({ length: 9 * count }, (_, at) => frame[at % 9]),
    count,
    9,
  );
}
