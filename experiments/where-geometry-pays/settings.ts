import type { Scale } from '../experiment.js';
import type { WordTreeSettings } from '../wordTree.js';
import type { DistanceKind, SpaceName } from './spaces.js';

/** config.json */
export interface Settings extends Readonly<Record<Scale, Size>>, WordTreeSettings {
  readonly wordnet: '3.0' | '3.1';
  /** Known trees: the offset of the synset at the root of each. */
  readonly roots: Readonly<Record<string, string>>;
  /** Words that are read, in the order of their package; experiments with the same number share a file. */
  readonly words: number;
  readonly split: SplitSettings;
  readonly training: TrainingSettings;
  /** Tried for each arm of a joint loss, by what its distances are made of; as many for each. */
  readonly temperatures: Readonly<Record<DistanceKind, readonly number[]>>;
  readonly placement: PlacementSettings;
  /** Numbers of nearest references that a word is put among, ascending. */
  readonly neighbors: readonly number[];
}

export interface SplitSettings {
  /** Words of a class, those that hang below one node; smaller classes stay out. */
  readonly wordsPerClass: number;
  /** Share of the classes that nothing is trained or chosen on. */
  readonly test: number;
  /** Share of the other classes that settings are chosen on. */
  readonly validation: number;
}

export interface TrainingSettings {
  readonly hidden: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Steps of linear warm-up. */
  readonly warmup: number;
  readonly classesPerBatch: number;
  readonly perClass: number;
  /** Of the hierarchical loss: edges between the nodes of two words that are positives, at most; a softmax each. */
  readonly positiveWithin: readonly number[];
}

export interface PlacementSettings {
  /** Of the codes of the words' tree: see `trainTree`. */
  readonly start: string;
  readonly weightDecay: number;
  /** Tried for each arm: what temperatures are to the other losses. */
  readonly learningRates: readonly number[];
}

export interface Size {
  readonly seeds: number;
  readonly codes: {
    /** Numbers a node that each known tree is tried with, ascending. */
    readonly trees: Readonly<Record<string, readonly number[]>>;
    readonly spaces: readonly SpaceName[];
    /** Of the words' tree too. */
    readonly steps: number;
    /** That which is better on validation pairs is taken. */
    readonly starts: readonly string[];
  };
  /** The first so many of the words are used. */
  readonly words: number;
  /** Numbers a word, ascending. */
  readonly dims: readonly number[];
  readonly spaces: readonly SpaceName[];
  /** Of a head. */
  readonly steps: number;
  /** Whose quality as Euclidean numbers the other spaces are to reach. */
  readonly reference: number;
}
