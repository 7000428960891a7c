import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { convEncoder } from '../../../src/encoders/images/convEncoder.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';

beforeAll(async () => {
  await openEngine();
});

describe('convolutional encoder', () => {
  it.each([
    [28, 28, 1],
    [9, 14, 3],
  ])('makes codes of %i x %i images of %i channels, and no features', (height, width, channels) => {
    const encoder = convEncoder({ height, width, channels, widths: [3, 4, 5], codeDim: 6 });
    const network = new Network([encoder], new Rng(1));
    tf.tidy(() => {
      const x = tf.randomUniform([4, height, width, channels]) as tf.Tensor4D;
      const { code, features } = encoder.encode(network.batchStatisticsPass(), x);
      expect(code.shape).toEqual([4, 6]);
      expect(features).toBeNull();
      expect(new Set(code.dataSync()).size).toBe(24);
    });
    network.dispose();
  });

  it('wants whole numbers', () => {
    expect(() => convEncoder({ height: 28, width: 28, widths: [3, 4.5, 5], codeDim: 6 })).toThrow(/widths1/);
  });
});
