import * as tf from '../../engine/tf.js';
import { channelsOf, type FieldType } from './fieldType.js';
import type { RepresentationPart } from './representation.js';

/** The components of a map, [n * height * width, fields] each, in order. */
export function componentsOf({ representation, fields }: FieldType, x: tf.Tensor4D): tf.Tensor2D[] {
  const [n, height, width] = x.shape;
  return columnGroups(tf.reshape(x, [n * height * width, representation.dim * fields]), representation.dim);
}

/** The columns in `count` groups of equal width; tfjs has no gradient for a split into one. */
export function columnGroups(rows: tf.Tensor, count: number): tf.Tensor2D[] {
  return (count === 1 ? [rows] : tf.split(rows, count, 1)) as tf.Tensor2D[];
}

/** `change` done to the components of each part, at the number of the part. @returns like x */
export function eachPart(
  type: FieldType,
  x: tf.Tensor4D,
  change: (part: RepresentationPart, components: tf.Tensor2D[], at: number) => readonly tf.Tensor2D[],
): tf.Tensor4D {
  const components = componentsOf(type, x);
  let from = 0;
  const changed = type.representation.parts.flatMap((part, at) => {
    from += part.dim;
    return change(part, components.slice(from - part.dim, from), at);
  });
  const [n, height, width] = x.shape;
  const rows = changed.length === 1 ? changed[0] : tf.concat(changed, 1);
  return tf.reshape(rows, [n, height, width, channelsOf(type)]) as tf.Tensor4D;
}

/**
 * The length of each vector, whose components are given one by one, rounded off at 0: sqrt(|v|² + shortest²), so that
 * its gradient is finite everywhere.
 */
export function roundedNorms(components: readonly tf.Tensor2D[], shortest: number): tf.Tensor2D {
  const squares = components.map((component) => tf.square(component));
  return tf.sqrt(tf.add(squares.length === 1 ? squares[0] : tf.addN(squares), shortest ** 2)) as tf.Tensor2D;
}
