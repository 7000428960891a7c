import type { LabelledImages } from '../core/records.js';
import type { Rng } from '../core/rng.js';
import type { Batch } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { rotateImages } from '../symmetry/rotation.js';

/** What a training draws its batches from. */
export interface TrainingItems {
  /** One class an item, whole numbers >= 0. */
  readonly labels: ArrayLike<number>;
  /** Those items, each acted on by a fresh random element of the group. The caller disposes of the batch. */
  batch(items: Int32Array, rng: Rng): Batch;
}

/** Images, each turned by a random angle whenever it is drawn. */
export function turnedImages(images: LabelledImages): TrainingItems {
  return { labels: images.labels, batch: (items, rng) => turnedBatch(images, items, rng) };
}

function turnedBatch(images: LabelledImages, rows: Int32Array, rng: Rng): Batch {
  const size = images.height * images.width;
  const pixels = new Uint8Array(rows.length * size);
  const labels = new Int32Array(rows.length);
  const angles = new Float64Array(rows.length);
  const directions = new Float32Array(rows.length * 2);
  for (let i = 0; i < rows.length; i++) {
    pixels.set(images.pixels.subarray(rows[i] * size, (rows[i] + 1) * size), i * size);
    labels[i] = images.labels[rows[i]];
    angles[i] = rng.uniform(-Math.PI, Math.PI);
    directions[2 * i] = Math.cos(angles[i]);
    directions[2 * i + 1] = Math.sin(angles[i]);
  }
  const turned = rotateImages(pixels, rows.length, images.height, images.width, angles);
  return {
    rows: tf.tensor2d(turned, [rows.length, size]),
    labels: tf.tensor1d(labels, 'int32'),
    turns: tf.tensor2d(directions, [rows.length, 2]),
  };
}
