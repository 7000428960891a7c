import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { Network, type Pass } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { hyperbolicAttentionLayer } from '../../../src/manifolds/layers/attention.js';
import { hyperbolicBatchNorm } from '../../../src/manifolds/layers/batchNorm.js';
import { hyperbolicConvolution2d } from '../../../src/manifolds/layers/convolution2d.js';
import { chain, type Layer, sequential } from '../../../src/manifolds/layers/layer.js';
import { hyperbolicLinear } from '../../../src/manifolds/layers/linear.js';
import { hyperbolicAveragePool2d } from '../../../src/manifolds/layers/pooling.js';
import { hyperbolicRegression } from '../../../src/manifolds/layers/regression.js';
import { hyperbolicRelu } from '../../../src/manifolds/layers/tangent.js';
import { hyperbolicFlatten } from '../../../src/manifolds/layers/unfold.js';
import { AdamW } from '../../../src/training/adamW.js';
import { ballPoints, tensor } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const curvature = -1;

/** Mean cross-entropy of the layer's two logits, the first of a row for even rows. */
function crossEntropy<X extends tf.Tensor>(
  layer: Layer<X, tf.Tensor2D>,
  pass: Pass,
  x: X,
  truth: tf.Tensor2D,
) {
  const logits = layer.apply(pass, x);
  const own = tf.sum(tf.mul(logits, truth), 1);
  return tf.mean(tf.sub(tf.logSumExp(logits, 1), own)) as tf.Scalar;
}

/** Loss before and after training, and the share of right answers at inference. */
function train<X extends tf.Tensor>(
  layer: Layer<X, tf.Tensor2D>,
  x: X,
  labels: readonly number[],
  steps: number,
) {
  const network = new Network([layer], new Rng(2));
  const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 10 };
  const optimizer = new AdamW(network.parameters, options);
  const truth = tf.tidy(() =>
    tf.tensor2d(
      labels.flatMap((label) => [1 - label, label]),
      [labels.length, 2],
    ),
  );
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { value, gradient } = network.gradient((pass) => crossEntropy(layer, pass, x, truth));
    losses.push(value.dataSync()[0]);
    optimizer.apply(gradient, 0.05);
    tf.dispose([value, gradient]);
  }
  const logits = tf.tidy(() => layer.apply(network.inferencePass(), x).dataSync());
  const right = labels.filter((label, i) => logits[2 * i + 1] > logits[2 * i] === (label === 1)).length;
  optimizer.dispose();
  network.dispose();
  tf.dispose(truth);
  return { first: losses[0], last: losses[steps - 1], accuracy: right / labels.length };
}

describe('small hyperbolic networks learn two classes', () => {
  it('points within and outside of a circle, by linear layers, ReLU and batch norm', () => {
    const points = ballPoints([60, 2], 1, 0.9, 1);
    const labels = Array.from({ length: 60 }, (_, i) =>
      Math.hypot(points.data[2 * i], points.data[2 * i + 1]) > 0.45 ? 1 : 0,
    );
    const network = chain(
      sequential([
        hyperbolicLinear({ name: 'first', inputDim: 2, outputDim: 8, curvature, initial: 'normal' }),
        hyperbolicBatchNorm({ name: 'norm', dim: 8, curvature }),
        hyperbolicRelu({ curvature }),
      ]),
      hyperbolicRegression({ name: 'last', dim: 8, classes: 2, curvature }),
    );
    const x = tensor(points);
    const { first, last, accuracy } = train(network, x, labels, 60);
    x.dispose();
    expect(last).toBeLessThan(0.3 * first);
    expect(accuracy).toBeGreaterThan(0.9);
  });

  it('images of a horizontal or a vertical bar, by a convolution and pooling', () => {
    const rng = new Rng(3);
    const labels = Array.from({ length: 24 }, (_, i) => i % 2);
    const data = labels.flatMap((label) => {
      const at = rng.below(6);
      return Array.from({ length: 36 }, (_, p) => {
        const on = (label === 1 ? p % 6 : Math.floor(p / 6)) === at;
        return (on ? 0.6 : 0) + rng.uniform(-0.1, 0.1);
      });
    });
    const convolution = { name: 'conv', inputDim: 1, outputDim: 4, kernel: 3, curvature } as const;
    const network = chain(
      chain(
        sequential<tf.Tensor4D>([
          hyperbolicConvolution2d(convolution),
          hyperbolicRelu<tf.Tensor4D>({ curvature }),
          hyperbolicAveragePool2d({ kernel: 4, curvature }),
        ]),
        hyperbolicFlatten({ curvature }),
      ),
      hyperbolicRegression({ name: 'last', dim: 4, classes: 2, curvature }),
    );
    const x = tf.tidy(() => tf.tensor4d(data, [24, 6, 6, 1]));
    const { first, last, accuracy } = train(network, x, labels, 40);
    x.dispose();
    expect(last).toBeLessThan(0.3 * first);
    expect(accuracy).toBe(1);
  });

  it('points by the side of the nearer of two clusters, by attention', () => {
    const rng = new Rng(4);
    const labels = Array.from({ length: 30 }, (_, i) => i % 2);
    const points = labels.flatMap((label) => [
      (label ? 0.4 : -0.4) + 0.15 * rng.normal(),
      0.2 * rng.normal(),
    ]);
    const network = chain(
      hyperbolicAttentionLayer({ name: 'attention', inputDim: 2, dim: 4, heads: 2, curvature }),
      hyperbolicRegression({ name: 'last', dim: 4, classes: 2, curvature }),
    );
    const x = tensor({ shape: [30, 2], data: points });
    const { first, last, accuracy } = train(network, x, labels, 40);
    x.dispose();
    expect(last).toBeLessThan(0.3 * first);
    expect(accuracy).toBeGreaterThan(0.9);
  });
});
