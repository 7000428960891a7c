import type { TrainingState } from '../checkpoint/trainingState.js';
import type { LabelledImages, StepEvent } from '../core/records.js';
import * as tf from '../engine/tf.js';
import type { ModelConfig } from './config.js';
import type { HeadedModel } from './headedModel.js';
import { Model } from './model.js';
import { buildObjective, type Objective } from './objective.js';
import { type TrainedConfig, Trainer, type TrainerRunOptions } from './trainer.js';
import { type TrainingItems, turnedImages } from './trainingItems.js';

export interface TrainModelOptions extends TrainerRunOptions {
  /** Goes on from a state that `onState` gave instead of from the beginning. */
  readonly from?: TrainingState | undefined;
}

export interface TrainedModel<M = Model> {
  readonly model: M;
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
  options: TrainModelOptions = {},
): Promise<TrainedModel> {
  const model = new Model(config, images.height, images.width);
  return trainOn(model, () => buildObjective(model), turnedImages(images), options);
}

/** Trains a model of any kind of items; it is disposed of if that fails. @throws as trainModel */
export async function trainOn<M extends HeadedModel<TrainedConfig>>(
  model: M,
  objectiveOf: () => Objective,
  items: TrainingItems,
  { from, ...options }: TrainModelOptions,
): Promise<TrainedModel<M>> {
  let objective: Objective | undefined;
  let trainer: Trainer<M> | undefined;
  try {
    objective = objectiveOf();
    trainer = new Trainer({ model, objective, items }, tf.getBackend());
    if (from) trainer.restore(from);
    await trainer.run(options);
    return { model, history: trainer.history };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    trainer?.dispose();
    objective?.dispose();
  }
}
