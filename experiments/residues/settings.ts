export interface Settings {
  /** Of the ball about the C-alpha, ångström. */
  readonly radius: number;
  readonly degree: number;
  /** Radial functions have n <= order. */
  readonly order: number;
  /** σ of the window about the C-alpha, ångström. */
  readonly window: number;
  /** Whose channels are divided each by its own root mean square for the autoencoder; else all by one. */
  readonly whitened: readonly string[];
  /** Targets of a fold that trains. */
  readonly excluded: readonly string[];
  /** A residue lies in the pocket if one of its atoms is so near to the centre of the box, ångström. */
  readonly pocketRadius: number;
  /** Pockets that are none, a target. */
  readonly decoys: number;
  readonly folds: number;
  /** Penalties that the validation part chooses from. */
  readonly penalties: readonly number[];
  readonly neighbors: number;
  readonly forest: { readonly trees: number; readonly share: number };
  /** Numbers of labels of the curve, and drawings of each. */
  readonly labels: readonly number[];
  readonly labelDraws: number;
  readonly small: Size;
  readonly full: Size;
}

export interface Size {
  readonly seeds: number;
  /** Neighbourhoods with labels, equally many of each of the two large families. */
  readonly train: number;
  /** Neighbourhoods that train the autoencoder, without labels; those with labels are among them. */
  readonly unlabelled: number;
  /** Residues of a target that are scored, and, more of them, searched for the pocket. */
  readonly perTarget: number;
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
  readonly weightDecay: number;
}
