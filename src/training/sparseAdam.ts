import type { NamedTensor } from '../core/safetensors.js';
import * as tf from '../engine/tf.js';
import { type Retraction, requireAdamOptions } from '../geometry/riemannianDescent.js';
import { adamStep, movingMean } from './adamRule.js';
import { type AdamRates, unbiased } from './biasCorrection.js';
import type { EmbeddingTable } from './embeddingTable.js';
import { type Motion, motionOn } from './motion.js';
import { findState, readState } from './optimizerState.js';
import type { SparseOptimizer } from './sparseOptimizer.js';
import { momentOf, SparseRows } from './sparseRows.js';

export interface SparseAdamOptions extends AdamRates {
  /** Divides by the largest second moment so far. Default false. */
  readonly amsgrad?: boolean;
  /** Default exp. */
  readonly retraction?: Retraction;
  /**
   * Whose steps the bias corrections count. `row` (default): a row's own, so that it goes as it would alone under
   * Adam. `table`: the table's, as geoopt 0.5 does; a row that is first seen late then starts with a step that is
   * (1 - beta1) / √(1 - beta2) times as long, 3.2 times at rates of 0.9 and 0.999.
   */
  readonly biasCorrection?: 'row' | 'table';
}

/**
 * Riemannian Adam for a table of which each step touches few rows; only those rows and their moments are read, moved
 * and written. Moments are lazy: a row that is left out keeps its own as they were.
 * @source Bécigneul and Ganea 2019, arXiv:1810.00760
 */
export class SparseRiemannianAdam implements SparseOptimizer {
  private readonly motion: Motion;
  private readonly state: SparseRows;
  /** Of each row, or one for the table. */
  private readonly steps: Int32Array;

  /** @throws UsageError for a table whose space is no manifold, DomainError for rates out of range */
  constructor(
    table: EmbeddingTable,
    private readonly options: SparseAdamOptions,
  ) {
    requireAdamOptions(options);
    this.motion = motionOn(table.space, options.retraction);
    this.state = new SparseRows(table, {
      first: momentOf(table, table.columns),
      second: momentOf(table, this.motion.width),
      ...(options.amsgrad && { largest: momentOf(table, this.motion.width) }),
    });
    this.steps = new Int32Array(options.biasCorrection === 'table' ? 1 : table.rows);
  }

  step(rows: Int32Array, euclidean: tf.Tensor2D, learningRate: number): void {
    const { beta1, beta2, amsgrad } = this.options;
    this.state.update(rows, euclidean, (x, moments) => {
      const { manifold, squares, move, carry } = this.motion;
      const gradient = manifold.egrad2rgrad(x, euclidean);
      const first = movingMean(moments['first'], gradient, beta1);
      const second = movingMean(moments['second'], squares(x, gradient), beta2);
      const largest = amsgrad ? (tf.maximum(moments['largest'], second) as tf.Tensor2D) : second;
      const { rate, epsilon } = this.counted(rows, learningRate);
      const { points, atRim } = move(x, tf.neg(adamStep(first, largest, rate, epsilon)));
      return { points, atRim, moments: { first: carry(x, points, first), second, largest } };
    });
  }

  rowsAtRim(): Promise<number> {
    return this.state.rowsAtRim();
  }

  read(): Promise<NamedTensor[]> {
    return readState('sparseAdam', this.state.moments, this.steps);
  }

  write(tensors: readonly NamedTensor[]): void {
    const sizes = { ...this.state.sizes(), steps: this.steps.length };
    const { steps, ...moments } = findState(tensors, 'sparseAdam', sizes);
    this.state.write(moments);
    this.steps.set(steps);
  }

  dispose(): void {
    this.state.dispose();
  }

  /** Counts this step; rate and epsilon of each row, [rows.length, 1], or of all. Powers of beta are float64's. */
  private counted(rows: Int32Array, learningRate: number) {
    if (this.options.biasCorrection === 'table') return unbiased(learningRate, ++this.steps[0], this.options);
    const rates = new Float32Array(rows.length);
    const epsilons = new Float32Array(rows.length);
    for (const [k, row] of rows.entries()) {
      const { rate, epsilon } = unbiased(learningRate, ++this.steps[row], this.options);
      rates[k] = rate;
      epsilons[k] = epsilon;
    }
    const shape: [number, number] = [rows.length, 1];
    return { rate: tf.tensor2d(rates, shape), epsilon: tf.tensor2d(epsilons, shape) };
  }
}
