import { BATCH_NORM_EPSILON } from '../../engine/batchNorm.js';
import { ones, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { channelsOf, type FieldType } from './fieldType.js';
import type { SteerableLayer } from './layer.js';

/**
 * Batch normalisation of irreducible fields: scalars as always; a vector is divided by the root mean square of its
 * components over the batch, without a mean or an offset, which would single out a direction.
 * @source Weiler and Cesa 2019, arXiv:1911.08251, appendix G.4 (scalars) and the norm batch norm of its code (vectors)
 */
export function irrepBatchNorm(name: string, type: FieldType): SteerableLayer {
  const { fields } = type;
  const { parts, dim } = type.representation;
  const statistics = [
    { name: `${name}/mean`, shape: [parts.length, fields], initial: zeros },
    { name: `${name}/square`, shape: [parts.length, fields], initial: ones },
  ];
  // [components, parts]: spreads a part's number over its components; [parts, 1]: where there is a mean.
  const tables = tf.tidy(() => {
    const spread = new Float32Array(dim * parts.length);
    let at = 0;
    for (const [p, part] of parts.entries())
      for (let c = 0; c < part.dim; c++) spread[at++ * parts.length + p] = 1;
    return {
      spread: tf.keep(tf.tensor2d(spread, [dim, parts.length])),
      share: tf.keep(
        tf.tensor2d(
          parts.map((part) => 1 / part.dim),
          [parts.length, 1],
        ),
      ),
      centred: tf.keep(
        tf.tensor2d(
          parts.map((part) => Number(part.trivial)),
          [parts.length, 1],
        ),
      ),
    };
  });
  const { spread, share, centred } = tables;
  return {
    from: type,
    to: type,
    parameters: [
      { name: `${name}/scale`, shape: [parts.length, fields], initial: ones },
      { name: `${name}/offset`, shape: [parts.length, fields], initial: zeros },
    ],
    batchNorms: [],
    statistics,
    apply(pass, x) {
      const byPart = (values: tf.Tensor) =>
        tf.mul(
          tf.matMul(spread, tf.reshape(values, [dim, fields]) as tf.Tensor2D, true),
          share,
        ) as tf.Tensor2D;
      const mean = pass.statistic(
        `${name}/mean`,
        () => tf.mul(byPart(tf.mean(x, [0, 1, 2])), centred) as tf.Tensor2D,
      );
      const square = pass.statistic(`${name}/square`, () => byPart(tf.mean(tf.square(x), [0, 1, 2])));
      const inverse = tf.rsqrt(tf.add(tf.sub(square, tf.square(mean)), BATCH_NORM_EPSILON));
      const scale = tf.mul(pass.weight(`${name}/scale`), inverse);
      const offset = tf.mul(tf.sub(pass.weight(`${name}/offset`), tf.mul(mean, scale)), centred);
      const each = (values: tf.Tensor) =>
        tf.reshape(tf.matMul(spread, values as tf.Tensor2D), [channelsOf(type)]) as tf.Tensor1D;
      return tf.add(tf.mul(x, each(scale)), each(offset)) as tf.Tensor4D;
    },
    dispose: () => tf.dispose(tables),
  };
}
