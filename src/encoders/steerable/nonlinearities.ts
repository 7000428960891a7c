import { expectation, UsageError } from '../../core/errors.js';
import { normal } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { channelsOf, type FieldType, fieldType, requirePermuting } from './fieldType.js';
import { plainLayer, type SteerableLayer } from './layer.js';
import { columnGroups, eachPart, roundedNorms } from './parts.js';
import { directSum, irrep } from './representation.js';

/** max(x, 0) of each number: for regular and scalar fields. @throws UsageError for others */
export function fieldRelu(type: FieldType): SteerableLayer {
  requirePermuting(type, 'fieldRelu');
  return plainLayer(type, type, (x) => tf.relu(x));
}

/** Lengths are rounded off below this, so that a vector of 0 has a gradient. */
const SHORTEST = 1e-4;

/**
 * Scalars: max(x, 0). Every other part v: v max(|v| + b, 0) / |v| with a trained b for each field, so that directions
 * stay and lengths are rectified.
 * @source Worrall et al. 2017, arXiv:1612.04642, eq. 8
 */
export function normRelu(name: string, type: FieldType): SteerableLayer {
  const { parts } = type.representation;
  const vectors = parts.filter((part) => !part.trivial).length;
  return {
    from: type,
    to: type,
    parameters: vectors === 0 ? [] : [{ name, shape: [1, vectors * type.fields], initial: normal(0.1) }],
    batchNorms: [],
    apply(pass, x) {
      if (vectors === 0) return tf.relu(x);
      const offsets = columnGroups(pass.weight(name), vectors);
      let vector = 0;
      return eachPart(type, x, (part, components) => {
        if (part.trivial) return components.map((component) => tf.relu(component));
        const norms = roundedNorms(components, SHORTEST);
        const factor = tf.div(tf.relu(tf.add(norms, offsets[vector++])), norms);
        return components.map((component) => tf.mul(component, factor) as tf.Tensor2D);
      });
    },
    dispose: () => {},
  };
}

/**
 * Scalars: max(x, 0). Every other part is multiplied by the logistic function of a scalar field of its own, which the
 * layer before must supply: `from` has one more scalar for each such part, at its end.
 * @source Weiler et al. 2018, arXiv:1807.02547, section 4.2
 */
export function gate(type: FieldType): SteerableLayer {
  const { representation, fields } = type;
  const gated = representation.parts.filter((part) => !part.trivial);
  const gates = gated.map(() => irrep(representation.group, 0));
  const from = fieldType(directSum(representation, ...gates), fields);
  return plainLayer(from, type, (x) => {
    if (gates.length === 0) return tf.relu(x);
    const [n, height, width] = x.shape;
    const rows = tf.reshape(x, [n * height * width, channelsOf(from)]);
    const [values, openings] = tf.split(rows, [channelsOf(type), gates.length * fields], 1);
    const factors = columnGroups(tf.sigmoid(openings), gates.length);
    let vector = 0;
    const map = tf.reshape(values, [n, height, width, channelsOf(type)]) as tf.Tensor4D;
    return eachPart(type, map, (part, components) => {
      if (part.trivial) return components.map((component) => tf.relu(component));
      const factor = factors[vector++];
      return components.map((component) => tf.mul(component, factor) as tf.Tensor2D);
    });
  });
}

/**
 * Fields of different frequencies as band-limited functions on the circle: sampled at `samples` angles, rectified, and
 * taken back. Turns by multiples of 360 / samples degrees commute with it exactly, others as far as the rectified
 * function has no frequencies above samples - highest.
 * @param samples at least 2 * highest frequency + 1; by default twice that, to the next multiple of 4
 * @throws UsageError unless the parts are different frequencies, or for too few samples
 * @source Cesa, Lang and Weiler 2022, ICLR, "A program to build E(N)-equivariant steerable CNNs", section 4
 */
export function fourierRelu(type: FieldType, samples?: number): SteerableLayer {
  const { parts, dim } = type.representation;
  const frequencies = parts.map(({ frequency }) => frequency);
  if (new Set(frequencies).size !== parts.length || parts.some((part) => part.permutes && !part.trivial))
    throw new UsageError(
      expectation('fourierRelu', 'different frequencies', type.representation.name, 'take frequencyFields'),
    );
  const fewest = 2 * Math.max(...frequencies) + 1;
  const count = samples ?? 4 * Math.ceil(fewest / 2);
  if (!(Number.isInteger(count) && count >= fewest))
    throw new UsageError(
      expectation('fourierRelu samples', `an integer of at least ${fewest}`, samples, 'take more'),
    );
  const harmonics = new Float32Array(dim * count);
  let row = 0;
  for (const { frequency, dim: size } of parts) {
    for (let c = 0; c < size; c++, row++) {
      for (let a = 0; a < count; a++) {
        const angle = (2 * Math.PI * frequency * a) / count;
        harmonics[row * count + a] =
          frequency === 0 ? 1 : Math.SQRT2 * (c === 0 ? Math.cos(angle) : Math.sin(angle));
      }
    }
  }
  const table = tf.tidy(() => tf.keep(tf.tensor2d(harmonics, [dim, count])));
  return plainLayer(
    type,
    type,
    (x) => {
      const [n, height, width] = x.shape;
      const points = n * height * width;
      const byField = tf.transpose(tf.reshape(x, [points, dim, type.fields]), [0, 2, 1]);
      const rows = tf.reshape(byField, [points * type.fields, dim]) as tf.Tensor2D;
      const rectified = tf.relu(tf.matMul(rows, table));
      const back = tf.div(tf.matMul(rectified, table, false, true), count);
      const byComponent = tf.transpose(tf.reshape(back, [points, type.fields, dim]), [0, 2, 1]);
      return tf.reshape(byComponent, [n, height, width, dim * type.fields]) as tf.Tensor4D;
    },
    () => table.dispose(),
  );
}
