import { expectation, ShapeError, UsageError } from '../core/errors.js';
import type { NamedTensor } from '../core/safetensors.js';
import type * as tf from '../engine/tf.js';
import type { EmbeddingTable } from './embeddingTable.js';

/** Moves rows of one embedding table: SparseRiemannianAdam, SparseRiemannianSGD. */
export interface SparseOptimizer {
  /**
   * Moves `rows` of the table against their gradient and leaves all others, points and moments, as they are.
   * @param rows ascending without repeats, as `uniqueRows` gives them
   * @param gradient Euclidean, with respect to `table.gather(rows)`, [rows.length, columns]; stays the caller's
   * @throws UsageError for other rows, ShapeError for another gradient; nothing is changed then
   */
  step(rows: Int32Array, gradient: tf.Tensor2D, learningRate: number): void;
  /** How many points of balls the last step's projection put back: they had come to the rim. */
  rowsAtRim(): Promise<number>;
  /** Everything but the points that decides the next steps; the points are `table.read()`. */
  read(): Promise<NamedTensor[]>;
  /** @throws FormatError unless the arrays have this optimiser's size; nothing is changed then */
  write(tensors: readonly NamedTensor[]): void;
  dispose(): void;
}

export function requireStep(table: EmbeddingTable, rows: Int32Array, gradient: tf.Tensor2D): void {
  for (let k = 0; k < rows.length; k++) {
    // A row that came twice would be moved by one of its gradients alone, whichever is written last.
    if (rows[k] > (k > 0 ? rows[k - 1] : -1) && rows[k] < table.rows) continue;
    const expected = `rows of 0..${table.rows - 1}, ascending, each once`;
    const got = `${rows[k]} at position ${k}`;
    throw new UsageError(expectation(`${table.name} step rows`, expected, got, 'take them from uniqueRows'));
  }
  const [r, columns] = gradient.shape;
  if (r === rows.length && columns === table.columns) return;
  throw new ShapeError(
    expectation(
      `${table.name} step gradient`,
      `shape ${rows.length}x${table.columns}`,
      gradient.shape.join('x'),
      'pass one row for each of rows',
    ),
  );
}
