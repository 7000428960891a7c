import { DomainError, expectation } from '../../core/errors.js';
import { type Matrix32, matrix } from '../../core/matrix.js';
import type { Relation } from '../../core/records.js';
import { Rng } from '../../core/rng.js';
import type { NamedTensor } from '../../core/safetensors.js';
import { columnsOf, type Space } from '../../core/space.js';
import * as tf from '../../engine/tf.js';
import { sampledSoftmax } from '../../losses/contrastive/sampledSoftmax.js';
import { EmbeddingTable, gatherRows } from '../../training/embeddingTable.js';
import { warmupCosine } from '../../training/schedule.js';
import { SparseRiemannianAdam } from '../../training/sparseAdam.js';
import { type ClosureBatch, ClosureBatches, type ClosureBatchesState } from './batches.js';
import { type Chart, chartOf, startRow } from './chart.js';
import { type ClosureConfig, requireClosureConfig } from './config.js';

/** Everything that decides how a training goes on. */
export interface ClosureState {
  /** Steps done. */
  readonly step: number;
  readonly batches: ClosureBatchesState;
  readonly tensors: readonly NamedTensor[];
}

const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
/** Share of the learning rate in the first epochs, as Nickel and Kiela 2017, section 3, have it. */
const BURN_IN_RATE = 0.1;

/**
 * Points for the items of a relation, such that those that an item is related to are nearer to it than all others.
 * Deterministic by `seed` on one engine.
 * @source Nickel and Kiela 2017, arXiv:1705.08039; Nickel and Kiela 2018, arXiv:1806.03417
 */
export class ClosureTraining {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  private readonly chart: Chart;
  private readonly batches: ClosureBatches;
  private readonly table: EmbeddingTable;
  private readonly optimizer: SparseRiemannianAdam;
  private done = 0;

  /** @throws UsageError, DomainError for a config out of range, UsageError for no relation; call after openEngine */
  constructor(
    relation: Relation,
    private readonly config: ClosureConfig,
  ) {
    requireClosureConfig(config);
    const rng = new Rng(config.seed);
    this.chart = chartOf(config);
    this.batches = new ClosureBatches(relation, config, rng.split('batches'));
    this.stepsPerEpoch = this.batches.batchesPerEpoch;
    this.steps = config.epochs * this.stepsPerEpoch;
    const start = startPoints(this.chart, config, relation.offsets.length - 1, rng.split('start'));
    this.table = new EmbeddingTable('closure/parameters', this.chart.parameters, start);
    this.optimizer = new SparseRiemannianAdam(this.table, ADAM);
  }

  /** Steps done so far. */
  get step(): number {
    return this.done;
  }

  /**
   * Goes on for `steps` steps, or as many as are left.
   * @returns mean loss of them, nats a pair; 0 where none is left
   * @throws DomainError if it is not finite
   */
  async run(steps: number): Promise<number> {
    const last = Math.min(this.steps, this.done + steps);
    const count = last - this.done;
    if (count === 0) return 0;
    const sum = tf.tidy(() => tf.variable(tf.scalar(0), false));
    try {
      for (; this.done < last; this.done++) {
        const batch = this.batches.next();
        tf.tidy(() => {
          const { value, grad } = this.gradient(batch);
          this.optimizer.step(batch.rows, grad, this.learningRate());
          sum.assign(tf.add(sum, value));
        });
      }
      const mean = (await sum.data())[0] / count;
      if (!Number.isFinite(mean)) {
        const remedy = 'lower learningRate';
        throw new DomainError(expectation(`closure training, step ${last}`, 'a finite loss', mean, remedy));
      }
      return mean;
    } finally {
      sum.dispose();
    }
  }

  /** All points, offsets shifted so that the least is 0. */
  async embedding(): Promise<{ space: Space; points: Matrix32 }> {
    const { space } = this.chart.metric;
    const points = tf.tidy(() => this.chart.toPoints(this.table.points));
    const data = (await points.data()) as Float32Array;
    points.dispose();
    const columns = columnsOf(space);
    if (this.config.star) {
      let least = Number.POSITIVE_INFINITY;
      for (let i = columns - 1; i < data.length; i += columns) least = Math.min(least, data[i]);
      for (let i = columns - 1; i < data.length; i += columns) data[i] -= least;
    }
    return { space, points: matrix(data.slice(), this.table.rows, columns) };
  }

  async state(): Promise<ClosureState> {
    const tensors = [...(await this.table.read()), ...(await this.optimizer.read())];
    return { step: this.done, batches: this.batches.save(), tensors };
  }

  /** @param state of a training with the same relation and config @throws FormatError for arrays of another size */
  restore({ step, batches, tensors }: ClosureState): void {
    this.table.write(tensors);
    this.optimizer.write(tensors);
    this.batches.restore(batches);
    this.done = step;
  }

  dispose(): void {
    this.table.dispose();
    this.optimizer.dispose();
  }

  private learningRate(): number {
    const { learningRate, burnIn } = this.config;
    const burning = burnIn * this.stepsPerEpoch;
    if (this.done < burning) return learningRate * BURN_IN_RATE;
    return warmupCosine(this.done - burning, { peak: learningRate, warmup: 0, steps: this.steps - burning });
  }

  private gradient(batch: ClosureBatch) {
    const { metric, toPoints } = this.chart;
    const [anchors, negatives, positives, anchorOfPair] = [
      batch.anchors,
      batch.negatives,
      batch.positives,
      batch.anchorOfPair,
    ].map((places) => tf.tensor1d(places, 'int32'));
    const excluded = tf.tensor2d(batch.excluded, [batch.anchors.length, batch.negatives.length]);
    return tf.valueAndGrad((x) => {
      const points = toPoints(x as tf.Tensor2D);
      const u = gatherRows(points, anchors);
      const far = metric.pairwise(u, gatherRows(points, negatives));
      const near = metric.dist(gatherRows(u, anchorOfPair), gatherRows(points, positives));
      return sampledSoftmax(
        { positives: near, negatives: far, anchors: anchorOfPair, excluded },
        this.config.temperature,
      );
    })(this.table.gather(batch.rows)) as { value: tf.Scalar; grad: tf.Tensor2D };
  }
}

function startPoints(
  chart: Chart,
  { star, numbers, startNorm }: ClosureConfig,
  n: number,
  rng: Rng,
): Matrix32 {
  const columns = columnsOf(chart.parameters);
  const data = new Float32Array(n * columns);
  const dim = star ? numbers - 1 : numbers;
  for (let i = 0; i < n; i++) {
    const normals = Float32Array.from({ length: dim }, () => rng.normal());
    data.set(startRow(chart, normals, startNorm), i * columns);
  }
  return matrix(data, n, columns);
}
