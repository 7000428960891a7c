export interface Settings {
  /** Points that every model's surface is sampled at once. */
  readonly dense: number;
  readonly leastOfWord: number;
  readonly testShare: number;
  /** Clouds of every test model, each ranked against those of the same draw. */
  readonly draws: number;
  /** Standard deviation of a coordinate of the translation, in root mean square radii. */
  readonly shift: number;
  readonly codeDim: number;
  readonly temperature: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly neighbors: number;
  readonly layers: number;
  readonly scalars: number;
  readonly vectors: number;
  readonly radius: number;
  readonly hidden: number;
  readonly small: Size;
  readonly full: Size;
}

export interface Size {
  /** Points of a cloud. */
  readonly points: number;
  readonly seeds: number;
  readonly arms: Readonly<Record<string, Arm>>;
}

/**
 * `contrastive`: two clouds of a model attract, those of others repel. `supervised`: the same for models of one word.
 * `not invariant`: contrastive, with a network of sets that sees coordinates as they are.
 */
export type Arm =
  | { readonly kind: 'floor' }
  | {
      readonly kind: 'autoencoder' | 'contrastive' | 'supervised' | 'not invariant';
      readonly steps: number;
      /** Models of a batch. */
      readonly batch: number;
    };
