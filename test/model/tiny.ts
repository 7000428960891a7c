import type { LabelledImages } from '../../src/core/records.js';
import { loadMnist } from '../../src/data/mnist.js';
import { firstImages } from '../../src/data/split.js';
import { type ModelConfig, parseModelConfig } from '../../src/model/config.js';

/** The smallest model with all of its parts; `changes` replace whole sections. */
export function tinyConfig(changes: object = {}): ModelConfig {
  return parseModelConfig({
    schemaVersion: 1,
    seed: 3,
    encoder: { kind: 'polarCnn', angles: 16, channels: [4, 6, 8, 8] },
    heads: { euclidean: { dim: 8 }, poincare: { dim: 6, curvature: -0.4 } },
    loss: { preservationSample: 8 },
    training: { steps: 4, classesPerBatch: 4, perClass: 3, reportEvery: 2, warmup: 1 },
    ...changes,
  });
}

/** The first `count` training digits. */
export const digits = (count: number): LabelledImages => firstImages(loadMnist('train'), count);

/** Grey values 0..1. */
export const unit = ({ pixels }: LabelledImages): Float32Array =>
  Float32Array.from(pixels, (value) => value / 255);
