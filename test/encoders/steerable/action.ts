import { channelsOf, type FieldType } from '../../../src/encoders/steerable/fieldType.js';
import type { PlaneElement } from '../../../src/encoders/steerable/planeGroup.js';
import type { Representation } from '../../../src/encoders/steerable/representation.js';
import * as tf from '../../../src/engine/tf.js';

/** ρ(g) of all parts, block after block: [dim][dim]. */
export function wholeMatrix({ dim, parts }: Representation, g: PlaneElement): number[][] {
  const whole = Array.from({ length: dim }, () => Array<number>(dim).fill(0));
  let at = 0;
  for (const part of parts) {
    const matrix = part.matrix(g);
    for (let r = 0; r < part.dim; r++)
      for (let c = 0; c < part.dim; c++) whole[at + r][at + c] = matrix[r * part.dim + c];
    at += part.dim;
  }
  return whole;
}

/**
 * g of a square map: its pixels are permuted, which needs an angle of whole quarter turns, and the components of each
 * field are mixed. x [n, side, side, channels].
 */
export function actOnMap(type: FieldType, g: PlaneElement, x: tf.Tensor4D): tf.Tensor4D {
  const [n, side] = x.shape;
  const { fields, representation } = type;
  const channels = channelsOf(type);
  const values = x.dataSync();
  const matrix = wholeMatrix(representation, g);
  const [cos, sin] = [Math.round(Math.cos(g.angle)), Math.round(Math.sin(g.angle))];
  const out = new Float32Array(values.length);
  const middle = (side - 1) / 2;
  for (let image = 0; image < n; image++) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        // Where this pixel goes: mirrored first, then turned.
        const [right, above] = [column - middle, middle - row];
        const up = g.mirrored ? -above : above;
        const [toRight, toUp] = [cos * right - sin * up, sin * right + cos * up];
        const from = ((image * side + row) * side + column) * channels;
        const to = ((image * side + (middle - toUp)) * side + (toRight + middle)) * channels;
        for (let o = 0; o < representation.dim; o++) {
          for (let f = 0; f < fields; f++) {
            let sum = 0;
            for (let i = 0; i < representation.dim; i++) sum += matrix[o][i] * values[from + i * fields + f];
            out[to + o * fields + f] = sum;
          }
        }
      }
    }
  }
  return tf.tensor4d(out, x.shape);
}

/** Largest difference relative to the largest value. */
export function relativeDifference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).dataSync()[0]);
}
