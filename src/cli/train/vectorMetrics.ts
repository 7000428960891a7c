import type { VectorScores } from './vectorScores.js';

/** metrics.json of a model of vectors. */
export interface VectorMetrics extends VectorScores {
  readonly schemaVersion: 1;
  readonly kind: 'vectors';
  readonly seed: number;
  readonly engine: string;
  readonly seconds: { readonly total: number; readonly train: number };
  readonly data: {
    readonly vectors: number;
    readonly columns: number;
    readonly classes: number;
    readonly heldOut: 'items' | 'classes';
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    /** Of the validation and test items, those that were compared with each other. */
    readonly scored: { readonly validation: number; readonly test: number };
    readonly constantColumns: number;
    /** Items that train as negatives alone, having no other of their class. */
    readonly singles: number;
  };
  readonly validation: { readonly step: number; readonly steps: number; readonly mapAtR: number };
  readonly parameters: number;
  readonly history: readonly unknown[];
}
