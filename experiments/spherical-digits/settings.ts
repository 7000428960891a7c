import type { Scale } from '../experiment.js';

/** config.json */
export interface Settings extends Readonly<Record<Scale, Size>> {
  /** Highest degree of the coefficients. */
  readonly degree: number;
  /** Of the grid that digits are projected to. */
  readonly bandwidth: number;
  /** Digits one after the other that a random rotation turns. */
  readonly perRotation: number;
  readonly arms: Readonly<Record<string, Arm>>;
  readonly errorWeight: number;
  readonly divergenceWeight: number;
  readonly learningRate: { readonly from: number; readonly to: number };
  readonly probes: {
    /** Tried for logistic regression, on the last tenth of the training digits. */
    readonly inverse: readonly number[];
    readonly neighbors: number;
    readonly restarts: number;
  };
  readonly labels: { readonly sizes: readonly number[]; readonly draws: number };
  /** Rotations and digits that equivariance is measured with. */
  readonly equivariance: { readonly rotations: number; readonly digits: number };
}

export interface Arm {
  readonly variational: boolean;
  /** Whether training digits are turned at random: those of the test always are. */
  readonly turned: boolean;
  /** Another network or length of training than the scale's. */
  readonly network?: Partial<Pick<Size, 'blocks' | 'codeDim' | 'epochs'>>;
}

export interface Size {
  /** Digits, the first ones of each part of MNIST. */
  readonly train: number;
  readonly test: number;
  /** Digits that the autoencoder sees; probes see all of `train`. */
  readonly fit: number;
  /** Of the digits behind those: once an epoch the weights that are best on them are kept; 0: the last ones. */
  readonly heldOut: number;
  readonly batch: number;
  readonly epochs: number;
  readonly blocks: readonly { readonly degree: number; readonly channels: number }[];
  readonly codeDim: number;
  /** Shares of the steps: until where the rate falls, and from where to where the divergence's weight rises. */
  readonly rateUntil: number;
  readonly divergence: { readonly from: number; readonly until: number };
  readonly arms: readonly string[];
  readonly seeds: number;
}
