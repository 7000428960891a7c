import type { Matrix32 } from './matrix.js';
import type { Space } from './space.js';

// The records that travel between layers on plain arrays. Those with tensors: src/engine/records.ts.

/** n grey images of height x width, row-major, 0..255, each with a class. */
export interface LabelledImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** What a model says of n items; every matrix has n rows. */
export interface EmbeddingSet {
  /** Invariant code, [n, codeDim]. */
  readonly code: Matrix32;
  /** Angle by which each image seems to be turned, radians; absent when the encoder knows no group. */
  readonly orientation?: Float64Array;
  readonly heads: readonly EmbeddedHead[];
  /** The heads side by side, in the order of the model's space. */
  readonly vectors: Matrix32;
}

export interface EmbeddedHead {
  readonly name: string;
  readonly space: Space;
  readonly matrix: Matrix32;
}

/** k neighbours of each of `rows` queries, ascending by distance, ties by smaller id; padded with -1 and +Infinity. */
export interface NeighborTable {
  readonly ids: BigInt64Array;
  readonly distances: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/** Leave-one-out retrieval, each in 0..1. mapAtR: Musgrave et al. 2020, arXiv:2003.08505, section 4. */
export interface RetrievalScores {
  readonly recallAt1: number;
  readonly recallAt10: number;
  readonly mapAtR: number;
}

/** What rankings of references by distance say of the queries' labels, each in 0..1. R: see evaluation's rankScores. */
export interface RankScores {
  /** Share of queries whose nearest reference has their label. */
  readonly precisionAt1: number;
  /** By k: share of queries with a reference of their label among the k nearest. */
  readonly recallAt: Readonly<Record<number, number>>;
  /** Mean of 1 / (rank of the first reference with the query's label), 0 for queries that find none. */
  readonly meanReciprocalRank: number;
  /** Mean over queries of (1/R) Σ over all ranks that hold the label of the precision there. */
  readonly meanAveragePrecision: number;
  /** The same over the first R ranks; absent where fewer ranks than the largest R were looked at. */
  readonly mapAtR?: number;
  /** Mean share of the label among the first R ranks; absent as mapAtR. */
  readonly rPrecision?: number;
}

export interface RankReport extends RankScores {
  /** Ranks looked at. */
  readonly depth: number;
  /** Queries behind the scores. */
  readonly queries: number;
  /** Queries without a label, or with no reference of their label. */
  readonly leftOut: number;
  /** The scores of each label that has queries, ascending, where they were asked for. */
  readonly classes?: readonly ClassRankScores[];
}

export interface ClassRankScores extends RankScores {
  readonly label: number;
  readonly queries: number;
}

/** p(x-) of one space: how much of the softmax goes to negatives. Arrays have one value an anchor. */
export interface HardnessStatistics {
  /** Mean over anchors of the probability of all negatives together, 0..1. */
  readonly meanP: number;
  /** Probability of all negatives together. */
  readonly p: Float32Array;
  /** Probability of the hardest negative alone. */
  readonly hardestP: Float32Array;
  /** 1 / Σ q², q the probabilities among negatives: how many negatives matter. */
  readonly effective: Float32Array;
  /** Index of the hardest (nearest) negative. */
  readonly hardest: Int32Array;
}

/** How the hard negatives of two spaces differ on the same anchors. */
export interface HardnessComparison {
  readonly euclidean: HardnessStatistics;
  readonly hyperbolic: HardnessStatistics;
  /** Share of anchors whose hardest negative differs, 0..1. */
  readonly hardestDiffer: number;
  /** Mean over anchors of Spearman's correlation of the distances to all negatives. */
  readonly spearman: number;
  /** overlap[r - 1]: mean share that the r hardest negatives of both spaces have in common, r = 1.. */
  readonly overlap: Float32Array;
}

/** One line of a training's history; `images` counts images seen so far. */
export interface StepEvent {
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
  readonly images: number;
  readonly learningRate: number;
  readonly loss: number;
  /** Parts of the loss and statistics by name, as LossReport gives them. */
  readonly parts: Readonly<Record<string, number>>;
}

/** A relation on n items: item i is related to targets[offsets[i] .. offsets[i + 1]), ascending and without i itself. */
export interface Relation {
  /** [n + 1] */
  readonly offsets: Int32Array;
  /** [pairs] */
  readonly targets: Int32Array;
}

/** metrics.json of `gyrometric quickstart`. Two runs have the same metrics if all but `seconds` agree. */
export interface Metrics {
  readonly schemaVersion: 1;
  readonly seed: number;
  readonly engine: string;
  readonly seconds: {
    readonly total: number;
    readonly train: number;
    readonly index: number;
    readonly query: number;
  };
  readonly data: { readonly train: number; readonly test: number };
  readonly retrieval: Readonly<
    Record<'euclidean' | 'hyperbolic' | 'ensemble' | 'rawPixels' | 'noInvariance', RetrievalScores>
  >;
  readonly equivariance: { readonly codeRelativeChange: number; readonly orientationErrorDegrees: number };
  readonly index: { readonly engine: string; readonly recallAt10: number; readonly unreachable: number };
  readonly negatives: {
    readonly euclidean: { readonly meanP: number };
    readonly hyperbolic: { readonly meanP: number };
    readonly hardestDiffer: number;
    readonly spearman: number;
  };
  readonly distances: {
    readonly shepardSpearman: number;
    readonly scaledStress1: number;
    readonly weight: number;
  };
}
