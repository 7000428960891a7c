import type { Matrix32 } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { parseVectorConfig, type VectorConfig } from '../../../src/model/vectors/config.js';

export interface Clusters {
  readonly vectors: Matrix32;
  readonly classes: Int32Array;
}

/**
 * Vectors whose first four columns lie around a centre of their class and whose other columns are noise fifteen times as
 * wide, so that nearest neighbours of the vectors themselves know little of the classes.
 */
export function clusters(count: number, classes: number, columns = 10, seed = 1): Clusters {
  const rng = new Rng(seed);
  const centres = Array.from({ length: classes * 4 }, () => rng.normal());
  const data = new Float32Array(count * columns);
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < columns; j++) {
      data[i * columns + j] = j < 4 ? centres[labels[i] * 4 + j] + 0.2 * rng.normal() : 3 * rng.normal();
    }
  }
  return { vectors: { data, rows: count, columns }, classes: labels };
}

/** A training of a second; `changes` replace whole sections. */
export function quickConfig(changes: object = {}): VectorConfig {
  return parseVectorConfig({
    schemaVersion: 1,
    kind: 'vectors',
    seed: 3,
    encoder: { hidden: 8 },
    heads: { euclidean: { dim: 6 }, poincare: { dim: 5, curvature: -0.5 } },
    training: { steps: 40, batchSize: 48, warmup: 5, learningRate: 0.01, evaluateEvery: 10 },
    ...changes,
  });
}
