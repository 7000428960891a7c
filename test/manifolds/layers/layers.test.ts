import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { hyperbolicAttentionLayer } from '../../../src/manifolds/layers/attention.js';
import { hyperbolicBatchNorm } from '../../../src/manifolds/layers/batchNorm.js';
import { hyperbolicConvolution2d } from '../../../src/manifolds/layers/convolution2d.js';
import type { CurvatureSource, Layer } from '../../../src/manifolds/layers/layer.js';
import { hyperbolicLinear } from '../../../src/manifolds/layers/linear.js';
import { hyperbolicAveragePool2d, hyperbolicMaxPool2d } from '../../../src/manifolds/layers/pooling.js';
import { hyperbolicRegression } from '../../../src/manifolds/layers/regression.js';
import { hyperbolicRelu } from '../../../src/manifolds/layers/tangent.js';
import { hyperbolicFlatten, hyperbolicUnfold } from '../../../src/manifolds/layers/unfold.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import {
  applied,
  asFunction,
  ballPoints,
  lossOf,
  networkWith,
  somewhere,
  tensor,
  type Values,
} from './support.js';

beforeAll(async () => {
  await openEngine();
});

type AnyLayer = Layer<tf.Tensor, tf.Tensor>;
interface Kind {
  readonly make: (curvature: CurvatureSource) => AnyLayer;
  readonly shape: readonly number[];
}

const asAny = (layer: unknown): AnyLayer => layer as AnyLayer;
const ROWS = [4, 3];
const IMAGES = [2, 3, 4, 2];
const window = { kernel: 2, stride: 1 };

/** Every layer between points of balls, small. */
const KINDS: Readonly<Record<string, Kind>> = {
  linear: {
    make: (curvature) => asAny(hyperbolicLinear({ name: 'l', inputDim: 3, outputDim: 2, curvature })),
    shape: ROWS,
  },
  'linear without bias, from the identity on': {
    make: (curvature) =>
      asAny(hyperbolicLinear({ name: 'l', inputDim: 3, outputDim: 4, curvature, bias: false })),
    shape: ROWS,
  },
  regression: {
    make: (curvature) => asAny(hyperbolicRegression({ name: 'l', dim: 3, classes: 2, curvature })),
    shape: ROWS,
  },
  'batch norm about the midpoint': {
    make: (curvature) => asAny(hyperbolicBatchNorm({ name: 'l', dim: 3, curvature })),
    shape: ROWS,
  },
  'batch norm about the Fréchet mean': {
    make: (curvature) => asAny(hyperbolicBatchNorm({ name: 'l', dim: 3, curvature, mean: 'frechet' })),
    shape: ROWS,
  },
  'batch norm of images': {
    make: (curvature) => asAny(hyperbolicBatchNorm({ name: 'l', dim: 2, curvature })),
    shape: IMAGES,
  },
  attention: {
    make: (curvature) =>
      asAny(hyperbolicAttentionLayer({ name: 'l', inputDim: 3, dim: 4, heads: 2, curvature })),
    shape: ROWS,
  },
  relu: { make: (curvature) => asAny(hyperbolicRelu({ curvature })), shape: ROWS },
  flatten: { make: (curvature) => asAny(hyperbolicFlatten({ curvature })), shape: IMAGES },
  unfold: { make: (curvature) => asAny(hyperbolicUnfold({ curvature, ...window })), shape: IMAGES },
  convolution: {
    make: (curvature) =>
      asAny(
        hyperbolicConvolution2d({ name: 'l', inputDim: 2, outputDim: 3, curvature, kernel: 2, padding: 1 }),
      ),
    shape: IMAGES,
  },
  'average pool': {
    make: (curvature) => asAny(hyperbolicAveragePool2d({ curvature, ...window })),
    shape: IMAGES,
  },
  'maximum pool': {
    make: (curvature) => asAny(hyperbolicMaxPool2d({ curvature, ...window })),
    shape: IMAGES,
  },
};

describe.each(Object.entries(KINDS))('%s', (_, { make, shape }) => {
  it.each([-1, -0.3])('has the gradient of its values in its input, K = %f', async (K) => {
    const layer = make(K);
    const network = await networkWith(layer, somewhere(layer));
    const x = tensor<tf.Tensor>(ballPoints(shape, -K, 0.6, 4));
    const f = (t: tf.Tensor) => asFunction(layer, network.batchStatisticsPass())(t);
    expect(gradientError(f, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    x.dispose();
    network.dispose();
  });

  it('has the gradient of its values in its weights and in a learned curvature', async () => {
    const layer = make((pass) => tf.reshape(pass.weight('K'), []) as tf.Scalar);
    const start = Float32Array.of(-0.7);
    const module = {
      ...layer,
      parameters: [...layer.parameters, { name: 'K', shape: [1], initial: () => start }],
    };
    const network = await networkWith(module, somewhere(layer));
    const x = tensor<tf.Tensor>(ballPoints(shape, 0.7, 0.6, 4));
    const { flat } = network.parameters;
    const at = tf.tidy(() => tf.clone(flat));
    const { value, gradient } = network.gradient((pass) => lossOf(layer, pass, x));
    const valueAt = (weights: Float32Array) => {
      tf.tidy(() => flat.assign(tf.tensor1d(weights)));
      return tf.tidy(() => lossOf(layer, network.batchStatisticsPass(), x).dataSync()[0]);
    };
    const [weights, found] = [at.dataSync() as Float32Array, gradient.dataSync()];
    const step = 1e-2;
    const differences = Array.from(weights, (_w, i) => {
      const [up, down] = [Float32Array.from(weights), Float32Array.from(weights)];
      up[i] += step;
      down[i] -= step;
      return (valueAt(up) - valueAt(down)) / (up[i] - down[i]);
    });
    const scale = Math.max(...differences.map(Math.abs));
    for (const [i, d] of differences.entries())
      expect(Math.abs(found[i] - d) / scale, `weight ${i}`).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([x, at, value, gradient]);
    network.dispose();
  });

  it.each([
    { where: 'at the origin', reach: 0 },
    { where: 'near the rim', reach: 0.9999 },
  ])('has finite values and gradients $where', async ({ reach }) => {
    const layer = make(-1);
    const network = await networkWith(layer);
    const inside = ballPoints(shape, 1, 1, 4);
    // All points at this radius exactly, not below it.
    const dim = shape[shape.length - 1];
    const data = inside.data.map((value, i) => {
      const from = i - (i % dim);
      return (value / Math.hypot(...inside.data.slice(from, from + dim))) * reach;
    });
    const x = tensor<tf.Tensor>({ shape, data });
    const { value, grad } = tf.valueAndGrad(asFunction(layer, network.batchStatisticsPass()))(x);
    const { value: again, gradient } = network.gradient((pass) => lossOf(layer, pass, x));
    for (const t of [value, grad, again, gradient])
      expect(Array.from(t.dataSync()).every(Number.isFinite)).toBe(true);
    tf.dispose([x, value, grad, again, gradient]);
    network.dispose();
  });

  it('does not hide a NaN', async () => {
    const { data } = ballPoints(shape, 1, 0.5, 5);
    const x = { shape, data: data.map((value, i) => (i === 0 ? Number.NaN : value)) };
    // Distances may look at their points on the host, and then say which is not one.
    const y = await applied(make(-1), x).catch((error: unknown) => error);
    if (y instanceof Error) expect(y).toBeInstanceOf(DomainError);
    else expect((y as Values).data.some(Number.isNaN)).toBe(true);
  });

  it('leaves no tensors behind', async () => {
    const layer = make(-1);
    const network = await networkWith(layer);
    const x = tensor<tf.Tensor>(ballPoints(shape, 1, 0.5, 6));
    const step = () => network.gradient((pass) => lossOf(layer, pass, x));
    tf.dispose(Object.values(step()));
    expect(await leakedTensors(() => Object.values(step()))).toBe(0);
    const infer = () => tf.tidy(() => asFunction(layer, network.inferencePass())(x));
    expect(await leakedTensors(infer)).toBe(0);
    x.dispose();
    network.dispose();
  });
});
