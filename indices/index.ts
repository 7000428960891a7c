export { type Ball, ballOf } from './bands/ball.js';
export {
  type BandPlan,
  bandOf,
  countPerBand,
  gapTo,
  inOrder,
  leastDistance,
  planBands,
} from './bands/bands.js';
export { type BandAnswer, type BandSearch, searchBands } from './bands/searchBands.js';
export { type BuildIndexOptions, buildIndex } from './buildIndex.js';
export type { IdFilter } from './filter.js';
export type { HnswlibGraph, HnswlibNode } from './hnswlibNode/library.js';
export { type HnswlibFile, readHnswlibFile } from './hnswlibNode/readHnswlibFile.js';
export type { LiveVectorIndex } from './journal/liveVectorIndex.js';
export { type OpenIndexOptions, openIndex, type Storage } from './openIndex.js';
export { type EstimateRecallOptions, estimateRecall } from './recall/estimateRecall.js';
export { type TunedEf, type TuneEfOptions, tuneEf } from './recall/tuneEf.js';
export type { RepairReport } from './repair/repairIndex.js';
export { type GroupNeighbors, type ItemOfId, itemsOf, searchGroups } from './searchGroups.js';
export type {
  BuildStage,
  IndexStats,
  RadiusNeighbors,
  RadiusOptions,
  RecallEstimate,
  SearchOptions,
  VectorIndex,
} from './vectorIndex.js';
export { type VerifiedIndex, type VerifyIndexOptions, verifyIndex } from './verifyIndex.js';
