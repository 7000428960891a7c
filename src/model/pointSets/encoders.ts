import { cloudDecoder } from '../../encoders/clouds/cloudDecoder.js';
import { cloudEncoder } from '../../encoders/clouds/cloudEncoder.js';
import type { Encoder } from '../../encoders/encoder.js';
import { motionsAndOrdersBatch } from '../../encoders/groups/motions.js';
import { permutationsBatch } from '../../encoders/groups/permutations.js';
import { type InvariantAutoencoder, invariantAutoencoder } from '../../encoders/invariantAutoencoder.js';
import { type PointSetLayoutOptions, pointSetLayout } from '../../encoders/layouts.js';
import { autoencoderRows, rowEncoder } from '../../encoders/rowEncoder.js';
import { setDecoder } from '../../encoders/sets/setDecoder.js';
import { setEncoder } from '../../encoders/sets/setEncoder.js';
import type { Pass } from '../../engine/network.js';
import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { elementsError, placesError } from '../../losses/reconstruction.js';
import type { PointSetConfig, ResolvedPointSetConfig } from './config.js';

/** A code, and the parts of the loss that drawing the items again from it gives, each under the name of its weight. */
export interface Redrawn {
  readonly code: tf.Tensor2D;
  readonly parts: Readonly<Record<string, tf.Scalar>>;
}

export interface PointSetEncoder {
  readonly encoder: Encoder;
  /** Absent where the reconstruction has no weight: there is no decoder then. Call inside tidy. */
  redraw?(pass: Pass, rows: tf.Tensor2D, progress: number): Redrawn;
}

/** Softness of orders at the beginning and end of a training, in the unit of the scores. */
const ORDER_TEMPERATURE = { start: 1, end: 0.1 };

/** How the items of a config lie in rows. */
export function layoutOf({ encoder }: PointSetConfig): PointSetLayoutOptions {
  return { maxPoints: encoder.maxPoints, dim: encoder.kind === 'cloud' ? 3 : encoder.dim };
}

/** The encoder of a config, with its decoder if the loss asks for one. @throws UsageError, DomainError as its parts do */
export function pointSetEncoder(config: ResolvedPointSetConfig): PointSetEncoder {
  return config.encoder.kind === 'cloud' ? ofClouds(config, config.encoder) : ofSets(config, config.encoder);
}

function ofClouds(
  config: ResolvedPointSetConfig,
  { neighbors, ...options }: Extract<ResolvedPointSetConfig['encoder'], { kind: 'cloud' }>,
): PointSetEncoder {
  const layout = pointSetLayout(layoutOf(config));
  const encoder = cloudEncoder({ ...options, ...(neighbors !== 'all' && { neighbors }) });
  if (config.loss.weights.reconstruction === 0) return { encoder: rowEncoder(layout, encoder) };
  const { radius } = options;
  return redrawing(
    invariantAutoencoder({
      ...{ layout, encoder },
      decoder: cloudDecoder(options),
      group: motionsAndOrdersBatch(undefined, { temperature: ORDER_TEMPERATURE }),
      error: (output, clouds) => tf.div(placesError(output, clouds), radius ** 2),
    }),
  );
}

function ofSets(
  config: ResolvedPointSetConfig,
  { width: hidden, ...options }: Extract<ResolvedPointSetConfig['encoder'], { kind: 'set' }>,
): PointSetEncoder {
  const layout = pointSetLayout(layoutOf(config));
  const encoder = setEncoder({ ...options, hidden });
  if (config.loss.weights.reconstruction === 0) return { encoder: rowEncoder(layout, encoder) };
  return redrawing(
    invariantAutoencoder({
      ...{ layout, encoder },
      decoder: setDecoder({ ...options, hidden }),
      group: permutationsBatch({ temperature: ORDER_TEMPERATURE }),
      error: options.elements === 'classes' ? elementsError : placesError,
    }),
  );
}

function redrawing<F, G>(autoencoder: InvariantAutoencoder<PointSets, F, G>): PointSetEncoder {
  const { group } = autoencoder;
  return {
    encoder: autoencoderRows(autoencoder),
    redraw(pass, rows, progress) {
      const { parts, reconstruction } = autoencoder.loss(pass, rows, progress);
      const { code, element } = reconstruction;
      const order = group.penalty?.(element);
      return { code, parts: { reconstruction: parts['reconstruction'], ...(order && { order }) } };
    },
  };
}
