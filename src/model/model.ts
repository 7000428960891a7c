import { requireFinite } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { concatColumns, matrix } from '../core/matrix.js';
import type { EmbeddingSet } from '../core/records.js';
import { Rng } from '../core/rng.js';
import { columnsOf, type ProductSpace } from '../core/space.js';
import type { Encoder } from '../encoders/encoder.js';
import { plainCnn } from '../encoders/images/plainCnn.js';
import { polarCnn } from '../encoders/images/polarCnn.js';
import { Network, type Pass } from '../engine/network.js';
import type { Features } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { euclideanHead } from '../heads/euclideanHead.js';
import type { Head } from '../heads/head.js';
import { poincareHead } from '../heads/poincareHead.js';
import type { EncoderConfig, ModelConfig } from './config.js';
import { mixedSpace } from './mixedSpace.js';

const INFERENCE_BATCH = 250;

/** Encoder, heads and their weights. Dispose of it when done: weights live on the device. */
export class Model {
  readonly encoder: Encoder;
  readonly euclidean: Head;
  readonly poincare: Head;
  readonly network: Network;
  /** Weight of the Poincaré head in the mixed score; set before training when the config says "balanced". */
  lambda: number;

  constructor(
    readonly config: ModelConfig,
    readonly height: number,
    readonly width: number,
  ) {
    this.encoder = buildEncoder(config.encoder, height, width);
    const { euclidean, poincare } = config.heads;
    this.euclidean = euclideanHead(this.encoder.codeDim, euclidean.dim);
    this.poincare = poincareHead(this.encoder.codeDim, poincare, this.euclidean.tangent);
    this.network = new Network(
      [this.encoder, this.euclidean, this.poincare],
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

  /** images [n, height * width], 0..1. Call inside tidy. */
  forward(pass: Pass, images: tf.Tensor2D): Features & { euclidean: tf.Tensor2D; poincare: tf.Tensor2D } {
    const features = this.encoder.encode(pass, images);
    const points = (head: Head) => head.toPoints(head.tangent(pass, features.code));
    return { ...features, euclidean: points(this.euclidean), poincare: points(this.poincare) };
  }

  /**
   * @param pixels n images of height x width, row-major, 0..1
   * @throws ShapeError unless whole images, DomainError for NaN (names the image)
   */
  async embed(pixels: Float32Array): Promise<EmbeddingSet> {
    const size = this.height * this.width;
    if (pixels.length === 0 || pixels.length % size !== 0) {
      throw new ShapeError(
        expectation(
          'embed',
          `images of ${this.height} x ${this.width}`,
          `${pixels.length} values`,
          'check the image size',
        ),
      );
    }
    requireFinite(pixels, size, 'embed: image');
    const count = pixels.length / size;
    const { codeDim } = this.encoder;
    const code = matrix(new Float32Array(count * codeDim), count, codeDim);
    const parts = [this.euclidean, this.poincare].map((head) => {
      const columns = columnsOf(head.metric.space);
      return { head, matrix: matrix(new Float32Array(count * columns), count, columns) };
    });
    const orientation = new Float64Array(count);
    let oriented = false;
    for (let from = 0; from < count; from += INFERENCE_BATCH) {
      const rows = Math.min(INFERENCE_BATCH, count - from);
      const output = tf.scope(() =>
        this.forward(
          this.network.inferencePass(),
          tf.tensor2d(pixels.subarray(from * size, (from + rows) * size), [rows, size]),
        ),
      );
      code.data.set((await output.code.data()) as Float32Array, from * codeDim);
      for (const { head, matrix: points } of parts) {
        const values = await output[head.name as 'euclidean' | 'poincare'].data();
        points.data.set(values as Float32Array, from * points.columns);
      }
      if (output.orientation) {
        oriented = true;
        const vectors = await output.orientation.data();
        for (let i = 0; i < rows; i++) orientation[from + i] = Math.atan2(vectors[2 * i + 1], vectors[2 * i]);
      }
      tf.dispose(Object.values(output));
    }
    const heads = parts.map(({ head, matrix: points }) => ({
      name: head.name,
      space: head.metric.space,
      matrix: points,
    }));
    const vectors = concatColumns(heads.map((head) => head.matrix));
    return { code, ...(oriented && { orientation }), heads, vectors };
  }

  dispose(): void {
    this.network.dispose();
    this.encoder.dispose();
  }
}

function buildEncoder(config: EncoderConfig, height: number, width: number): Encoder {
  return config.kind === 'polarCnn'
    ? polarCnn({ ...config, height, width })
    : plainCnn({ ...config, height, width });
}
