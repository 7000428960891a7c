import type { Scale } from '../experiment.js';
import type { PenaltyName } from './penalties.js';

export interface Sizes {
  /** Steps of an autoencoder. */
  readonly steps: number;
  /** Repetitions of what is compared in the end; all else is trained once. */
  readonly seeds: number;
  /** Columns of the codes. */
  readonly codes: readonly number[];
  /** Columns at which that is done. */
  readonly repeated: readonly number[];
  /** Columns at which penalties are compared with each other. */
  readonly penaltyCode: number;
  /** Weights that a penalty is tried with. */
  readonly weights: Readonly<Partial<Record<PenaltyName, readonly number[]>>>;
  /** Training rows that are scaled as landmarks, and that test rows are placed among. */
  readonly landmarks: number;
  readonly umap: { readonly rows: number; readonly codes: readonly number[] };
  readonly trees: { readonly dims: readonly number[]; readonly digits: number };
  readonly retrieval: {
    readonly steps: number;
    readonly seeds: number;
    readonly weights: readonly number[];
    readonly heldOut: number;
  };
}

/** config.json */
export interface Settings extends Readonly<Record<Scale, Sizes>> {
  /** First digits of MNIST's training part; the last `validation` of them choose weights and train nothing. */
  readonly train: number;
  readonly validation: number;
  /** So many of these are compared with each other; all are reconstructed. */
  readonly compared: number;
  /** First digits of MNIST's test part. */
  readonly test: number;
  /** Hidden layers of the encoder; the decoder has them the other way round. */
  readonly hidden: readonly number[];
  readonly batch: number;
  readonly learningRate: number;
  readonly warmup: number;
  /** k of neighbourhoods. */
  readonly neighbors: number;
  /** Share by which the validation error of a chosen weight may be above that of the plain autoencoder. */
  readonly allowance: number;
  /** Training digits whose pairs have geodesic distances. */
  readonly geodesicRows: number;
  /** Steps of the curve after which codes are looked at, as shares of the training. */
  readonly curve: readonly number[];
  readonly mammals: string;
}
