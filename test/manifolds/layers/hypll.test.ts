import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { hyperbolicBatchNorm } from '../../../src/manifolds/layers/batchNorm.js';
import { betaConcat } from '../../../src/manifolds/layers/beta.js';
import { changeManifold } from '../../../src/manifolds/layers/changeManifold.js';
import { hyperbolicConvolution2d } from '../../../src/manifolds/layers/convolution2d.js';
import { type Layer, NO_WEIGHTS } from '../../../src/manifolds/layers/layer.js';
import { hyperbolicLinear } from '../../../src/manifolds/layers/linear.js';
import { hyperbolicAveragePool2d, hyperbolicMaxPool2d } from '../../../src/manifolds/layers/pooling.js';
import { hyperbolicRegression } from '../../../src/manifolds/layers/regression.js';
import { hyperbolicRelu, tangentSequential } from '../../../src/manifolds/layers/tangent.js';
import { hyperbolicFlatten, hyperbolicUnfold } from '../../../src/manifolds/layers/unfold.js';
import { applied, expectNear, tensor, type Values } from './support.js';

interface BatchNormValues {
  readonly x: Values;
  readonly offset: Values;
  readonly scale: number;
  readonly y: Values;
  readonly ofImages: Values;
}

type Pair = readonly [number, number];

/** Layers of hypll 0.1.1 in float64, with channels moved last. */
interface Case {
  readonly curvature: number;
  readonly linear: { readonly x: Values; readonly z: Values; readonly r: Values; readonly y: Values };
  readonly logits: Values;
  readonly images: Values;
  readonly convolution: {
    readonly kernel: Pair;
    readonly stride: number;
    readonly padding: number;
    readonly z: Values;
    readonly r: Values;
    readonly y: Values;
  };
  readonly unfold: {
    readonly kernel: Pair;
    readonly dilation: Pair;
    readonly padding: number;
    readonly stride: Pair;
    readonly y: Values;
  };
  readonly flatten: Values;
  /** hypll's midpoint of plain windows: its own pooling layer also scales them as for a concatenation. */
  readonly averagePool: { readonly kernel: number; readonly stride: number; readonly y: Values };
  readonly maxPool: {
    readonly kernel: Pair;
    readonly stride: Pair;
    readonly padding: number;
    readonly y: Values;
  };
  readonly relu: Values;
  readonly batchNorm: { readonly midpoint: BatchNormValues; readonly frechet: BatchNormValues };
  readonly concat: { readonly parts: readonly Values[]; readonly y: Values };
  readonly change: {
    readonly curvature: number;
    readonly x: Values;
    readonly y: Values;
    readonly euclidean: Values;
  };
  readonly tangentSequential: { readonly kernel: Values; readonly bias: Values; readonly y: Values };
}

const { cases } = JSON.parse(readFileSync('test/manifolds/layers/hypll.json', 'utf8')) as { cases: Case[] };

beforeAll(async () => {
  await openEngine();
});

describe.each(cases)('values of hypll 0.1.1 at curvature $curvature', (peer) => {
  const { curvature, images } = peer;

  it('fully connected layer', async () => {
    const { x, z, r, y } = peer.linear;
    const layer = hyperbolicLinear({ name: 'l', inputDim: 3, outputDim: 4, curvature });
    expectNear(await applied(layer, x, { 'l/normals': z, 'l/offsets': r }), y);
  });

  it('signed distances to hyperplanes as logits', async () => {
    const { x, z, r } = peer.linear;
    const layer = hyperbolicRegression({ name: 'l', dim: 3, classes: 4, curvature });
    expectNear(await applied(layer, x, { 'l/normals': z, 'l/offsets': r }), peer.logits);
  });

  it('convolution with stride and padding', async () => {
    const { z, r, y, ...windows } = peer.convolution;
    const layer = hyperbolicConvolution2d({ name: 'l', inputDim: 3, outputDim: 4, curvature, ...windows });
    expectNear(await applied(layer, images, { 'l/normals': z, 'l/offsets': r }), y);
  });

  it('unfold with stride, padding and dilation', async () => {
    const { y, ...windows } = peer.unfold;
    expectNear(await applied(hyperbolicUnfold({ curvature, ...windows }), images), y);
  });

  it('flatten', async () => {
    expectNear(await applied(hyperbolicFlatten({ curvature }), images), peer.flatten);
  });

  it('average pool by midpoints', async () => {
    const { y, ...windows } = peer.averagePool;
    expectNear(await applied(hyperbolicAveragePool2d({ curvature, ...windows }), images), y);
  });

  it('maximum pool', async () => {
    const { y, ...windows } = peer.maxPool;
    expectNear(await applied(hyperbolicMaxPool2d({ curvature, ...windows }), images), y);
  });

  it('ReLU', async () => {
    expectNear(await applied(hyperbolicRelu<tf.Tensor4D>({ curvature }), images), peer.relu);
  });

  it.each(['midpoint', 'frechet'] as const)('batch norm about the mean called %s', async (mean) => {
    const { x, offset, scale, y, ofImages } = peer.batchNorm[mean];
    const weights = { 'l/offset': offset, 'l/scale': { shape: [1], data: [scale] } };
    const options = { name: 'l', dim: 3, curvature, mean };
    expectNear(await applied(hyperbolicBatchNorm(options), x, weights), y);
    expectNear(await applied(hyperbolicBatchNorm<tf.Tensor4D>(options), images, weights), ofImages);
  });

  it('concatenation', () => {
    const { parts, y } = peer.concat;
    const [shape, data] = tf.tidy(() => {
      const whole = betaConcat(
        parts.map((part) => tensor(part)),
        curvature,
      );
      return [whole.shape, Array.from(whole.dataSync())];
    });
    expectNear({ shape, data }, y);
  });

  it('change of manifold, to another curvature and to flat space', async () => {
    const { x, y, euclidean } = peer.change;
    const from = { kind: 'poincare', curvature } as const;
    const other = { kind: 'poincare', curvature: peer.change.curvature } as const;
    expectNear(await applied(changeManifold({ from, to: other }), x), y);
    expectNear(await applied(changeManifold({ from, to: { kind: 'euclidean' } }), x), euclidean);
  });

  it('Euclidean layers in the tangent space', async () => {
    const { kernel, bias, y } = peer.tangentSequential;
    const dense: Layer = {
      ...NO_WEIGHTS,
      apply: (_, v) => tf.add(tf.matMul(v, tensor(kernel)), tensor<tf.Tensor1D>(bias)),
    };
    const tanh: Layer = { ...NO_WEIGHTS, apply: (_, v) => tf.tanh(v) };
    const layer = tangentSequential({ layers: [dense, tanh], curvature });
    expectNear(await applied(layer, peer.linear.x), y);
  });
});

it('the fixture has both curvatures', () => {
  expect(cases.map(({ curvature }) => curvature)).toEqual([-1, -0.4]);
});
