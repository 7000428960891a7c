import {
  elementsError,
  type InvariantAutoencoder,
  invariantAutoencoder,
  orderedSetDecoder,
  orderedSetEncoder,
  type PointSets,
  permutationsBatch,
  pointSetLayout,
  setDecoder,
  setEncoder,
  trivialBatch,
} from '../../src/index.js';

export const CLASSES = 10;

export interface Settings {
  /** Elements of a set. */
  readonly size: number;
  readonly codeDim: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly batch: number;
  readonly permutations: {
    readonly hidden: number;
    readonly layers: number;
    readonly temperature: { readonly start: number; readonly end: number };
    readonly penaltyWeight: number;
  };
  readonly classical: { readonly hidden: number };
  readonly small: Size;
  readonly full: Size;
}

export interface Size {
  readonly steps: number;
  readonly seeds: number;
  /** Test sets. */
  readonly test: number;
}

/** `sorted`: the classical model on sets that were put in order by hand, which digits happen to allow. */
export const ARMS = ['permutations', 'classical', 'sorted'] as const;
export type Arm = (typeof ARMS)[number];

// What features and elements are does not matter to whoever trains one.
type AnyAutoencoder = InvariantAutoencoder<PointSets, unknown, unknown>;

export function autoencoderOf(arm: Arm, settings: Settings): AnyAutoencoder {
  const { size, codeDim, permutations, classical } = settings;
  const layout = pointSetLayout({ maxPoints: size, dim: CLASSES });
  if (arm === 'permutations') {
    const { hidden, layers, temperature, penaltyWeight } = permutations;
    return invariantAutoencoder({
      layout,
      encoder: setEncoder({ dim: CLASSES, codeDim, hidden, layers }),
      decoder: setDecoder({ codeDim, maxPoints: size, dim: CLASSES, hidden }),
      group: permutationsBatch({ temperature }),
      error: elementsError,
      penaltyWeight,
    }) as unknown as AnyAutoencoder;
  }
  const ordered = { maxPoints: size, dim: CLASSES, codeDim, hidden: classical.hidden };
  return invariantAutoencoder({
    layout,
    encoder: orderedSetEncoder(ordered),
    decoder: orderedSetDecoder(ordered),
    group: trivialBatch<PointSets>(),
    error: elementsError,
  }) as unknown as AnyAutoencoder;
}

/** Trained numbers of an arm's model. */
export function sizeOf(arm: Arm, settings: Settings): number {
  const autoencoder = autoencoderOf(arm, settings);
  const count = autoencoder.parameters.reduce(
    (sum, { shape }) => sum + shape.reduce((product, width) => product * width, 1),
    0,
  );
  autoencoder.dispose();
  return count;
}
