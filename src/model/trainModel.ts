import type { LabelledImages, StepEvent } from '../core/records.js';
import { Rng } from '../core/rng.js';
import type { Batch } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { ClassBalancedSampler } from '../sampling/classBalanced.js';
import { rotateImages } from '../symmetry/rotation.js';
import { AdamW } from '../training/adamW.js';
import { trainingLoop } from '../training/loop.js';
import { warmupCosine } from '../training/schedule.js';
import { balancedLambda } from './balance.js';
import type { ModelConfig } from './config.js';
import { Model } from './model.js';
import { buildObjective } from './objective.js';

export interface TrainModelOptions {
  readonly onEvent?: (event: StepEvent) => void;
  readonly signal?: AbortSignal;
}

export interface TrainedModel {
  readonly model: Model;
  readonly history: readonly StepEvent[];
}

/**
 * Trains the model of a config on images, each turned by a fresh random angle whenever it is drawn.
 * The caller disposes of the model.
 * @throws DomainError when the loss diverges, the signal's reason when it aborts
 */
export async function trainModel(
  config: ModelConfig,
  images: LabelledImages,
  options: TrainModelOptions = {},
): Promise<TrainedModel> {
  const rng = new Rng(config.seed);
  const model = new Model(config, images.height, images.width);
  const objective = buildObjective(model);
  const { steps, warmup, learningRate, classesPerBatch, perClass, reportEvery, ...rest } = config.training;
  const optimizer = new AdamW(model.network.parameters, { epsilon: 1e-8, ...rest });
  const sampler = new ClassBalancedSampler(images.labels, classesPerBatch, perClass, rng.split('batches'));
  const turns = rng.split('turns');
  const nextBatch = () => turnedBatch(images, sampler.draw(), turns);
  const history: StepEvent[] = [];
  try {
    if (config.loss.lambda === 'balanced') model.lambda = balancedLambda(model, nextBatch());
    await trainingLoop({
      network: model.network,
      optimizer,
      steps,
      reportEvery,
      learningRate: (step) => warmupCosine(step, { peak: learningRate, warmup, steps }),
      nextBatch,
      objective: objective.report,
      onEvent: (event) => {
        history.push(event);
        options.onEvent?.(event);
      },
      ...(options.signal && { signal: options.signal }),
    });
    return { model, history };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    objective.dispose();
    optimizer.dispose();
  }
}

function turnedBatch(images: LabelledImages, rows: Int32Array, rng: Rng): Batch {
  const size = images.height * images.width;
  const pixels = new Uint8Array(rows.length * size);
  const labels = new Int32Array(rows.length);
  const angles = new Float64Array(rows.length);
  const directions = new Float32Array(rows.length * 2);
  for (let i = 0; i < rows.length; i++) {
    pixels.set(images.pixels.subarray(rows[i] * size, (rows[i] + 1) * size), i * size);
    labels[i] = images.labels[rows[i]];
    angles[i] = rng.uniform(-Math.PI, Math.PI);
    directions[2 * i] = Math.cos(angles[i]);
    directions[2 * i + 1] = Math.sin(angles[i]);
  }
  const turned = rotateImages(pixels, rows.length, images.height, images.width, angles);
  return {
    images: tf.tensor2d(turned, [rows.length, size]),
    labels: tf.tensor1d(labels, 'int32'),
    turns: tf.tensor2d(directions, [rows.length, 2]),
  };
}
