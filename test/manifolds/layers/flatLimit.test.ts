import { beforeAll, describe, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { hyperbolicBatchNorm } from '../../../src/manifolds/layers/batchNorm.js';
import { hyperbolicConvolution2d } from '../../../src/manifolds/layers/convolution2d.js';
import { hyperbolicLinear } from '../../../src/manifolds/layers/linear.js';
import { hyperbolicAveragePool2d, hyperbolicMaxPool2d } from '../../../src/manifolds/layers/pooling.js';
import { hyperbolicRegression } from '../../../src/manifolds/layers/regression.js';
import { applied, ballPoints, expectNear, tensor, type Values } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const ROWS = [4, 3];
const IMAGES = [2, 3, 4, 2];

describe('as the curvature goes to 0 and at 0, layers are the Euclidean ones', () => {
  /** Where K|x|² is below the rounding of 1. */
  const FLAT = [-1e-9, 0];
  const x = ballPoints(ROWS, 1, 0.9, 7);
  const images = ballPoints(IMAGES, 1, 0.9, 8);
  const flat = (y: () => tf.Tensor): Values => {
    const [shape, data] = tf.tidy(() => {
      const result = y();
      return [result.shape, Array.from(result.dataSync())];
    });
    return { shape, data };
  };
  const z = { shape: [3, 2], data: [0.3, -0.2, 0.5, 0.1, -0.4, 0.7] };
  const r = { shape: [2], data: [0.2, -0.6] };
  const affine = () => {
    const lengths = tf.sqrt(tf.sum(tf.square(tensor(z)), 0));
    return tf.sub(tf.matMul(tensor(x), tensor(z)), tf.mul(tensor<tf.Tensor>(r), lengths));
  };

  it.each(FLAT)('linear, 2 (x z - r |z|), K = %f', async (curvature) => {
    const layer = hyperbolicLinear({ name: 'l', inputDim: 3, outputDim: 2, curvature });
    const y = await applied(layer, x, { 'l/normals': z, 'l/offsets': r });
    expectNear(
      y,
      flat(() => tf.mul(affine(), 2)),
    );
  });

  it.each(FLAT)('regression, 4 (x z - r |z|), K = %f', async (curvature) => {
    const layer = hyperbolicRegression({ name: 'l', dim: 3, classes: 2, curvature });
    const y = await applied(layer, x, { 'l/normals': z, 'l/offsets': r });
    expectNear(
      y,
      flat(() => tf.mul(affine(), 4)),
    );
  });

  it.each(FLAT)(
    'convolution, 2 B(4, 1/2) / B(1, 1/2) times the sum over windows, K = %f',
    async (curvature) => {
      const filter = { shape: [8, 2], data: Array.from({ length: 16 }, (_, i) => Math.sin(i)) };
      const options = { name: 'l', inputDim: 2, outputDim: 2, kernel: 2, bias: false, curvature };
      const y = await applied(hyperbolicConvolution2d(options), images, { 'l/normals': filter });
      // B(1, 1/2) = 2, B(4, 1/2) = 2 (2/3)(4/5)(6/7).
      const ratio = (2 / 3) * (4 / 5) * (6 / 7);
      expectNear(
        y,
        flat(() =>
          tf.mul(
            tf.conv2d(
              tensor<tf.Tensor4D>(images),
              tf.reshape(tensor(filter), [2, 2, 2, 2]) as tf.Tensor4D,
              1,
              'valid',
            ),
            2 * ratio,
          ),
        ),
      );
    },
  );

  it.each(FLAT)('average and maximum pool, K = %f', async (curvature) => {
    const options = { curvature, kernel: [3, 2], stride: [1, 2] } as const;
    const image = () => tensor<tf.Tensor4D>(images);
    const mean = await applied(hyperbolicAveragePool2d(options), images);
    expectNear(
      mean,
      flat(() => tf.avgPool(image(), [3, 2], [1, 2], 'valid')),
    );
    const largest = await applied(hyperbolicMaxPool2d(options), images);
    expectNear(
      largest,
      flat(() => tf.maxPool(image(), [3, 2], [1, 2], 'valid')),
    );
  });

  it.each(FLAT)('batch norm by the mean squared length 2|x - mean|, K = %f', async (curvature) => {
    const y = await applied(hyperbolicBatchNorm({ name: 'l', dim: 3, curvature }), x);
    expectNear(
      y,
      flat(() => {
        const centred = tf.sub(tensor(x), tf.mean(tensor(x), 0));
        const variance = tf.mul(tf.mean(tf.sum(tf.square(centred), 1)), 4);
        return tf.div(centred, tf.sqrt(tf.add(variance, 1e-6)));
      }),
    );
  });
});
