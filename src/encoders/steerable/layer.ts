import type { ModuleSpec, Pass } from '../../engine/network.js';
import type * as tf from '../../engine/tf.js';
import { type FieldType, requireSameFields } from './fieldType.js';

/** A map of feature maps that commutes with the group: steerable(g x) = g steerable(x). */
export interface SteerableLayer extends ModuleSpec {
  readonly from: FieldType;
  readonly to: FieldType;
  /** x [n, height, width, channels of `from`]. Call inside tidy. */
  apply(pass: Pass, x: tf.Tensor4D): tf.Tensor4D;
  /** Frees the constant tables that the layer keeps on the device. */
  dispose(): void;
}

/** A layer without arrays of its own. */
export function plainLayer(
  from: FieldType,
  to: FieldType,
  apply: (x: tf.Tensor4D) => tf.Tensor4D,
  dispose: () => void = () => {},
): SteerableLayer {
  return { from, to, parameters: [], batchNorms: [], apply: (_, x) => apply(x), dispose };
}

/** One after the other. @throws UsageError where a layer's fields are not those of the one before, or for no layer */
export function steerableSequence(first: SteerableLayer, ...rest: readonly SteerableLayer[]): SteerableLayer {
  const layers = [first, ...rest];
  for (let i = 1; i < layers.length; i++)
    requireSameFields(layers[i - 1].to, layers[i].from, `steerableSequence layer ${i}`);
  return {
    from: first.from,
    to: layers[layers.length - 1].to,
    parameters: layers.flatMap((layer) => layer.parameters),
    batchNorms: layers.flatMap((layer) => layer.batchNorms),
    statistics: layers.flatMap((layer) => layer.statistics ?? []),
    apply: (pass, x) => layers.reduce((y, layer) => layer.apply(pass, y), x),
    dispose() {
      for (const layer of layers) layer.dispose();
    },
  };
}
