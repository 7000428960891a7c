import type { TrainingState } from '../checkpoint/trainingState.js';
import { expectation, UsageError } from '../core/errors.js';
import type { StepEvent } from '../core/records.js';
import { Rng } from '../core/rng.js';
import type { Batch } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { ClassBalancedSampler, type SamplerState } from '../sampling/classBalanced.js';
import { AdamW } from '../training/adamW.js';
import { trainingLoop } from '../training/loop.js';
import { warmupCosine } from '../training/schedule.js';
import { balancedLambda } from './balance.js';
import type { HeadedConfig, HeadedModel } from './headedModel.js';
import type { Objective } from './objective.js';
import type { TrainingItems } from './trainingItems.js';

export interface TrainerRunOptions {
  readonly onEvent?: ((event: StepEvent) => void) | undefined;
  /** Called after every `saveEvery` steps but the last, and before the signal's reason is thrown. */
  readonly onState?: ((state: TrainingState) => void) | undefined;
  readonly saveEvery?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the config of a model says of its training. */
export interface TrainedConfig extends HeadedConfig {
  readonly training: {
    readonly steps: number;
    readonly classesPerBatch: number;
    readonly perClass: number;
    readonly learningRate: number;
    readonly warmup: number;
    readonly weightDecay: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly clipNorm: number;
    readonly reportEvery: number;
  };
}

export interface TrainerParts<M> {
  readonly model: M;
  readonly objective: Objective;
  readonly items: TrainingItems;
}

/** A training under way: a model and everything that decides its next step. */
export class Trainer<M extends HeadedModel<TrainedConfig>> {
  readonly model: M;
  private readonly objective: Objective;
  private readonly items: TrainingItems;
  private readonly optimizer: AdamW;
  private readonly sampler: ClassBalancedSampler;
  private readonly turns: Rng;
  private readonly events: StepEvent[] = [];
  private step = 0;
  private secondsBefore = 0;

  /** @throws UsageError for fewer classes than a batch takes */
  constructor(
    { model, objective, items }: TrainerParts<M>,
    private readonly engine: string,
  ) {
    const rng = new Rng(model.config.seed);
    const { classesPerBatch, perClass } = model.config.training;
    this.sampler = new ClassBalancedSampler(items.labels, classesPerBatch, perClass, rng.split('batches'));
    this.turns = rng.split('turns');
    this.model = model;
    this.objective = objective;
    this.items = items;
    this.optimizer = new AdamW(model.network.parameters, { epsilon: 1e-8, ...model.config.training });
  }

  get config(): TrainedConfig {
    return this.model.config;
  }

  get history(): readonly StepEvent[] {
    return this.events;
  }

  /** Everything that `restore` needs to go on from here. */
  async state(): Promise<TrainingState> {
    const { parameters, statistics } = this.model.network;
    return {
      step: this.step,
      seconds: this.secondsBefore,
      engine: this.engine,
      config: this.config,
      lambda: this.model.lambda,
      history: [...this.events],
      turns: this.turns.save(),
      sampler: this.sampler.save(),
      tensors: [
        ...(await parameters.read()),
        ...(await statistics.read()),
        ...(await this.optimizer.read()),
        ...((await this.objective.read?.()) ?? []),
      ],
    };
  }

  /**
   * Goes on where `state` was taken: the next steps are those that an uninterrupted training would have made.
   * @throws UsageError when the state belongs to another config or other data, FormatError when arrays are missing
   */
  restore(state: TrainingState): void {
    requireSameConfig(state.config, this.config);
    this.sampler.restore(state.sampler as SamplerState);
    const { parameters, statistics } = this.model.network;
    parameters.write(state.tensors, 'training state');
    statistics.write(state.tensors, 'training state');
    this.optimizer.write(state.tensors);
    this.objective.write?.(state.tensors);
    this.turns.restore(state.turns);
    this.model.lambda = state.lambda;
    this.step = state.step;
    this.secondsBefore = state.seconds;
    this.events.splice(0, this.events.length, ...state.history);
  }

  /** Makes the steps that are left. @throws DomainError when the loss diverges, the signal's reason when it aborts */
  async run({ onEvent, onState, saveEvery, signal }: TrainerRunOptions = {}): Promise<void> {
    const { steps, warmup, learningRate, reportEvery } = this.config.training;
    const start = performance.now();
    const before = this.secondsBefore;
    const spent = () => before + (performance.now() - start) / 1000;
    if (this.step === 0 && this.config.loss.lambda === 'balanced') {
      this.model.lambda = await balancedLambda(this.model, this.nextBatch());
    }
    try {
      await trainingLoop({
        network: this.model.network,
        optimizer: this.optimizer,
        from: this.step,
        steps,
        reportEvery,
        learningRate: (step) => warmupCosine(step, { peak: learningRate, warmup, steps }),
        nextBatch: () => this.preparedBatch(),
        objective: (pass, batch, reporting) =>
          this.objective.report(pass, batch, reporting, this.step / Math.max(1, steps - 1)),
        onEvent: (event) => {
          const own = { ...event, seconds: spent(), images: event.step * this.sampler.batchSize };
          this.events.push(own);
          onEvent?.(own);
        },
        onStep: async (done) => {
          this.step = done;
          this.secondsBefore = spent();
          if (onState && saveEvery && done % saveEvery === 0 && done < steps) onState(await this.state());
        },
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted && onState) onState(await this.state());
      throw error;
    }
  }

  /** Frees the optimiser's state; the parts stay as they are. */
  dispose(): void {
    this.optimizer.dispose();
  }

  private preparedBatch(): Batch {
    const batch = this.nextBatch();
    try {
      this.objective.prepare?.(batch, this.step);
      return batch;
    } catch (error) {
      tf.dispose({ ...batch });
      throw error;
    }
  }

  private nextBatch(): Batch {
    return this.items.batch(this.sampler.draw(), this.turns);
  }
}

function requireSameConfig(stored: unknown, wanted: TrainedConfig): void {
  const [a, b] = [stored, wanted].map((config) => new Map(leaves(JSON.parse(JSON.stringify(config)), '')));
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    if (a.get(key) === b.get(key)) continue;
    throw new UsageError(
      expectation(
        `config: ${key.slice(1)}`,
        `${a.get(key)}, as the interrupted training has it`,
        b.get(key),
        'resume with the same config, or start anew in another folder',
      ),
    );
  }
}

function leaves(value: unknown, path: string): [string, unknown][] {
  if (value === null || typeof value !== 'object') return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}
