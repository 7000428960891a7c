import {
  cloudDecoder,
  cloudEncoder,
  type InvariantAutoencoder,
  invariantAutoencoder,
  motionsAndOrdersBatch,
  orderedSetDecoder,
  orderedSetEncoder,
  type PointSets,
  placesError,
  pointSetLayout,
  tf,
  trivialBatch,
} from '../../src/index.js';

export const LAYOUT = { maxPoints: 4, dim: 3 };

export interface Settings {
  /** Standard deviations of a coordinate about the shape and of one of the translation. */
  readonly noise: number;
  readonly shift: number;
  readonly codeDim: number;
  /** Clouds that are tested. */
  readonly test: number;
  readonly radius: number;
  readonly scalars: number;
  readonly vectors: number;
  readonly hidden: number;
  readonly classicalHidden: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Of the entropy of the order, beside the error in the unit of the noise's variance: it keeps the scores apart. */
  readonly penaltyWeight: number;
  readonly small: Size;
  readonly full: Size;
}

export interface Size {
  readonly steps: number;
  readonly seeds: number;
  readonly arms: readonly Arm[];
}

/** `no messages`: the cloud in its frame is all that the code and the scores see. `classical`: no group. */
export type Arm = 'SE(3) x S_4' | 'no messages' | 'classical';

// What features and elements are does not matter to whoever trains one.
type AnyAutoencoder = InvariantAutoencoder<PointSets, unknown, unknown>;

export function autoencoderOf(arm: Arm, settings: Settings): AnyAutoencoder {
  const { noise, codeDim, radius, scalars, vectors, hidden } = settings;
  const { maxPoints, dim } = LAYOUT;
  // In the unit of the noise's variance: what is left at the end would drown beside Adam's epsilon otherwise.
  const error = (output: PointSets, x: PointSets): tf.Scalar =>
    tf.mul(placesError(output, x), 1 / noise ** 2);
  const layout = pointSetLayout(LAYOUT);
  if (arm === 'classical') {
    const ordered = { maxPoints, dim, codeDim, hidden: settings.classicalHidden };
    return invariantAutoencoder({
      layout,
      encoder: orderedSetEncoder(ordered),
      decoder: orderedSetDecoder(ordered),
      group: trivialBatch<PointSets>(),
      error,
    }) as unknown as AnyAutoencoder;
  }
  return invariantAutoencoder({
    layout,
    encoder: cloudEncoder({
      ...{ codeDim, radius, scalars, vectors, hidden },
      ...{ layers: arm === 'no messages' ? 0 : 1, frame: 'points', code: 'canonical' },
    }),
    decoder: cloudDecoder({ codeDim, maxPoints, radius, hidden }),
    group: motionsAndOrdersBatch(),
    error,
    penaltyWeight: settings.penaltyWeight,
  }) as unknown as AnyAutoencoder;
}
