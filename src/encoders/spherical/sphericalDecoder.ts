import { requireInteger } from '../../core/checks.js';
import type { ModuleSpec, Pass } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import { linear } from '../dense.js';
import { signalItems } from './signalItems.js';
import { glorotUniform, signalLinear } from './signalLinear.js';
import type { SignalShape } from './signalRows.js';
import { sphericalBlocks } from './sphericalBlock.js';
import { requireLast, type SphericalCodecOptions } from './sphericalEncoder.js';

/** Draws an invariant code as a signal that lies as a frame says. */
export interface SphericalDecoder extends ModuleSpec {
  /**
   * @param code [batch, codeDim] @param frames [batch, 3, 3], rotations: the images of the axes are their columns
   * @returns coefficients [batch, columns]; those of g frames are D(g) of those of frames. Call inside tidy.
   */
  decode(pass: Pass, code: tf.Tensor2D, frames: tf.Tensor3D): tf.Tensor2D;
  dispose(): void;
}

/**
 * The encoder's mirror image: scalars from the code, vectors from the frame's three, then blocks.
 * @throws as sphericalEncoder
 * @source Visani et al. 2022 (H-(V)AE), arXiv:2209.15567, section 3.3
 */
export function sphericalDecoder({
  multiplicities,
  blocks,
  codeDim,
  mixed,
  ...options
}: SphericalCodecOptions): SphericalDecoder {
  requireInteger(codeDim, 1, 'sphericalDecoder codeDim');
  const items = signalItems(multiplicities);
  const { channels } = requireLast(blocks, 'sphericalDecoder');
  const target = mixed === undefined ? items.shape : { degree: items.shape.degree, channels: mixed };
  const body = sphericalBlocks('decoder', mirrored(blocks, target), options);
  const last = mixed === undefined ? undefined : signalLinear('decoder/mixed', target, items.shape.channels);
  const scalars = linear('decoder/code', codeDim, channels);
  const layers = [body, ...(last ? [last] : [])];
  return {
    parameters: [
      ...scalars.parameters,
      { name: 'decoder/vectors', shape: [3, channels], initial: glorotUniform(3, channels) },
      ...layers.flatMap(({ parameters }) => parameters),
    ],
    batchNorms: [],
    statistics: body.statistics ?? [],
    decode(pass, code, frames) {
      const batch = code.shape[0];
      const scalar = tf.reshape(tf.transpose(scalars.apply(pass, code)), [1, channels, batch]);
      // Rows of degree 1, m = -1, 0, 1, are y, z, x.
      const axes = tf.gather(tf.transpose(frames, [1, 0, 2]), [1, 2, 0]);
      const mixedAxes = tf.matMul(
        tf.reshape(axes, [3 * batch, 3]) as tf.Tensor2D,
        pass.weight<tf.Tensor2D>('decoder/vectors'),
      );
      const vectors = tf.transpose(tf.reshape(mixedAxes, [3, batch, channels]), [0, 2, 1]);
      const start = tf.concat([scalar, vectors], 0) as tf.Tensor3D;
      return items.toItems(layers.reduce((rows, layer) => layer.apply(pass, rows), start));
    },
    dispose() {
      items.dispose();
      for (const layer of layers) layer.dispose();
    },
  };
}

/** Scalars and vectors, then the blocks but for the last in reverse, then the target. */
function mirrored(blocks: readonly SignalShape[], target: SignalShape): SignalShape[] {
  const { channels } = blocks[blocks.length - 1];
  return [{ degree: 1, channels }, ...blocks.slice(0, -1).reverse(), target];
}
