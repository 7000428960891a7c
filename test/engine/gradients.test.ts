import { beforeAll, describe, expect, it } from 'vitest';
import { trainingBatchNorm } from '../../src/engine/batchNorm.js';
import { circularPad } from '../../src/engine/circularPad.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const image = () => tf.randomUniform([2, 3, 4, 2], -1, 1, 'float32', 5) as tf.Tensor4D;
const weighted = (y: tf.Tensor): tf.Scalar => {
  const weights = tf.reshape(tf.range(1, y.size + 1), y.shape);
  return tf.sum(tf.mul(tf.mul(y, y), tf.div(weights, y.size)));
};

describe('second derivatives', () => {
  it('pass through relu: of Σ relu(x)² they are 2 where x > 0', () => {
    const x = tf.tensor1d([-1, 0.5, 2]);
    const first = (v: tf.Tensor) => tf.grad((u) => tf.sum(tf.square(tf.relu(u))))(v);
    const second = tf.tidy(() =>
      tf
        .grad((v) => tf.sum(first(v)))(x)
        .dataSync(),
    );
    expect(Array.from(second)).toEqual([0, 2, 2]);
    x.dispose();
  });
});

describe('gradients of the ops that training uses agree with central differences', () => {
  const cases: Record<string, (x: tf.Tensor4D) => tf.Tensor> = {
    'sum over axes': (x) => tf.sum(x, [1, 2]),
    'sum over everything': (x) => tf.sum(x),
    'mean over an axis': (x) => tf.mean(x, 1),
    relu: (x) => tf.relu(tf.add(x, 0.05)),
    'max over an axis': (x) => tf.max(x, 2),
    'circular padding': (x) => circularPad(x, 2, 2),
    'circular padding of unequal sides': (x) => circularPad(x, 3, 1),
    'average pooling': (x) => tf.avgPool(x, [1, 2], [1, 2], 'valid'),
    convolution: (x) =>
      tf.conv2d(x, tf.randomNormal([2, 3, 2, 3], 0, 1, 'float32', 3) as tf.Tensor4D, 1, 'valid'),
    'batch norm': (x) =>
      trainingBatchNorm(x, tf.tensor1d([1.5, -0.5]), tf.tensor1d([0.1, 0.2]), ({ mean, variance }) =>
        tf.dispose([mean, variance]),
      ),
  };
  for (const [name, op] of Object.entries(cases)) {
    it(name, () => {
      const x = image();
      expect(gradientError((t) => weighted(op(t as tf.Tensor4D)), x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      x.dispose();
    });
  }

  it('the filter of a convolution', () => {
    const x = image();
    const filter = tf.randomNormal([2, 3, 2, 3], 0, 1, 'float32', 4);
    const f = (w: tf.Tensor) => weighted(tf.conv2d(x, w as tf.Tensor4D, 1, 'valid'));
    expect(gradientError(f, filter)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([x, filter]);
  });

  it('scale and offset of a batch norm', () => {
    const x = image();
    for (const at of [0, 1]) {
      const parameter = tf.tensor1d([0.7, 1.2]);
      const other = tf.tensor1d([0.3, -0.4]);
      const f = (p: tf.Tensor) => {
        const [scale, offset] = at === 0 ? [p, other] : [other, p];
        return weighted(
          trainingBatchNorm(x, scale as tf.Tensor1D, offset as tf.Tensor1D, ({ mean, variance }) =>
            tf.dispose([mean, variance]),
          ),
        );
      };
      expect(gradientError(f, parameter)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      tf.dispose([parameter, other]);
    }
    x.dispose();
  });
});

describe('max', () => {
  it('shares its gradient among tied maxima, so that the shares sum to 1', () => {
    const x = tf.tensor2d([[2, 2, 1, 2]]);
    const gradient = tf.tidy(() =>
      tf
        .grad((t) => tf.sum(tf.max(t, 1)))(x)
        .dataSync(),
    );
    expect(Array.from(gradient)).toEqual([1 / 3, 1 / 3, 0, 1 / 3].map(Math.fround));
    x.dispose();
  });
});

describe('batch norm', () => {
  it('gives every channel mean offset and standard deviation scale', () => {
    const [mean, deviation] = tf.tidy(() => {
      const x = tf.mul(tf.randomNormal([8, 5, 5, 2], 0, 1, 'float32', 1), 30) as tf.Tensor4D;
      const y = trainingBatchNorm(x, tf.tensor1d([2, 3]), tf.tensor1d([-1, 4]), (s) =>
        tf.dispose([s.mean, s.variance]),
      );
      const moments = tf.moments(y, [0, 1, 2]);
      return [moments.mean.dataSync(), tf.sqrt(moments.variance).dataSync()];
    });
    expect(mean[0]).toBeCloseTo(-1, 4);
    expect(mean[1]).toBeCloseTo(4, 4);
    expect(deviation[0]).toBeCloseTo(2, 4);
    expect(deviation[1]).toBeCloseTo(3, 4);
  });

  it('leaves no tensors behind, forwards and backwards', async () => {
    const x = image();
    const run = () =>
      tf.tidy(() =>
        tf.grad((t) =>
          weighted(
            trainingBatchNorm(t as tf.Tensor4D, tf.tensor1d([1, 1]), tf.tensor1d([0, 0]), (s) =>
              tf.dispose([s.mean, s.variance]),
            ),
          ),
        )(x),
      );
    expect(await leakedTensors(run)).toBe(0);
    x.dispose();
  });
});
