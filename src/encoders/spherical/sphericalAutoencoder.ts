import type { ModuleSpec, Pass } from '../../engine/network.js';
import type { LossReport } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { coefficientCount } from '../../symmetry/so3/degrees.js';
import { spaceFrames } from '../groups/frames.js';
import { type SphericalDecoder, sphericalDecoder } from './sphericalDecoder.js';
import { type SphericalCodecOptions, type SphericalEncoder, sphericalEncoder } from './sphericalEncoder.js';

export interface SphericalAutoencoderOptions extends SphericalCodecOptions {
  /** Whether codes are normal distributions that training draws from, near the standard one: H-VAE, else H-AE. */
  readonly variational: boolean;
  /** λ, what the mean square error of the coefficients weighs; 50 by default. */
  readonly errorWeight?: number;
}

/** What changes from step to step of a training. */
export interface SphericalDraw {
  /** Standard normal numbers [batch, codeDim]; without them the loss is that of the means. */
  readonly noise?: tf.Tensor2D | undefined;
  /** β, what the divergence a dimension of the code weighs, >= 0. */
  readonly divergenceWeight: number;
}

/**
 * An autoencoder of signals on the sphere. No `invariantAutoencoder`: that turns what its decoder draws in a canonical
 * pose, which takes a Wigner matrix for every item. This decoder commutes with rotations itself and draws the item as a
 * frame says; `decode` with the identity is the canonical pose, and turning it gives the same.
 */
export interface SphericalAutoencoder extends ModuleSpec {
  readonly encoder: SphericalEncoder;
  readonly decoder: SphericalDecoder;
  /** Numbers of an item. */
  readonly columns: number;
  readonly variational: boolean;
  /** λ MSE(coefficients) + β KL(codes | standard normal) / codeDim, nats. Call inside tidy. */
  loss(pass: Pass, items: tf.Tensor2D, draw: SphericalDraw): LossReport;
  dispose(): void;
}

/**
 * @throws as sphericalEncoder
 * @source Visani et al. 2022 (H-(V)AE), arXiv:2209.15567, section 3.3
 */
export function sphericalAutoencoder({
  variational,
  errorWeight = 50,
  ...codec
}: SphericalAutoencoderOptions): SphericalAutoencoder {
  const encoder = sphericalEncoder(codec, { variational });
  const decoder = sphericalDecoder(codec);
  return {
    encoder,
    decoder,
    columns: coefficientCount(codec.multiplicities),
    variational,
    parameters: [...encoder.parameters, ...decoder.parameters],
    batchNorms: [],
    statistics: [...(encoder.statistics ?? []), ...(decoder.statistics ?? [])],
    loss(pass, items, { noise, divergenceWeight }) {
      const { code, logVariance, features } = encoder.encode(pass, items);
      const drawn =
        logVariance && noise ? tf.add(code, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise)) : code;
      const output = decoder.decode(pass, drawn as tf.Tensor2D, spaceFrames(features, false));
      const error = tf.mean(tf.square(tf.sub(output, items))) as tf.Scalar;
      const weighted = tf.mul(error, errorWeight) as tf.Scalar;
      if (!logVariance) return { total: weighted, parts: { error } };
      const divergence = divergenceOf(code, logVariance);
      const total = tf.add(weighted, tf.mul(divergence, divergenceWeight)) as tf.Scalar;
      return { total, parts: { error, divergence } };
    },
    dispose() {
      encoder.dispose();
      decoder.dispose();
    },
  };
}

/** KL divergence from the standard normal distribution, nats, mean over items and dimensions. */
function divergenceOf(mean: tf.Tensor2D, logVariance: tf.Tensor2D): tf.Scalar {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(tf.mean(terms), 0.5);
}
