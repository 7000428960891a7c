import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { imageDecoder } from '../../../src/encoders/images/imageDecoder.js';
import { bilinearDoubling } from '../../../src/engine/bilinearDoubling.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const ramp = (shape: [number, number, number, number]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i)),
    shape,
  );
};

describe('bilinear doubling', () => {
  it('is resizeBilinear with half-pixel centres', () => {
    const doubling = bilinearDoubling(3, 5);
    tf.tidy(() => {
      const x = ramp([2, 3, 5, 4]);
      const difference = tf.sub(doubling.apply(x), tf.image.resizeBilinear(x, [6, 10], false, true));
      expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(FLOAT32);
      const weights = ramp([2, 6, 10, 4]);
      const loss = (v: tf.Tensor) =>
        tf.sum(tf.mul(doubling.apply(tf.reshape(v, [2, 3, 5, 4])), weights)) as tf.Scalar;
      expect(gradientError(loss, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    });
    doubling.dispose();
  });
});

describe('image decoder', () => {
  it.each([
    [28, 28, 1],
    [30, 25, 3],
  ])('draws %i x %i images of %i channels in 0..1', (height, width, channels) => {
    const decoder = imageDecoder({ height, width, channels, codeDim: 5, widths: [6, 5, 4] });
    const network = new Network([decoder], new Rng(1));
    tf.tidy(() => {
      const code = tf.reshape(ramp([3, 1, 1, 5]), [3, 5]) as tf.Tensor2D;
      const drawn = decoder.decode(
        network.batchStatisticsPass(),
        code,
        tf.zeros([3, height, width, channels]),
      );
      expect(drawn.shape).toEqual([3, height, width, channels]);
      const values = drawn.dataSync();
      expect(values.every((value) => value > 0 && value < 1)).toBe(true);
      expect(new Set(values).size).toBeGreaterThan(100);
    });
    network.dispose();
    decoder.dispose();
  });

  it('wants whole numbers', () => {
    const sizes = { height: 28, width: 28, codeDim: 5, widths: [6, 0, 4] as const };
    expect(() => imageDecoder(sizes)).toThrow(/widths1/);
  });

  it('leaves no tensors behind', async () => {
    const leaked = await leakedTensors(() =>
      imageDecoder({ height: 8, width: 8, codeDim: 2, widths: [2, 2, 2] }).dispose(),
    );
    expect(leaked).toBe(0);
  });
});
