import { expectation, UsageError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { Encoder } from '../encoder.js';
import type { EquivariantEncoder } from '../invariantAutoencoder.js';
import { imageLayout } from '../layouts.js';

/** An equivariant encoder of images of one size for rows of pixels, its features as the orientation. */
export function encoderOfImages(
  encoder: EquivariantEncoder<tf.Tensor4D, tf.Tensor2D>,
  {
    height,
    width,
    channels = 1,
  }: { readonly height: number; readonly width: number; readonly channels?: number },
): Encoder {
  const { columns, unpack } = imageLayout(height, width, channels);
  return {
    ...encoder,
    columns,
    encode(pass, rows) {
      const { code, features } = encoder.encode(pass, unpack(rows));
      return { code, orientation: features };
    },
  };
}

/**
 * An encoder of rows of pixels for images, its orientation as the features.
 * @throws UsageError, on encoding, where it has no orientation
 */
export function orientedEncoder(encoder: Encoder): EquivariantEncoder<tf.Tensor4D, tf.Tensor2D> {
  return {
    ...encoder,
    encode(pass, images) {
      const { code, orientation } = encoder.encode(pass, asRows(images, encoder.columns));
      if (!orientation)
        throw new UsageError(
          expectation(
            'orientedEncoder',
            'an encoder with an orientation',
            encoder.kind,
            'take polarCnn or steerableCnn',
          ),
        );
      return { code, features: orientation };
    },
  };
}

/** An encoder of rows of pixels for images, without features: of the trivial group, for an ordinary autoencoder. */
export function plainEncoder(encoder: Encoder): EquivariantEncoder<tf.Tensor4D, null> {
  return {
    ...encoder,
    encode(pass, images) {
      return { code: encoder.encode(pass, asRows(images, encoder.columns)).code, features: null };
    },
  };
}

const asRows = (images: tf.Tensor4D, columns: number) => tf.reshape(images, [-1, columns]) as tf.Tensor2D;
