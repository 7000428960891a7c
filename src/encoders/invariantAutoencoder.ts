import type { ModuleSpec, Pass } from '../engine/network.js';
import type { LossReport } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import type { BatchGroup, Moment } from './groups/batchGroup.js';

/** Maps a batch of items to an invariant code and to features that turn with the items: what ψ reads. */
export interface EquivariantEncoder<X, F> extends ModuleSpec {
  readonly kind: string;
  readonly codeDim: number;
  /** code [n, codeDim] and features, n in front. Call inside tidy. */
  encode(pass: Pass, x: X): { readonly code: tf.Tensor2D; readonly features: F };
  /** Frees the constant tables that the encoder keeps on the device. */
  dispose(): void;
}

/** Maps codes to items in their canonical pose. */
export interface Decoder<X> extends ModuleSpec {
  /**
   * @param code [n, codeDim] @param like what the items have whichever way they lie: a size, a mask. Call inside tidy.
   */
  decode(pass: Pass, code: tf.Tensor2D, like: X): X;
  dispose(): void;
}

/** How an item lies in a row of numbers, so that any kind of item travels through the same batches. */
export interface Layout<X> {
  readonly columns: number;
  /** rows [n, columns] -> items. Call inside tidy. */
  unpack(rows: tf.Tensor2D): X;
}

export interface Reconstruction<X, G> {
  /** η(x), [n, codeDim] */
  readonly code: tf.Tensor2D;
  /** ψ(x) */
  readonly element: G;
  /** δ(η(x)): the same for all items of an orbit */
  readonly canonical: X;
  /** ψ(x) δ(η(x)) */
  readonly output: X;
}

export interface InvariantAutoencoder<X, F, G> extends ModuleSpec {
  readonly encoder: EquivariantEncoder<X, F>;
  readonly group: BatchGroup<X, F, G>;
  readonly layout: Layout<X>;
  /** Call inside tidy. */
  reconstruct(pass: Pass, x: X, progress: number): Reconstruction<X, G>;
  /** The reconstruction error and the group's penalty. Call inside tidy. @param progress share of the training done */
  loss(
    pass: Pass,
    rows: tf.Tensor2D,
    progress: number,
  ): LossReport & { readonly reconstruction: Reconstruction<X, G> };
  /** ψ(x)⁻¹ x: the item in its canonical pose, without the decoder. Call inside tidy. */
  canonicalize(pass: Pass, x: X): X;
  dispose(): void;
}

export interface InvariantAutoencoderParts<X, F, G> {
  readonly layout: Layout<X>;
  readonly encoder: EquivariantEncoder<X, F>;
  readonly decoder: Decoder<X>;
  readonly group: BatchGroup<X, F, G>;
  /** How far the output is from the item, averaged over the batch: a scalar >= 0. */
  readonly error: (output: X, x: X) => tf.Scalar;
  /** Weight of the group's penalty; 0 by default. */
  readonly penaltyWeight?: number;
}

/**
 * output = ψ(x) δ(η(x)) for any group: η forgets it, ψ finds it, δ draws the item as it lies without it. There is no
 * loss for the equivariance: it holds by construction, as far as the encoder's does.
 * @source Winter et al. 2022, arXiv:2202.07559, eq. 1
 */
export function invariantAutoencoder<X, F, G>(
  parts: InvariantAutoencoderParts<X, F, G>,
): InvariantAutoencoder<X, F, G> {
  const { layout, encoder, decoder, group, error, penaltyWeight = 0 } = parts;
  const reconstruct = (pass: Pass, x: X, progress: number): Reconstruction<X, G> => {
    const { code, features } = encoder.encode(pass, x);
    const element = group.fromFeatures(features, momentOf(pass, progress));
    const canonical = decoder.decode(pass, code, x);
    return { code, element, canonical, output: group.act(element, canonical) };
  };
  return {
    encoder,
    group,
    layout,
    parameters: [...encoder.parameters, ...decoder.parameters],
    batchNorms: [...encoder.batchNorms, ...decoder.batchNorms],
    statistics: [...(encoder.statistics ?? []), ...(decoder.statistics ?? [])],
    reconstruct,
    loss(pass, rows, progress) {
      const x = layout.unpack(rows);
      const reconstruction = reconstruct(pass, x, progress);
      const distance = error(reconstruction.output, x);
      if (penaltyWeight === 0 || !group.penalty)
        return { total: distance, parts: { reconstruction: distance }, reconstruction };
      const penalty = group.penalty(reconstruction.element);
      const total: tf.Scalar = tf.add(distance, tf.mul(penalty, penaltyWeight));
      return { total, parts: { reconstruction: distance, penalty }, reconstruction };
    },
    canonicalize(pass, x) {
      const { features } = encoder.encode(pass, x);
      return group.act(group.inverse(group.fromFeatures(features, momentOf(pass, 1))), x);
    },
    dispose() {
      encoder.dispose();
      decoder.dispose();
    },
  };
}

const momentOf = ({ training }: Pass, progress: number): Moment => ({
  training,
  progress: training ? progress : 1,
});
