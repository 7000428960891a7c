export { writeCheckpoint } from './checkpoint/checkpoint.js';
export {
  DomainError,
  FormatError,
  GyrometricError,
  MissingError,
  ShapeError,
  UsageError,
} from './core/errors.js';
export type { Matrix, Matrix32, Matrix64 } from './core/matrix.js';
export { formatNpy, type NpyArray, parseNpy } from './core/npy.js';
export { formatNpz, parseNpz } from './core/npz.js';
export type {
  EmbeddedHead,
  EmbeddingSet,
  HardnessComparison,
  HardnessStatistics,
  LabelledImages,
  Metrics,
  NeighborTable,
  RetrievalScores,
  StepEvent,
} from './core/records.js';
export { Rng } from './core/rng.js';
export { columnsOf, type ProductSpace, parseSpace, type Space } from './core/space.js';
export { loadMnist } from './data/mnist.js';
export { turnRandomly } from './data/rotate.js';
export { firstImages, holdOut, takeImages } from './data/split.js';
export { ENGINES, type Engine, type EngineName, openEngine } from './engine/openEngine.js';
export { compareHardness } from './evaluation/hardNegatives.js';
export { leaveOneOutScores, retrievalScores } from './evaluation/retrieval.js';
export { distance, distanceMatrix } from './geometry/distance.js';
export { requirePoints } from './geometry/points.js';
export { type ModelConfig, parseModelConfig } from './model/config.js';
export type { Model } from './model/model.js';
export { checkpointOf, openModel } from './model/openModel.js';
export { presetConfig } from './model/presets.js';
export { trainModel } from './model/trainModel.js';
export type { Group } from './symmetry/group.js';
export { rotateImages } from './symmetry/rotation.js';
