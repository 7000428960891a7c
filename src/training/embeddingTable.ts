import { requireInteger } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';
import type { NamedTensor } from '../core/safetensors.js';
import { columnsOf, type Space } from '../core/space.js';
import * as tf from '../engine/tf.js';
import { findArray } from './optimizerState.js';

/** The rows that a batch needs: `rows` ascending without repeats, indices[i] = rows[inverse[i]]. */
export interface UniqueRows {
  readonly rows: Int32Array;
  readonly inverse: Int32Array;
}

/** @param indices row numbers, in any order and with repeats */
export function uniqueRows(indices: Int32Array): UniqueRows {
  const rows = Int32Array.from(new Set(indices)).sort();
  const place = new Map<number, number>();
  for (let k = 0; k < rows.length; k++) place.set(rows[k], k);
  return { rows, inverse: indices.map((index) => place.get(index)!) };
}

/**
 * Rows of x in the order of `indices`, differentiable in x on every engine: gradients of a row that is taken several
 * times add up.
 * @param x [r, columns] @param indices int32 [n], each in 0..r-1 @returns [n, columns]
 */
export function gatherRows(x: tf.Tensor2D, indices: tf.Tensor1D): tf.Tensor2D {
  const shape = x.shape;
  const op = tf.customGrad((...args) => {
    const [points, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([indices]);
    return {
      value: tf.gather(points, indices),
      // The gradient that tfjs has for gather needs a kernel that only TensorFlow runs in linear time.
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.scatterND(tf.reshape(saved, [-1, 1]), dy, shape),
    };
  });
  return tf.tidy(() => op(x) as tf.Tensor2D);
}

/**
 * One point of a space for each of many items, for optimisers that move the rows of a batch and leave the others
 * alone. The state is a variable of its own, outside a network's flat parameters.
 */
export class EmbeddingTable {
  /** [rows, columns] */
  readonly points: tf.Variable<tf.Rank.R2>;
  readonly rows: number;
  readonly columns: number;

  /**
   * @param name of the array in checkpoints
   * @param initial points of the space, one a row @throws ShapeError unless it has the columns of the space
   */
  constructor(
    readonly name: string,
    readonly space: Space,
    initial: Matrix,
  ) {
    this.rows = initial.rows;
    this.columns = columnsOf(space);
    if (initial.columns !== this.columns) {
      throw new ShapeError(
        expectation(
          `${name} initial`,
          `${this.columns} columns`,
          initial.columns,
          'pass points of its space',
        ),
      );
    }
    const values = Float32Array.from(initial.data);
    this.points = tf.tidy(() => tf.variable(tf.tensor2d(values, [this.rows, this.columns])));
  }

  /** The points of `rows`, a copy: [rows.length, columns]. @throws UsageError for a row that the table lacks */
  gather(rows: Int32Array): tf.Tensor2D {
    for (const each of rows) requireInteger(each, 0, `${this.name} row`, this.rows - 1);
    return tf.tidy(() => tf.gather(this.points, tf.tensor1d(rows, 'int32')));
  }

  async read(): Promise<NamedTensor[]> {
    const data = (await this.points.data()) as Float32Array;
    return [{ name: this.name, shape: [this.rows, this.columns], data: data.slice() }];
  }

  /** @throws FormatError unless its array is there with its shape; nothing is changed then */
  write(tensors: readonly NamedTensor[]): void {
    const data = findArray(tensors, this.name, this.rows * this.columns);
    tf.tidy(() => this.points.assign(tf.tensor2d(data, [this.rows, this.columns])));
  }

  dispose(): void {
    this.points.dispose();
  }
}
