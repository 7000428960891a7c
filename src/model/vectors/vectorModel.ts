import { expectation, ShapeError } from '../../core/errors.js';
import { concatColumns, type Matrix32, matrix } from '../../core/matrix.js';
import type { EmbeddedHead } from '../../core/records.js';
import { columnsOf } from '../../core/space.js';
import { mlp } from '../../encoders/mlp.js';
import * as tf from '../../engine/tf.js';
import { HeadedModel } from '../headedModel.js';
import type { OfHeads } from '../mixedLoss.js';
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
export class VectorModel extends HeadedModel<ResolvedVectorConfig> {
  constructor(
    config: ResolvedVectorConfig,
    readonly standardization: Standardization,
  ) {
    super(config, mlp({ columns: standardization.mean.length, hidden: config.encoder.hidden }));
  }

  /** Columns of a vector that it takes. */
  get columns(): number {
    return this.standardization.mean.length;
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
  private infer(part: Float32Array, first: number): OfHeads {
    const { columns } = this;
    const rows = part.length / columns;
    const every = Int32Array.from({ length: rows }, (_, i) => i);
    const values = standardizedRows(part, every, this.standardization, first);
    return tf.scope(() => {
      const pass = this.network.inferencePass();
      const { code } = this.encoder.encode(pass, tf.tensor2d(values, [rows, columns]));
      return this.pointsOf(pass, code);
    });
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
