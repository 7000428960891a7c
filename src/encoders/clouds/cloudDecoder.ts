import { requirePositive } from '../../core/checks.js';
import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { Decoder } from '../invariantAutoencoder.js';
import { type SetDecoderOptions, setDecoder } from '../sets/setDecoder.js';

export interface CloudDecoderOptions extends Omit<SetDecoderOptions, 'dim'> {
  /** Size of the clouds, in their unit, > 0: that of the encoder. */
  readonly radius: number;
}

/**
 * Codes -> clouds in their canonical pose, about the origin: a network at every slot gives its coordinates, and logits
 * of its kinds where there are some.
 * @throws as setDecoder; DomainError for a radius that is not > 0
 */
export function cloudDecoder({ radius, ...options }: CloudDecoderOptions): Decoder<PointSets> {
  requirePositive(radius, 'cloudDecoder radius');
  const slots = setDecoder({ ...options, dim: 3 });
  return {
    ...slots,
    decode(pass, code, like) {
      const decoded = slots.decode(pass, code, like);
      return { ...decoded, points: tf.mul(decoded.points, radius) };
    },
  };
}
