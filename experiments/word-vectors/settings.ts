import type { Scale } from '../experiment.js';
import type { WordTreeSettings } from '../wordTree.js';

/** config.json */
export interface Settings extends Readonly<Record<Scale, Size>>, WordTreeSettings {
  readonly wordnet: '3.0' | '3.1';
  /** Words that WordNet knows, taken in the order of the vectors. */
  readonly words: number;
  readonly split: SplitSettings;
  readonly codes: { readonly start: string };
  readonly placement: { readonly weightDecay: number };
  readonly joint: JointSettings;
  /** Numbers of nearest words that a word is put among, ascending. */
  readonly neighbors: readonly number[];
  readonly ridge: { readonly penalties: readonly number[] };
}

export interface SplitSettings {
  /** Shares of the words outside of held-out subtrees; the rest tests. */
  readonly train: number;
  readonly validation: number;
  readonly heldOut: {
    /** Of all words, in whole subtrees of `least` to `most` words. */
    readonly share: number;
    readonly least: number;
    readonly most: number;
  };
}

export interface JointSettings {
  readonly learningRate: number;
  /** Of the softmax over distances at the start; it is learned from there. */
  readonly temperatures: readonly number[];
  /** Edges in one e-fold of the wanted softmax. */
  readonly edges: number;
  /** Words a step. */
  readonly items: number;
  /** Training words that others are compared with. */
  readonly references: number;
}

export interface Size {
  readonly seeds: number;
  readonly dims: readonly number[];
  readonly steps: number;
  /** Of the heads onto codes. */
  readonly learningRates: readonly number[];
}
