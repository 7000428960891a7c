import type { TrainingState } from '../../checkpoint/trainingState.js';
import type { StepEvent } from '../../core/records.js';
import * as tf from '../../engine/tf.js';
import type { ResolvedVectorConfig } from './config.js';
import type { Parts } from './split.js';
import type { VectorModel } from './vectorModel.js';
import {
  type BestLook,
  type LabelledVectors,
  type VectorRunOptions,
  VectorTrainer,
} from './vectorTrainer.js';

export interface TrainVectorsOptions extends VectorRunOptions {
  /** Goes on from a state that `onState` gave instead of from the beginning. */
  readonly from?: TrainingState | undefined;
}

export interface TrainedVectors {
  /** As it was at the best look at the validation part. */
  readonly model: VectorModel;
  readonly history: readonly StepEvent[];
  readonly best: BestLook;
  /** Items of the validation part that were looked at. */
  readonly looked: number;
  /** Items that trained as negatives alone, having no other of their class. */
  readonly singles: number;
}

/**
 * Trains both heads on vectors; the part `test` is not touched. The caller disposes of the model.
 * @throws UsageError when the vectors cannot be trained on or a state belongs to others, DomainError when the loss
 *   diverges, the signal's reason when it aborts
 */
export async function trainVectors(
  config: ResolvedVectorConfig,
  data: LabelledVectors,
  parts: Parts,
  { from, ...options }: TrainVectorsOptions,
): Promise<TrainedVectors> {
  const trainer = new VectorTrainer(config, data, parts, tf.getBackend());
  const { model, batches, looked } = trainer;
  try {
    if (from) trainer.restore(from);
    await trainer.run(options);
    const { history, bestLook: best } = trainer;
    return { model, history, best, looked: looked.length, singles: batches.singles };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    trainer.dispose();
  }
}
