import type { Scale } from '../experiment.js';

export interface Sizes {
  /** Digits of MNIST's training part, and of its test part, each turned once. */
  readonly train: number;
  readonly test: number;
  readonly steps: number;
  readonly seeds: number;
  /** Columns of the codes. */
  readonly codes: readonly number[];
}

/** config.json */
export interface Settings extends Readonly<Record<Scale, Sizes>> {
  /** The code of the picture. */
  readonly mainCode: number;
  readonly decoderWidths: readonly [number, number, number];
  readonly steerable: {
    readonly rotations: number;
    readonly fields: readonly [number, number, number, number];
    readonly antialiased: boolean;
  };
  /** For each code, so that the classical autoencoder has as many numbers as the steerable one. */
  readonly classicalWidths: Readonly<Record<string, readonly [number, number, number]>>;
  /** Channels of the first three layers; the last one has half the code's columns. */
  readonly polarWidths: readonly [number, number, number];
  readonly batch: number;
  /** Highest rate of Adam; chosen on training digits that are in neither part. */
  readonly learningRate: Readonly<Record<'steerable' | 'polar' | 'classical', number>>;
  /** k of the accuracy of the code. */
  readonly neighbors: number;
  /** Test digits that are turned by 36 angles. */
  readonly turned: number;
}
