import * as tf from '../engine/tf.js';
import type { EmbeddingTable } from './embeddingTable.js';
import { requireStep } from './sparseOptimizer.js';

/** Variables of one embedding table whose rows are taken, changed and put back together: points and moments. */
export class SparseRows {
  private readonly atRim = tf.tidy(() => tf.variable(tf.scalar(0), false));

  constructor(
    private readonly table: EmbeddingTable,
    /** Each [table.rows, any number of columns]. */
    readonly moments: Readonly<Record<string, tf.Variable<tf.Rank.R2>>>,
  ) {}

  /**
   * Hands the given rows of points and moments to `work` and writes what it returns in their place.
   * @throws UsageError, ShapeError as SparseOptimizer.step
   */
  update(
    rows: Int32Array,
    gradient: tf.Tensor2D,
    work: (points: tf.Tensor2D, moments: Record<string, tf.Tensor2D>) => Moved,
  ): void {
    requireStep(this.table, rows, gradient);
    tf.tidy(() => {
      if (rows.length === 0) {
        this.atRim.assign(tf.scalar(0));
        return;
      }
      const index = tf.tensor1d(rows, 'int32');
      const places = tf.reshape(index, [-1, 1]);
      const put = (variable: tf.Variable<tf.Rank.R2>, values: tf.Tensor2D) =>
        variable.assign(tf.tensorScatterUpdate(variable, places, values) as tf.Tensor2D);
      const entries = Object.entries(this.moments);
      const taken = entries.map(([name, moment]) => [name, tf.gather(moment, index)] as const);
      const moved = work(tf.gather(this.table.points, index), Object.fromEntries(taken));
      put(this.table.points, moved.points);
      for (const [name, moment] of entries) put(moment, moved.moments[name]);
      this.atRim.assign(moved.atRim);
    });
  }

  async rowsAtRim(): Promise<number> {
    return (await this.atRim.data())[0];
  }

  /** @param values of each moment, by name, of its size */
  write(values: Readonly<Record<string, Float32Array>>): void {
    tf.tidy(() => {
      for (const [name, moment] of Object.entries(this.moments)) {
        moment.assign(tf.tensor2d(values[name], moment.shape));
      }
    });
  }

  /** Numbers that each moment has. */
  sizes(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.moments).map(([name, { size }]) => [name, size]));
  }

  dispose(): void {
    tf.dispose([this.atRim, ...Object.values(this.moments)]);
  }
}

export interface Moved {
  readonly points: tf.Tensor2D;
  readonly moments: Readonly<Record<string, tf.Tensor2D>>;
  readonly atRim: tf.Scalar;
}

/** A variable of zeros, [table.rows, columns]. */
export function momentOf(table: EmbeddingTable, columns: number): tf.Variable<tf.Rank.R2> {
  return tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R2>([table.rows, columns]), false));
}
