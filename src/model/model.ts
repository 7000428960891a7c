import { requireFinite } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import type { EmbeddingSet } from '../core/records.js';
import type { Encoder } from '../encoders/encoder.js';
import { encoderOfImages } from '../encoders/images/imageEncoders.js';
import { plainCnn } from '../encoders/images/plainCnn.js';
import { polarCnn } from '../encoders/images/polarCnn.js';
import { steerableCnn } from '../encoders/steerable/steerableCnn.js';
import type { EncoderConfig, ModelConfig } from './config.js';
import { HeadedModel } from './headedModel.js';

/** A model of grey images. Dispose of it when done: weights live on the device. */
export class Model extends HeadedModel<ModelConfig> {
  constructor(
    config: ModelConfig,
    readonly height: number,
    readonly width: number,
  ) {
    super(config, buildEncoder(config.encoder, height, width));
  }

  /**
   * @param pixels n images of height x width, row-major, 0..1
   * @throws ShapeError unless whole images, DomainError for NaN (names the image)
   */
  async embed(pixels: Float32Array): Promise<EmbeddingSet> {
    const size = this.height * this.width;
    if (pixels.length === 0 || pixels.length % size !== 0) {
      throw new ShapeError(
        expectation(
          'embed',
          `images of ${this.height} x ${this.width}`,
          `${pixels.length} values`,
          'check the image size',
        ),
      );
    }
    requireFinite(pixels, size, 'embed: image');
    return this.embedRows(pixels);
  }
}

function buildEncoder(config: EncoderConfig, height: number, width: number): Encoder {
  const size = { height, width };
  switch (config.kind) {
    case 'polarCnn':
      return polarCnn({ ...config, ...size });
    case 'steerableCnn':
      return encoderOfImages(steerableCnn({ ...config, ...size }), size);
    case 'plainCnn':
      return plainCnn({ ...config, ...size });
  }
}
