import type { TrainingState } from '../checkpoint/trainingState.js';
import type { LabelledImages, StepEvent } from '../core/records.js';
import * as tf from '../engine/tf.js';
import type { ModelConfig } from './config.js';
import type { Model } from './model.js';
import { Trainer, type TrainerRunOptions } from './trainer.js';

export interface TrainModelOptions extends TrainerRunOptions {
  /** Goes on from a state that `onState` gave instead of from the beginning. */
  readonly from?: TrainingState | undefined;
}

export interface TrainedModel {
  readonly model: Model;
  readonly history: readonly StepEvent[];
}

/**
 * Trains the model of a config on images, each turned by a fresh random angle whenever it is drawn.
 * The caller disposes of the model.
 * @throws UsageError for fewer classes than a batch takes, or a state of another config; DomainError when the loss
 *   diverges; the signal's reason when it aborts
 */
export async function trainModel(
  config: ModelConfig,
  images: LabelledImages,
  { from, ...options }: TrainModelOptions = {},
): Promise<TrainedModel> {
  const trainer = new Trainer(config, images, tf.getBackend());
  try {
    if (from) trainer.restore(from);
    await trainer.run(options);
    return { model: trainer.model, history: trainer.history };
  } catch (error) {
    trainer.model.dispose();
    throw error;
  } finally {
    trainer.dispose();
  }
}
