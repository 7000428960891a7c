export interface Settings {
  readonly leastOfWord: number;
  readonly folds: number;
  /** Rotations of each model, each with rays of its own. */
  readonly views: number;
  readonly bandwidth: number;
  readonly degree: number;
  readonly head: {
    readonly dim: number;
    readonly hidden: number;
    readonly steps: number;
    readonly validationShare: number;
  };
  /** Numbers of labelled models of the curve, and drawings of each. */
  readonly labels: readonly number[];
  readonly labelDraws: number;
  readonly small: Size;
  readonly full: Size;
}

export interface Size {
  readonly seeds: number;
  readonly network: NetworkSettings;
}

export interface NetworkSettings {
  readonly mixed: number;
  readonly blocks: readonly { readonly degree: number; readonly channels: number }[];
  readonly codeDim: number;
  readonly errorWeight: number;
  readonly batch: number;
  readonly epochs: number;
  readonly learningRate: number;
}
