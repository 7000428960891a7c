export { type BuildIndexOptions, buildIndex } from './buildIndex.js';
export { type OpenIndexOptions, openIndex } from './openIndex.js';
export type { IndexStats, SearchOptions, VectorIndex } from './vectorIndex.js';
