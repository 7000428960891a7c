import * as tf from '../../engine/tf.js';
import { type FieldType, requirePermuting } from './fieldType.js';
import type { SteerableLayer } from './layer.js';

/**
 * Batch normalisation of regular (or scalar) fields: all components of a field share mean, variance, scale and offset.
 * @throws UsageError for other fields
 */
export function fieldBatchNorm(name: string, fields: FieldType): SteerableLayer {
  requirePermuting(fields, 'fieldBatchNorm');
  const { dim } = fields.representation;
  return {
    from: fields,
    to: fields,
    parameters: [],
    batchNorms: [{ name, channels: fields.fields }],
    apply(pass, x) {
      const [n, height, width, channels] = x.shape;
      const shared = tf.reshape(x, [n, height, width * dim, fields.fields]) as tf.Tensor4D;
      return tf.reshape(pass.batchNorm(name, shared), [n, height, width, channels]);
    },
    dispose: () => {},
  };
}
