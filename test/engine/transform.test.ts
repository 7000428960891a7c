import { describe, expect, it } from 'vitest';
import { MissingError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { leakedTensors } from '../laws/gradient.js';
import { FLOAT32 } from '../laws/tolerance.js';

const [IMAGES, SIDE, CHANNELS] = [3, 5, 2];
const at = (image: number, row: number, column: number, channel: number) =>
  ((image * SIDE + row) * SIDE + column) * CHANNELS + channel;

const rng = new Rng(1);
const pixels = Float32Array.from({ length: IMAGES * SIDE * SIDE * CHANNELS }, () => rng.uniform());
/** One affine map an image, output place to input place: x' = a0 x + a1 y + a2, y' = b0 x + b1 y + b2. */
const maps = [
  [1, 0, 0.5, 0, 1, -0.25],
  [0.8, 0.3, -0.6, -0.2, 1.1, 0.7],
  [-1, 0, SIDE - 1, 0, 1, 0],
];

/** Bilinear, from the definition: places outside of the image are 0. */
function moved(): number[] {
  const result: number[] = [];
  for (const [image, [a0, a1, a2, b0, b1, b2]] of maps.entries()) {
    const pixel = (row: number, column: number, channel: number) =>
      row >= 0 && row < SIDE && column >= 0 && column < SIDE ? pixels[at(image, row, column, channel)] : 0;
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        const [x, y] = [a0 * column + a1 * row + a2, b0 * column + b1 * row + b2];
        const [left, top] = [Math.floor(x), Math.floor(y)];
        for (let channel = 0; channel < CHANNELS; channel++) {
          const [u, v] = [x - left, y - top];
          const upper = (1 - u) * pixel(top, left, channel) + u * pixel(top, left + 1, channel);
          const lower = (1 - u) * pixel(top + 1, left, channel) + u * pixel(top + 1, left + 1, channel);
          result.push((1 - v) * upper + v * lower);
        }
      }
    }
  }
  return result;
}

describe.each(['tensorflow', 'wasm', 'cpu'])('tf.image.transform on %s', (engine) => {
  it('samples bilinearly, with 0 outside, and leaves no tensors behind', async ({ skip }) => {
    try {
      await openEngine({ prefer: engine });
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      return skip(`${engine} is not on this machine`);
    }
    const expected = moved();
    const leaked = await leakedTensors(() => {
      const values = tf.tidy(() => {
        const images = tf.tensor4d(pixels, [IMAGES, SIDE, SIDE, CHANNELS]);
        const transforms = tf.tensor2d(maps.map((map) => [...map, 0, 0]));
        return tf.image.transform(images, transforms, 'bilinear').dataSync();
      });
      for (const [i, value] of expected.entries()) expect(Math.abs(values[i] - value)).toBeLessThan(FLOAT32);
    });
    expect(leaked).toBe(0);
  });
});
