import type { Scale } from '../experiment.js';

/** config.json */
export interface Settings extends Readonly<Record<Scale, Size>> {
  /** Emoji in emojibase's order, from the first. */
  readonly emojis: number;
  /** Columns of each linear map. */
  readonly dim: number;
  readonly weightDecay: number;
  /** A gradient of a larger norm is scaled down to it. */
  readonly clipNorm: number;
  /** Share of the steps in which the learning rate rises. */
  readonly warmup: number;
  /** Concentration of HCL's weights. */
  readonly beta: number;
  readonly arms: Readonly<Record<string, Arm>>;
  /** Arms whose difference is listed, where the size has both: the first less the second. */
  readonly compared: readonly (readonly [string, string])[];
  readonly hardness: {
    /** Samples of test classes, two drawings of each. */
    readonly batches: number;
    readonly classes: number;
  };
  /** Bootstrap samples. */
  readonly resamples: number;
}

export interface Size {
  /** Pixels along a side. */
  readonly pixels: number;
  readonly widths: readonly [number, number, number, number];
  readonly stemStride: 1 | 2;
  /** Of a batch. */
  readonly classes: number;
  readonly perClass: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Strength of the augmentation; 1 is the full one. */
  readonly augmentation: number;
  readonly seeds: number;
  /** Names of those in Settings.arms. */
  readonly arms: readonly string[];
  /** Arms of which two models of unlike seeds are asked together; an arm and itself are the control. */
  readonly together: readonly (readonly [string, string])[];
}

/** One way to train. */
export interface Arm {
  /** `pair`: softmax over the negatives of two views; `hcl`: the same with hard negatives weighing more. */
  readonly loss: 'pair' | 'hcl';
  /** The logits are the sum of these. */
  readonly heads: readonly HeadSetting[];
  /** Default `unit`. */
  readonly feeding?: Feeding;
  /** Whether each kind of space has a linear map of its own. Default false: one for all. */
  readonly ownMaps?: boolean;
  /** In place of the size's steps, as a multiple of them. */
  readonly timesSteps?: number;
}

/** How the ball gets its tangent vectors: of norm 1, or the outputs times `scale`, of norms up to `clip`. */
export type Feeding = 'unit' | { readonly scale: number; readonly clip: number };

export type HeadSetting = CosineSetting | BallSetting;

interface Weighted {
  readonly temperature: number;
  /** Default 1. */
  readonly weight?: number;
}

export interface CosineSetting extends Weighted {
  readonly space: 'cosine';
}

export interface BallSetting extends Weighted {
  readonly space: 'poincare';
  readonly curvature: number;
}
