import type { NamedTensor } from '../core/safetensors.js';
import * as tf from '../engine/tf.js';
import type { Retraction } from '../geometry/riemannianDescent.js';
import type { EmbeddingTable } from './embeddingTable.js';
import { type Motion, motionOn } from './motion.js';
import { findState, readState } from './optimizerState.js';
import { type MomentumOptions, sgdDirection, withMomentumDefaults } from './riemannianSgd.js';
import type { SparseOptimizer } from './sparseOptimizer.js';
import { momentOf, SparseRows } from './sparseRows.js';

export interface SparseSgdOptions extends MomentumOptions {
  /** Default exp. Nickel and Kiela 2017 take firstOrder. */
  readonly retraction?: Retraction;
}

/**
 * Riemannian SGD for a table of which each step touches few rows; only those rows and their momentum are read, moved
 * and written. Momentum is lazy: a row that is left out keeps its own as it was.
 * @source Nickel and Kiela 2017, arXiv:1705.08039, eq. 5, without momentum; Bonnabel 2013, arXiv:1111.5280
 */
export class SparseRiemannianSGD implements SparseOptimizer {
  private readonly motion: Motion;
  private readonly rates: Required<MomentumOptions>;
  private readonly state: SparseRows;

  /** @throws UsageError for a table whose space is no manifold, or rates out of range as RiemannianSGD */
  constructor(table: EmbeddingTable, options: SparseSgdOptions = {}) {
    this.rates = withMomentumDefaults(options);
    this.motion = motionOn(table.space, options.retraction);
    const momentum = this.rates.momentum > 0 ? { momentum: momentOf(table, table.columns) } : undefined;
    this.state = new SparseRows(table, { ...momentum });
  }

  step(rows: Int32Array, euclidean: tf.Tensor2D, learningRate: number): void {
    this.state.update(rows, euclidean, (x, moments) => {
      const { manifold, move, carry } = this.motion;
      const gradient = manifold.egrad2rgrad(x, euclidean);
      if (this.rates.momentum === 0) {
        const step: tf.Tensor2D = tf.mul(gradient, (this.rates.dampening - 1) * learningRate);
        return { ...move(x, step), moments: {} };
      }
      const { momentum, direction } = sgdDirection(moments['momentum'], gradient, this.rates);
      const { points, atRim } = move(x, tf.mul(direction, -learningRate));
      return { points, atRim, moments: { momentum: carry(x, points, momentum) } };
    });
  }

  rowsAtRim(): Promise<number> {
    return this.state.rowsAtRim();
  }

  read(): Promise<NamedTensor[]> {
    return readState('sparseSgd', this.state.moments);
  }

  write(tensors: readonly NamedTensor[]): void {
    this.state.write(findState(tensors, 'sparseSgd', this.state.sizes()));
  }

  dispose(): void {
    this.state.dispose();
  }
}
