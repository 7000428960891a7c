import type { Scale } from '../experiment.js';

export interface Sizes {
  /** Digits of MNIST's training part, and of its test part, each turned once. */
  readonly train: number;
  readonly test: number;
  readonly steps: number;
  readonly seeds: number;
}

/** config.json */
export interface Settings extends Readonly<Record<Scale, Sizes>> {
  readonly codeDim: number;
  readonly decoderWidths: readonly [number, number, number];
  readonly steerable: {
    readonly rotations: number;
    readonly fields: readonly [number, number, number, number];
    readonly antialiased: boolean;
  };
  readonly classicalWidths: readonly [number, number, number];
  readonly polarChannels: readonly [number, number, number, number];
  readonly batch: number;
  /** Highest rate of Adam; chosen on training digits that are in neither part. */
  readonly learningRate: Readonly<Record<'steerable' | 'polar' | 'classical', number>>;
  /** k of the accuracy of the code. */
  readonly neighbors: number;
  /** Test digits that are turned by 36 angles. */
  readonly turned: number;
}
