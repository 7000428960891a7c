import { expectation, ShapeError } from '../../core/errors.js';
import { concatColumns, type Matrix32, matrix } from '../../core/matrix.js';
import type { EmbeddedHead } from '../../core/records.js';
import { Rng } from '../../core/rng.js';
import { columnsOf, type ProductSpace } from '../../core/space.js';
import type { Encoder } from '../../encoders/encoder.js';
import { mlp } from '../../encoders/mlp.js';
import { Network, type Pass } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import { euclideanHead } from '../../heads/euclideanHead.js';
import type { Head } from '../../heads/head.js';
import { poincareHead } from '../../heads/poincareHead.js';
import { mixedSpace } from '../mixedSpace.js';
import type { ResolvedVectorConfig } from './config.js';
import { type Standardization, standardizedRows } from './standardization.js';

const INFERENCE_BATCH = 1024;

/** Rows that come by and by, as those of core/npyStream do. */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  /** All rows in order, whole rows at a time. */
  chunks(): AsyncIterable<Float32Array> | Iterable<Float32Array>;
}

export interface EmbeddedVectors {
  readonly heads: readonly EmbeddedHead[];
  /** The heads side by side, in the order of the model's space. */
  readonly vectors: Matrix32;
}

/** Both heads over vectors of the user, and their weights. Dispose of it when done: weights live on the device. */
export class VectorModel {
  readonly encoder: Encoder;
  readonly euclidean: Head;
  readonly poincare: Head;
  readonly network: Network;
  /** Weight of the Poincaré head in the mixed score; set before training when the config says "balanced". */
  lambda: number;

  constructor(
    readonly config: ResolvedVectorConfig,
    readonly standardization: Standardization,
  ) {
    this.encoder = mlp({ columns: this.columns, hidden: config.encoder.hidden });
    const { euclidean, poincare } = config.heads;
    this.euclidean = euclideanHead(this.encoder.codeDim, euclidean.dim);
    this.poincare = poincareHead(this.encoder.codeDim, poincare, this.euclidean.tangent);
    this.network = new Network(
      [this.encoder, this.euclidean, this.poincare],
      new Rng(config.seed).split('weights'),
    );
    this.lambda = config.loss.lambda === 'balanced' ? 1 : config.loss.lambda;
  }

  /** Columns of a vector that it takes. */
  get columns(): number {
    return this.standardization.mean.length;
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

  /** Points of both heads; vectors [n, columns], standardised. Call inside tidy. */
  forward(pass: Pass, vectors: tf.Tensor2D): { euclidean: tf.Tensor2D; poincare: tf.Tensor2D } {
    const { code } = this.encoder.encode(pass, vectors);
    const points = (head: Head) => head.toPoints(head.tangent(pass, code));
    return { euclidean: points(this.euclidean), poincare: points(this.poincare) };
  }

  /**
   * @param source rows as they came, not standardised
   * @throws ShapeError for another number of columns or no rows, DomainError naming a row that is not finite or far from
   *   all that trained
   */
  async embed(source: RowSource): Promise<EmbeddedVectors> {
    const { rows, columns } = source;
    if (columns !== this.columns || rows === 0) {
      const expected = `at least one vector of ${this.columns} columns`;
      const remedy = 'pass vectors of the kind that the model was trained on';
      throw new ShapeError(expectation('vectors', expected, `${rows} of ${columns}`, remedy));
    }
    const heads = [this.euclidean, this.poincare].map(({ name, metric: { space } }) => {
      const width = columnsOf(space);
      return { name, space, matrix: matrix(new Float32Array(rows * width), rows, width) };
    });
    let done = 0;
    for await (const chunk of source.chunks()) {
      for (let from = 0; from < chunk.length; from += INFERENCE_BATCH * columns) {
        const part = chunk.subarray(from, from + INFERENCE_BATCH * columns);
        const output = this.infer(part, done);
        const values = await Promise.all([output.euclidean.data(), output.poincare.data()]);
        for (const [h, head] of heads.entries()) head.matrix.data.set(values[h], done * head.matrix.columns);
        tf.dispose([output.euclidean, output.poincare]);
        done += part.length / columns;
      }
    }
    return { heads, vectors: concatColumns(heads.map((head) => head.matrix)) };
  }

  /** @param first the number of the first of these rows */
  private infer(part: Float32Array, first: number): { euclidean: tf.Tensor2D; poincare: tf.Tensor2D } {
    const { columns } = this;
    const rows = part.length / columns;
    const every = Int32Array.from({ length: rows }, (_, i) => i);
    const values = standardizedRows(part, every, this.standardization, first);
    return tf.scope(() => this.forward(this.network.inferencePass(), tf.tensor2d(values, [rows, columns])));
  }

  dispose(): void {
    this.network.dispose();
    this.encoder.dispose();
  }
}

/** The given rows of a matrix, a batch at a time. */
export function rowsOf(vectors: Matrix32, rows: ArrayLike<number>): RowSource {
  const { data, columns } = vectors;
  function* chunks(): Generator<Float32Array> {
    for (let from = 0; from < rows.length; from += INFERENCE_BATCH) {
      const count = Math.min(INFERENCE_BATCH, rows.length - from);
      const chunk = new Float32Array(count * columns);
      for (let i = 0; i < count; i++) {
        const row = rows[from + i];
        chunk.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
      }
      yield chunk;
    }
  }
  return { rows: rows.length, columns, chunks };
}
