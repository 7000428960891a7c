import * as tf from '../../engine/tf.js';
import { type FieldType, requirePermuting, scalarFields } from './fieldType.js';
import { plainLayer, type SteerableLayer } from './layer.js';
import { componentsOf, roundedNorms } from './parts.js';

/**
 * Halves height and width: means of 2 x 2 squares, whatever the fields are. Of an odd size, in which squares would not
 * lie evenly about the centre, windows of 3 x 3 every 2 pixels.
 */
export function averagePool(type: FieldType): SteerableLayer {
  return plainLayer(type, type, halved);
}

/**
 * Halves height and width after a low-pass filter: weights 1, 2, 2, 1 in each direction (of an odd size 1, 2, 3, 2, 1);
 * at the edge the mean is over the pixels that are there. Slower than `averagePool`, but details finer than the new pixels
 * no longer come out as coarser ones, which change as the image turns.
 * @source Zhang 2019, arXiv:1904.11486, section 3.2
 */
export function antialiasedPool(type: FieldType): SteerableLayer {
  return plainLayer(type, type, (x) => halved(tf.avgPool(x, 3, 1, 'same')));
}

/** Lengths below this are rounded off. */
const SHORTEST = 1e-4;

/** Regular fields to scalars: the largest component of each, which no element of the group changes. */
export function groupPool(type: FieldType): SteerableLayer {
  requirePermuting(type, 'groupPool');
  const { representation, fields } = type;
  const to = scalarFields(representation.group, fields);
  return plainLayer(type, to, (x) => {
    const [n, height, width] = x.shape;
    const components = tf.reshape(x, [n * height * width, representation.dim, fields]);
    return tf.reshape(tf.max(components, 1), [n, height, width, fields]) as tf.Tensor4D;
  });
}

/** Each part of each field to one scalar: its length, rounded off below 1e-4; a trivial part stays as it is. */
export function normPool(type: FieldType): SteerableLayer {
  const { representation, fields } = type;
  const { parts, group } = representation;
  const to = scalarFields(group, parts.length * fields);
  return plainLayer(type, to, (x) => {
    const components = componentsOf(type, x);
    let from = 0;
    const norms = parts.map((part) => {
      from += part.dim;
      return part.trivial
        ? components[from - 1]
        : roundedNorms(components.slice(from - part.dim, from), SHORTEST);
    });
    const [n, height, width] = x.shape;
    const rows = norms.length === 1 ? norms[0] : tf.concat(norms, 1);
    return tf.reshape(rows, [n, height, width, parts.length * fields]) as tf.Tensor4D;
  });
}

function halved(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  const [tall, wide] = [2 + (height % 2), 2 + (width % 2)] as [number, number];
  return tf.avgPool(x, [tall, wide], 2, 'same');
}
