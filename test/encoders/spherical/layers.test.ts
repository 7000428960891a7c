import { beforeAll, describe, expect, it } from 'vitest';
import { productLinear } from '../../../src/encoders/spherical/productLinear.js';
import { signalBatchNorm } from '../../../src/encoders/spherical/signalBatchNorm.js';
import { normActivation, signalGates } from '../../../src/encoders/spherical/signalGates.js';
import { signalLinear } from '../../../src/encoders/spherical/signalLinear.js';
import type { SignalLayer } from '../../../src/encoders/spherical/signalRows.js';
import { addSkip } from '../../../src/encoders/spherical/signalSkip.js';
import { sphericalBlock } from '../../../src/encoders/spherical/sphericalBlock.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import { equivarianceError, randomSignals, shaken } from './equivariance.js';

beforeAll(async () => {
  await openEngine();
});

const SHAPE = { degree: 10, channels: 16 };
const LAYERS: Readonly<Record<string, () => SignalLayer>> = {
  'batch norm': () => signalBatchNorm('layer', SHAPE),
  'linear map': () => signalLinear('layer', SHAPE, 5),
  gates: () => signalGates('layer', SHAPE),
  'norm activation': () => normActivation('layer', SHAPE),
  'products with signal norm and linear map': () => productLinear('layer', SHAPE, SHAPE),
  'products of all pairs': () =>
    productLinear('layer', { degree: 4, channels: 3 }, { degree: 6, channels: 2 }, { pairs: 'all' }),
  block: () => sphericalBlock('layer', SHAPE, { degree: 8, channels: 12 }),
};

describe('layers on spherical signals', () => {
  it.each(Object.keys(LAYERS))('%s commutes with rotations, in training and at inference', (name) => {
    const layer = LAYERS[name]();
    const network = shaken([layer], 3);
    const input = name === 'products of all pairs' ? { degree: 4, channels: 3 } : SHAPE;
    const x = randomSignals(input, 8, 4);
    for (const pass of [network.batchStatisticsPass(), network.inferencePass()]) {
      expect(equivarianceError(layer, pass, x, 5)).toBeLessThan(FLOAT32);
    }
    network.dispose();
    layer.dispose();
    x.dispose();
  });

  it.each(Object.keys(LAYERS))('%s leaves no tensors behind, its tables included', async (name) => {
    const input = name === 'products of all pairs' ? { degree: 4, channels: 3 } : SHAPE;
    expect(
      await leakedTensors(() => {
        const layer = LAYERS[name]();
        const network = shaken([layer], 3);
        const x = randomSignals(input, 2, 4);
        const { value, gradient } = network.gradient((pass) => tf.sum(layer.apply(pass, x)));
        tf.dispose([value, gradient, x]);
        network.dispose();
        layer.dispose();
      }),
    ).toBe(0);
  });

  it('batch norm gives scalars of mean 0 and every channel of every degree a mean square of 1', () => {
    const layer = signalBatchNorm('norm', { degree: 2, channels: 3 });
    tf.tidy(() => {
      const fresh = { ...identityPass, statistic: <T>(_: string, of: () => T) => of() };
      const x = tf.add(tf.mul(randomSignals({ degree: 2, channels: 3 }, 50, 5), 3), 2) as tf.Tensor3D;
      const y = layer.apply(fresh as never, x).arraySync();
      for (let channel = 0; channel < 3; channel++) {
        const scalars = y[0][channel];
        expect(Math.abs(mean(scalars))).toBeLessThan(FLOAT32);
        for (const rows of [[0], [1, 2, 3], [4, 5, 6, 7, 8]]) {
          const squares = rows.flatMap((row) => y[row][channel].map((value) => value ** 2));
          expect(mean(squares)).toBeCloseTo(1, 4);
        }
      }
    });
    layer.dispose();
  });

  it('batch norm has the gradient that differences show', () => {
    const shape = { degree: 1, channels: 2 };
    const layer = signalBatchNorm('norm', shape);
    tf.tidy(() => {
      const [x, pull] = [randomSignals(shape, 5, 5), randomSignals(shape, 5, 6)];
      const [scale, offset] = [tf.tensor1d([0.7, -1.2, 1.5, 0.4]), tf.tensor1d([0.3, -0.2])];
      const through = (rows: tf.Tensor, weights: tf.Tensor, offsets: tf.Tensor): tf.Scalar => {
        const pass = {
          training: true,
          weight: (name: string) => (name.endsWith('scale') ? weights : offsets),
          statistic: <T>(_: string, of: () => T) => of(),
        };
        return tf.sum(tf.mul(layer.apply(pass as never, rows as tf.Tensor3D), pull));
      };
      expect(gradientError((t) => through(t, scale, offset), x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      expect(gradientError((t) => through(x, t, offset), scale)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      expect(gradientError((t) => through(x, scale, t), offset)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    });
    layer.dispose();
  });

  it('products keep their size whatever the size of the signal', () => {
    const layer = productLinear('layer', { degree: 3, channels: 2 }, { degree: 3, channels: 2 });
    const network = shaken([layer], 2);
    tf.tidy(() => {
      const x = randomSignals({ degree: 3, channels: 2 }, 4, 6);
      const [y, z] = [x, tf.mul(x, 7) as tf.Tensor3D].map((t) => layer.apply(network.inferencePass(), t));
      expect(tf.max(tf.abs(tf.sub(y, z))).dataSync()[0]).toBeLessThan(FLOAT32 * 10);
    });
    network.dispose();
    layer.dispose();
  });

  it('refuses an output degree that no product reaches, naming it', () => {
    expect(() => productLinear('layer', { degree: 1, channels: 2 }, { degree: 3, channels: 2 })).toThrow(
      /layer: expected "?an output degree that products of degrees 0..1 reach"?, got 3/,
    );
  });

  it('a skip takes the first channels and degrees, and adds nothing where the signal has none', () => {
    tf.tidy(() => {
      const x = randomSignals({ degree: 1, channels: 2 }, 2, 1);
      const sum = addSkip(tf.zeros([9, 1, 2]), x, { degree: 2, channels: 1 }).arraySync();
      const from = x.arraySync();
      expect(sum.slice(0, 4).map(([first]) => first)).toEqual(from.map(([first]) => first));
      expect(
        sum
          .slice(4)
          .flat(2)
          .every((value) => value === 0),
      ).toBe(true);
    });
  });
});

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const identityPass = {
  training: true,
  weight: (name: string) => (name.endsWith('scale') ? tf.ones([9]) : tf.zeros([3])),
};
