import { concatColumns, matrix } from '../core/matrix.js';
import type { EmbeddingSet } from '../core/records.js';
import { Rng } from '../core/rng.js';
import { columnsOf, type ProductSpace } from '../core/space.js';
import type { Encoder } from '../encoders/encoder.js';
import { Network, type Pass } from '../engine/network.js';
import type { Features } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { euclideanHead } from '../heads/euclideanHead.js';
import type { Head } from '../heads/head.js';
import { type PoincareHeadOptions, poincareHead } from '../heads/poincareHead.js';
import type { ContrastConfig } from './contrast.js';
import type { OfHeads } from './mixedLoss.js';
import { mixedSpace } from './mixedSpace.js';

const INFERENCE_BATCH = 250;

/** What the config of every model says of its heads. */
export interface HeadedConfig {
  readonly seed: number;
  readonly heads: { readonly euclidean: { readonly dim: number }; readonly poincare: PoincareHeadOptions };
  readonly loss: ContrastConfig & {
    readonly lambda: number | 'balanced';
    readonly temperature: { readonly euclidean: number; readonly poincare: number };
  };
}

/** An encoder, both heads and their weights. Dispose of it when done: weights live on the device. */
export class HeadedModel<C extends HeadedConfig> {
  readonly euclidean: Head;
  readonly poincare: Head;
  readonly network: Network;
  /** Weight of the Poincaré head in the mixed score; set before training when the config says "balanced". */
  lambda: number;

  constructor(
    readonly config: C,
    readonly encoder: Encoder,
  ) {
    const { euclidean, poincare } = config.heads;
    this.euclidean = euclideanHead(encoder.codeDim, euclidean.dim);
    this.poincare = poincareHead(encoder.codeDim, poincare, this.euclidean.tangent);
    this.network = new Network(
      [encoder, this.euclidean, this.poincare],
      new Rng(config.seed).split('weights'),
    );
    this.lambda = config.loss.lambda === 'balanced' ? 1 : config.loss.lambda;
  }

  /** The space of both heads side by side. */
  get space(): ProductSpace {
    return mixedSpace({
      euclidean: this.euclidean,
      poincare: this.poincare,
      lambda: this.lambda,
      temperature: this.config.loss.temperature,
    });
  }

  /** rows [n, columns] as the encoder takes them. Call inside tidy. */
  forward(pass: Pass, rows: tf.Tensor2D): Features & OfHeads {
    const features = this.encoder.encode(pass, rows);
    return { ...features, ...this.pointsOf(pass, features.code) };
  }

  /** code [n, codeDim] -> the points of both heads. Call inside tidy. */
  pointsOf(pass: Pass, code: tf.Tensor2D): OfHeads {
    const points = (head: Head) => head.toPoints(head.tangent(pass, code));
    return { euclidean: points(this.euclidean), poincare: points(this.poincare) };
  }

  /** @param rows whole finite rows, as the encoder takes them */
  protected async embedRows(rows: Float32Array): Promise<EmbeddingSet> {
    const { columns, codeDim } = this.encoder;
    const count = rows.length / columns;
    const code = matrix(new Float32Array(count * codeDim), count, codeDim);
    const heads = [this.euclidean, this.poincare].map(({ name, metric: { space } }) => {
      const width = columnsOf(space);
      return { name, space, matrix: matrix(new Float32Array(count * width), count, width) };
    });
    const orientation = new Float64Array(count);
    let oriented = false;
    for (let from = 0; from < count; from += INFERENCE_BATCH) {
      const some = Math.min(INFERENCE_BATCH, count - from);
      const part = rows.subarray(from * columns, (from + some) * columns);
      const output = tf.scope(() =>
        this.forward(this.network.inferencePass(), tf.tensor2d(part, [some, columns])),
      );
      code.data.set((await output.code.data()) as Float32Array, from * codeDim);
      for (const { name, matrix: points } of heads) {
        const values = await output[name as 'euclidean' | 'poincare'].data();
        points.data.set(values as Float32Array, from * points.columns);
      }
      if (output.orientation) {
        oriented = true;
        const vectors = await output.orientation.data();
        for (let i = 0; i < some; i++) orientation[from + i] = Math.atan2(vectors[2 * i + 1], vectors[2 * i]);
      }
      tf.dispose(Object.values(output));
    }
    const vectors = concatColumns(heads.map((head) => head.matrix));
    return { code, ...(oriented && { orientation }), heads, vectors };
  }

  dispose(): void {
    this.network.dispose();
    this.encoder.dispose();
  }
}
