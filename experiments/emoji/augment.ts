import { type Rng, tf } from '../../src/index.js';

// Largest changes at strength 1, as the protocol has them. There are no flips: an arrow is another emoji turned round.
const ANGLE = Math.PI / 12;
/** Of the logarithm of the zoom, about its mean. */
const ZOOM = 0.25;
const MEAN_ZOOM = -0.05;
const ASPECT = 0.12;
const SHEAR = 0.12;
/** In halves of a side. */
const SHIFT = 0.12;
const BRIGHTNESS = 0.2;
const GAIN = 0.15;
/** Half of the largest loss of colour. */
const GREY = 0.25;
/** Half the side of the largest erased square, in halves of an image's side. */
const HOLE = 0.3;

/** Numbers of a drawing, in columns: affine map, gains of the three colours, share of grey, place and size of the hole. */
const COLUMNS = [8, 3, 1, 1, 1, 1];
const WIDTH = COLUMNS.reduce((a, b) => a + b, 0);

/**
 * Moves, recolours and punches holes into images whose ground is 0, each in its own way: one affine map an image, then
 * colours. At strength 0 images stay as they are. Call inside tidy.
 * @param images [n, side, side, 3], 0..1 @param strength 1 is the full one
 * @param rng every image takes as many numbers of it, whatever the strength
 */
export function augment(images: tf.Tensor4D, strength: number, rng: Rng): tf.Tensor4D {
  const [count, side] = images.shape;
  const numbers = new Float32Array(count * WIDTH);
  for (let i = 0; i < count; i++) numbers.set(changesOf(side, strength, rng), i * WIDTH);
  const changes = tf.tensor2d(numbers, [count, WIDTH]);
  const [map, gain, grey, x, y, half] = tf.split(changes, COLUMNS, 1);
  const moved = tf.image.transform(images, map as tf.Tensor2D, 'bilinear');
  const each = (t: tf.Tensor) => tf.reshape(t, [count, 1, 1, -1]);
  const coloured = tf.mul(moved, each(gain));
  const share = each(grey);
  const greyed = tf.add(tf.mul(coloured, tf.sub(1, share)), tf.mul(tf.mean(coloured, 3, true), share));
  const kept = tf.mul(greyed, outsideHole(x, y, half, side));
  return tf.clipByValue(kept, 0, 1) as tf.Tensor4D;
}

/** 0 in the square about (x, y), 1 outside: [n, side, side, 1]. */
function outsideHole(x: tf.Tensor, y: tf.Tensor, half: tf.Tensor, side: number): tf.Tensor {
  const places = tf.sub(tf.mul(tf.add(tf.range(0, side), 0.5), 2 / side), 1);
  const inside = (centre: tf.Tensor) => tf.step(tf.sub(half, tf.abs(tf.sub(places, centre))));
  const columns = tf.reshape(inside(x), [-1, 1, side, 1]);
  const rows = tf.reshape(inside(y), [-1, side, 1, 1]);
  return tf.sub(1, tf.mul(columns, rows));
}

function changesOf(side: number, strength: number, rng: Rng): number[] {
  const u = () => rng.uniform(-1, 1);
  const [turn, zoomed, stretched, sheared, right, down] = [u(), u(), u(), u(), u(), u()];
  const [bright, red, green, blue, grey, x, y, hole] = [u(), u(), u(), u(), u(), u(), u(), u()];
  const angle = ANGLE * strength * turn;
  const zoom = Math.exp(strength * (ZOOM * zoomed + MEAN_ZOOM));
  const aspect = Math.exp(strength * ASPECT * stretched);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const gain = (own: number) => (1 + strength * BRIGHTNESS * bright) * (1 + strength * GAIN * own);
  return [
    ...inPixels([c * zoom * aspect, (strength * SHEAR * sheared - s) * zoom, strength * SHIFT * right], side),
    ...inPixels([s * zoom, (c * zoom) / aspect, strength * SHIFT * down], side),
    ...[0, 0],
    ...[gain(red), gain(green), gain(blue)],
    ...[strength * GREY * (grey + 1), x, y, strength * HOLE * Math.max(hole, 0)],
  ];
}

/** A row of an affine map of places in -1..1, the edges of the image, as one of pixels 0, 1, .. at their centres. */
function inPixels([a, b, shift]: [number, number, number], side: number): number[] {
  const centre = (side - 1) / 2;
  return [a, b, centre * (1 - a - b) + (shift * side) / 2];
}
