import type { HardnessStatistics, Metrics } from '../../src/core/records.js';
import { Rng } from '../../src/core/rng.js';
import type { ImageTile, ReportInput, RetrievalArm } from '../../src/report/input.js';

const CLASSES = 10;
const ARMS: readonly RetrievalArm[] = ['euclidean', 'hyperbolic', 'ensemble', 'pixels'];

/** Scores like those of a run, with the two heads and the ensemble within a standard error of each other. */
export const METRICS: Metrics = {
  schemaVersion: 1,
  seed: 7,
  engine: 'tensorflow',
  seconds: { total: 171.2, train: 118, index: 3.1, query: 0.42 },
  data: { train: 60000, test: 10000 },
  retrieval: {
    euclidean: { recallAt1: 0.9785, recallAt10: 0.993, mapAtR: 0.921 },
    hyperbolic: { recallAt1: 0.977, recallAt10: 0.9925, mapAtR: 0.918 },
    ensemble: { recallAt1: 0.979, recallAt10: 0.9935, mapAtR: 0.924 },
    rawPixels: { recallAt1: 0.731, recallAt10: 0.92, mapAtR: 0.312 },
    noInvariance: { recallAt1: 0.9385, recallAt10: 0.983, mapAtR: 0.83 },
  },
  equivariance: { codeRelativeChange: 0.093, orientationErrorDegrees: 6.4 },
  index: { engine: 'hnsw', recallAt10: 0.9987, unreachable: 0 },
  negatives: { euclidean: { meanP: 0.3 }, hyperbolic: { meanP: 0.2 }, hardestDiffer: 0.4, spearman: 0.9 },
  distances: { shepardSpearman: 0.332, scaledStress1: 0.28, weight: 1 },
};

/** A complete input of n items, 10 classes, `queries` strips of 4 rows of 8 tiles. */
export function exampleInput(n: number, queries: number, seed = 1): ReportInput {
  const rng = new Rng(seed);
  const labels = Int32Array.from({ length: n }, (_, i) => i % CLASSES);
  const around = (spread: number, limit: number) =>
    Float64Array.from({ length: 2 * n }, (_, i) => {
      const angle = (2 * Math.PI * labels[i >> 1]) / CLASSES;
      const v = 0.6 * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + spread * rng.normal();
      return Math.min(limit, Math.max(-limit, v));
    });
  const matrix = () => ({
    rows: n,
    columns: 8,
    data: Float32Array.from({ length: 8 * n }, () => 0.1 * rng.normal()),
  });
  const pairs = 2 * n;
  const distances = () => Float64Array.from({ length: pairs }, () => 5 * rng.uniform());
  return {
    title: 'Digits at any angle',
    machine: '2 CPU cores',
    engine: 'tensorflow 2.21',
    createdAt: '2026-01-02T03:04:05Z',
    version: '0.1.0',
    metrics: METRICS,
    history: Array.from({ length: 400 }, (_, k) => {
      const left = Math.exp(-k / 90);
      const parts = {
        mixed: 0.5 + 4 * left,
        orientation: left / 2,
        hardestDiffer: 0.3,
        spread: 1.2,
        pEuclidean: 0.2 + 0.7 * left,
        pPoincare: 0.1 + left / 2,
      };
      return {
        step: k + 1,
        steps: 400,
        seconds: k / 10,
        images: 128 * (k + 1),
        learningRate: 0.003,
        loss: 1 + 5 * left,
        parts,
      };
    }),
    feeding: 'free',
    temperatures: { euclidean: 0.1, hyperbolic: 0.2 },
    heads: {
      euclidean: { name: 'euclidean', space: { kind: 'euclidean', dim: 8 }, matrix: matrix() },
      hyperbolic: { name: 'poincare', space: { kind: 'poincare', dim: 8, curvature: -1 }, matrix: matrix() },
    },
    labels,
    plane: {
      euclidean: { coordinates: around(0.12, 3), explained: 0.41 },
      hyperbolic: { coordinates: around(0.08, 0.69), explained: 0.37 },
    },
    negatives: {
      euclidean: hardness(n, rng),
      hyperbolic: hardness(n, rng),
      hardestDiffer: 0.4,
      spearman: 0.9,
      overlap: Float32Array.from({ length: 50 }, (_, r) => 0.4 + r / 100),
    },
    shepard: {
      input: distances(),
      euclidean: distances(),
      hyperbolic: distances(),
      sameClass: Uint8Array.from({ length: pairs }, (_, i) => (i % 5 === 0 ? 1 : 0)),
    },
    strips: Array.from({ length: queries }, (_, q) => ({
      query: tile(q % CLASSES, rng),
      upright: tile(q % CLASSES, rng),
      rows: ARMS.map((head) => ({
        head,
        tiles: Array.from({ length: 8 }, (_, i) => ({
          ...tile((q + (i === 5 ? 1 : 0)) % CLASSES, rng),
          distance: i / 8,
        })),
      })),
    })),
    numbers: {
      parameters: { model: 156234, baseline: 251018 },
      trainSeconds: { model: 118, baseline: 121 },
      queries: 2000,
    },
  };
}

function hardness(n: number, rng: Rng): HardnessStatistics {
  const p = Float32Array.from({ length: n }, () => rng.uniform());
  return {
    meanP: p.reduce((sum, v) => sum + v, 0) / n,
    p,
    hardestP: p.map((v) => v * rng.uniform()),
    effective: p.map(() => 1 + 20 * rng.uniform()),
    hardest: Int32Array.from(p, () => rng.below(2)),
  };
}

/** A smooth blob on black, as compressible as a digit. */
function tile(label: number, rng: Rng): ImageTile {
  const [cx, cy] = [10 + 8 * rng.uniform(), 10 + 8 * rng.uniform()];
  const pixels = Uint8Array.from({ length: 784 }, (_, i) => {
    const d = Math.hypot((i % 28) - cx, Math.floor(i / 28) - cy);
    return 255 * Math.max(0, 1 - Math.abs(d - 6) / 2.5);
  });
  return { pixels, height: 28, width: 28, label };
}
