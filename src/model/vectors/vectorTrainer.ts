import { isDeepStrictEqual } from 'node:util';
import type { TrainingState } from '../../checkpoint/trainingState.js';
import { expectation, UsageError } from '../../core/errors.js';
import { sha256 } from '../../core/files.js';
import type { Matrix32 } from '../../core/matrix.js';
import type { StepEvent } from '../../core/records.js';
import { Rng } from '../../core/rng.js';
import type { NamedTensor } from '../../core/safetensors.js';
import type { Space } from '../../core/space.js';
import type { Batch } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { AdamW } from '../../training/adamW.js';
import { trainingLoop } from '../../training/loop.js';
import { warmupCosine } from '../../training/schedule.js';
import { balancedLambda } from '../balance.js';
import { headDistances, mixedLoss } from '../mixedLoss.js';
import { VectorBatches } from './batches.js';
import type { ResolvedVectorConfig } from './config.js';
import { type Parts, sampleOf } from './split.js';
import { standardizationOf, standardizedRows } from './standardization.js';
import { rowsOf, VectorModel } from './vectorModel.js';

/** Vectors of the user, one a row, and a class of each: whole numbers 0.. without gaps. */
export interface LabelledVectors {
  readonly vectors: Matrix32;
  readonly classes: Int32Array;
}

/** How good a retrieval is, larger is better: of each vector among the others. */
export type RetrievalScore = (space: Space, vectors: Matrix32, classes: Int32Array) => Promise<number>;

export interface VectorRunOptions {
  /** What the validation part is looked at with: MAP@R for `gyrometric train`. */
  readonly score: RetrievalScore;
  readonly onEvent?: ((event: StepEvent) => void) | undefined;
  /** Called after every look at the validation part but the last, and before the signal's reason is thrown. */
  readonly onState?: ((state: TrainingState) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The best look at the validation part so far. */
export interface BestLook {
  readonly step: number;
  readonly score: number;
}

/** Items of the validation part that are looked at; each with all others, so the cost grows with the square. */
export const MOST_LOOKED_AT = 2000;
/** Before the names of the best weights in a saved state. */
const BEST = 'best/';

interface SavedProgress {
  readonly fingerprint: string;
  readonly best: BestLook;
  readonly items: number;
}

/** A training of both heads on vectors under way: the model and everything that decides its next step. */
export class VectorTrainer {
  readonly model: VectorModel;
  readonly batches: VectorBatches;
  /** Rows of the validation part that are looked at. */
  readonly looked: Int32Array;
  private readonly optimizer: AdamW;
  private readonly rng: Rng;
  private readonly events: StepEvent[] = [];
  private readonly fingerprint: string;
  private best: BestLook & { readonly tensors: readonly NamedTensor[] } = { step: 0, score: -1, tensors: [] };
  private step = 0;
  /** Drawn so far. */
  private items = 0;
  private secondsBefore = 0;

  /** @throws UsageError when the part that trains has no pair of a class, or all its vectors are equal */
  constructor(
    readonly config: ResolvedVectorConfig,
    private readonly data: LabelledVectors,
    parts: Parts,
    private readonly engine: string,
  ) {
    const { vectors, classes } = data;
    this.rng = new Rng(config.seed);
    this.batches = new VectorBatches(parts.train, classes, config.training, this.rng.split('batches'));
    this.looked = sampleOf(parts.validation, classes, MOST_LOOKED_AT, this.rng.split('validation'));
    const standardization = standardizationOf(vectors, parts.train);
    const { mean, deviation } = standardization;
    this.fingerprint = sha256(new Uint8Array(Float32Array.of(vectors.rows, ...mean, ...deviation).buffer));
    this.model = new VectorModel(config, standardization);
    this.optimizer = new AdamW(this.model.network.parameters, { epsilon: 1e-8, ...config.training });
  }

  get history(): readonly StepEvent[] {
    return this.events;
  }

  get bestLook(): BestLook {
    const { step, score } = this.best;
    return { step, score };
  }

  /** Everything that `restore` needs to go on from here. */
  async state(): Promise<TrainingState> {
    const { tensors, ...best } = this.best;
    return {
      step: this.step,
      seconds: this.secondsBefore,
      engine: this.engine,
      config: this.config,
      lambda: this.model.lambda,
      history: [...this.events],
      // Nothing is turned, and batches are drawn by their number: both follow from the seed.
      turns: this.rng.save(),
      sampler: { fingerprint: this.fingerprint, best, items: this.items },
      tensors: [
        ...(await this.model.network.parameters.read()),
        ...(await this.optimizer.read()),
        ...tensors.map((tensor) => ({ ...tensor, name: `${BEST}${tensor.name}` })),
      ],
    };
  }

  /**
   * Goes on where `state` was taken: the next steps are those that an uninterrupted training would have made.
   * @throws UsageError when the state belongs to another config or other vectors, FormatError when arrays are missing
   */
  restore(state: TrainingState): void {
    requireSame('config', state.config, JSON.parse(JSON.stringify(this.config)));
    const { fingerprint, best, items } = state.sampler as SavedProgress;
    requireSame('vectors', fingerprint, this.fingerprint);
    this.model.network.parameters.write(state.tensors, 'training state');
    this.optimizer.write(state.tensors);
    this.model.lambda = state.lambda;
    this.step = state.step;
    this.items = items;
    this.secondsBefore = state.seconds;
    this.events.splice(0, this.events.length, ...state.history);
    const kept = state.tensors.filter(({ name }) => name.startsWith(BEST));
    this.best = {
      ...best,
      tensors: kept.map((tensor) => ({ ...tensor, name: tensor.name.slice(BEST.length) })),
    };
  }

  /**
   * Trains until the steps are done or patience is at an end, and leaves the model as it was at the best look at the
   * validation part.
   * @throws DomainError when the loss diverges, the signal's reason when it aborts
   */
  async run({ score, onEvent, onState, signal }: VectorRunOptions): Promise<void> {
    const { steps, evaluateEvery, patience } = this.config.training;
    const start = performance.now();
    const before = this.secondsBefore;
    const spent = () => before + (performance.now() - start) / 1000;
    if (this.step === 0 && this.config.loss.lambda === 'balanced') {
      this.model.lambda = await balancedLambda(this.model, this.batch(0));
    }
    const isOver = () => this.step >= steps || this.step - this.best.step >= patience * evaluateEvery;
    try {
      while (!isOver()) {
        const looksDone = Math.floor(this.step / evaluateEvery);
        const event = await this.segment(Math.min(steps, (looksDone + 1) * evaluateEvery), signal);
        const parts = { ...event.parts, validation: await this.look(score) };
        this.secondsBefore = spent();
        const own = { ...event, steps, seconds: this.secondsBefore, images: this.items, parts };
        this.events.push(own);
        onEvent?.(own);
        if (!isOver()) onState?.(await this.state());
      }
    } catch (error) {
      this.secondsBefore = spent();
      if (signal?.aborted && onState) onState(await this.state());
      throw error;
    }
    this.model.network.parameters.write(this.best.tensors, 'best look');
  }

  /** Steps up to `end`. */
  private segment(end: number, signal: AbortSignal | undefined): Promise<StepEvent> {
    const { learningRate, warmup, steps, evaluateEvery } = this.config.training;
    let next = this.step;
    const nextBatch = (): Batch => {
      const batch = this.batch(next++);
      this.items += batch.rows.shape[0];
      return batch;
    };
    return trainingLoop({
      network: this.model.network,
      optimizer: this.optimizer,
      from: this.step,
      steps: end,
      reportEvery: evaluateEvery,
      learningRate: (step) => warmupCosine(step, { peak: learningRate, warmup, steps }),
      nextBatch,
      objective: (pass, { rows, labels }, withStatistics) => {
        const distances = headDistances(this.model, this.model.forward(pass, rows));
        const progress = this.step / Math.max(1, steps - 1);
        return mixedLoss(this.model, distances, labels!, { withStatistics, progress });
      },
      onStep: (done) => {
        this.step = done;
      },
      ...(signal && { signal }),
    });
  }

  /** The score of the ensemble on the validation part; the best so far is kept with its weights. */
  private async look(score: RetrievalScore): Promise<number> {
    const { vectors, classes } = this.data;
    const embedded = await this.model.embed(rowsOf(vectors, this.looked));
    const looked = Int32Array.from(this.looked, (row) => classes[row]);
    const found = await score(this.model.space, embedded.vectors, looked);
    if (found > this.best.score) {
      const tensors = await this.model.network.parameters.read();
      this.best = { step: this.step, score: found, tensors };
    }
    return found;
  }

  private batch(step: number): Batch {
    const { vectors, classes } = this.data;
    const rows = this.batches.draw(step);
    const values = standardizedRows(vectors.data, rows, this.model.standardization);
    const labels = Int32Array.from(rows, (row) => classes[row]);
    return {
      rows: tf.tensor2d(values, [rows.length, vectors.columns]),
      labels: tf.tensor1d(labels, 'int32'),
    };
  }

  /** Frees everything but the model. */
  dispose(): void {
    this.optimizer.dispose();
  }
}

function requireSame(what: string, stored: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(stored, wanted)) return;
  const remedy = 'resume with the same settings and files, or start anew in another folder';
  throw new UsageError(
    expectation(what, 'what the interrupted training began with', 'something else', remedy),
  );
}
