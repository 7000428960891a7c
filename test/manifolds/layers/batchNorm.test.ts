import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { type ModuleSpec, Network, type Pass } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { distance } from '../../../src/geometry/distance.js';
import { frechetMean } from '../../../src/geometry/frechetMean.js';
import { hyperbolicBatchNorm } from '../../../src/manifolds/layers/batchNorm.js';
import { leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';
import { applied, ballPoints, expectNear, networkWith, tensor, weighted } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const C = 0.6;
const space = { kind: 'poincare', dim: 3, curvature: -C } as const;
const layer = hyperbolicBatchNorm({ name: 'n', dim: 3, curvature: -C, mean: 'frechet' });
const x = ballPoints([12, 3], C, 0.9, 1);
const offset = { shape: [3], data: [0.3, -0.1, 0.2] };
const weights = { 'n/offset': offset, 'n/scale': { shape: [1], data: [1.5] } };
const rowsOf = (data: readonly number[]) =>
  Array.from({ length: data.length / 3 }, (_, i) => data.slice(3 * i, 3 * i + 3));

describe('hyperbolic batch norm', () => {
  it('puts the Fréchet mean at the learned point, and the root mean square distance to it at the scale', async () => {
    const y = await applied(layer, x, weights);
    const mean = frechetMean({ data: Float64Array.from(y.data), rows: 12, columns: 3 }, C);
    const length = Math.hypot(...offset.data);
    const factor = Math.tanh(Math.sqrt(C) * length) / (Math.sqrt(C) * length);
    for (const [k, value] of offset.data.entries()) expect(mean[k]).toBeCloseTo(value * factor, 5);
    const squares = rowsOf(y.data).map((row) => distance(space, row, mean) ** 2);
    const spread = Math.sqrt(squares.reduce((a, b) => a + b) / 12);
    // The 1e-6 that is added to the variance, and float32.
    expect(Math.abs(spread - 1.5)).toBeLessThan(10 * FLOAT32);
  });

  it('leaves one point alone where the learned point is', async () => {
    const y = await applied(layer, { shape: [1, 3], data: [0.1, 0.2, 0.3] });
    for (const value of y.data) expect(Math.abs(value)).toBeLessThan(FLOAT32);
  });

  it('at inference uses running statistics, which training moves by 0.05 of the way', async () => {
    const network = await networkWith(layer, weights);
    const infer = () => tf.tidy(() => Array.from(layer.apply(network.inferencePass(), tensor(x)).dataSync()));
    const before = infer();
    const start = await network.statistics.read();
    expect(start.map(({ name, data }) => [name, ...data])).toEqual([
      ['n/mean', 0, 0, 0],
      ['n/variance', 1],
    ]);
    const { value, gradient } = network.gradient((pass) => weighted(layer.apply(pass, tensor(x))));
    tf.dispose([value, gradient]);
    const [mean, variance] = await network.statistics.read();
    const centre = frechetMean({ data: Float64Array.from(x.data), rows: 12, columns: 3 }, C);
    const length = Math.hypot(...centre);
    const stretch = Math.atanh(Math.sqrt(C) * length) / (Math.sqrt(C) * length);
    for (const [k, at] of centre.entries()) expect(mean.data[k]).toBeCloseTo(0.05 * stretch * at, 6);
    const spread = rowsOf(x.data).reduce((sum, row) => sum + distance(space, row, centre) ** 2, 0) / 12;
    expect(variance.data[0]).toBeCloseTo(0.95 + 0.05 * spread, 5);
    expect(infer()).not.toEqual(before);
    network.dispose();
  });

  it('at inference is what it is in training, when the running statistics are those of the batch', async () => {
    const network = await networkWith(layer, weights);
    const training = await applied(layer, x, weights);
    const start = await network.statistics.read();
    const { value, gradient } = network.gradient((pass) => weighted(layer.apply(pass, tensor(x))));
    tf.dispose([value, gradient]);
    const settled = (await network.statistics.read()).map((moved, k) => ({
      ...moved,
      data: moved.data.map((at, i) => (at - 0.95 * start[k].data[i]) / 0.05),
    }));
    network.statistics.write(settled, 'test');
    const data = tf.tidy(() => Array.from(layer.apply(network.inferencePass(), tensor(x)).dataSync()));
    // The rounding of a running average, 20 times as large after the division.
    expectNear({ shape: [12, 3], data }, training, 20 * FLOAT32);
    network.dispose();
  });

  it('refuses an epsilon that is not > 0', () => {
    for (const epsilon of [0, -1, Number.NaN])
      expect(() => hyperbolicBatchNorm({ name: 'n', dim: 3, curvature: -1, epsilon })).toThrow(/n epsilon/);
  });
});

describe('running statistics', () => {
  const average = (name: string) => ({ name, shape: [2], initial: () => Float32Array.of(1, -1) });
  const module: ModuleSpec = {
    parameters: [
      { name: 'w', shape: [2], initial: () => Float32Array.of(2, 3) },
      { name: 'spare', shape: [1], initial: () => Float32Array.of(0) },
    ],
    batchNorms: [],
    statistics: [average('s')],
  };
  const loss = (pass: Pass) => {
    const value = pass.statistic('s', () => tf.mul(pass.weight<tf.Tensor1D>('w'), 10));
    return tf.sum(value) as tf.Scalar;
  };

  it('give the gradient of the batch value, and then move', async () => {
    const network = new Network([module], new Rng(1));
    const { value, gradient } = network.gradient(loss);
    expect(value.dataSync()[0]).toBe(50);
    expect(Array.from(gradient.dataSync())).toEqual([10, 10, 0]);
    const [{ data }] = await network.statistics.read();
    expect(data[0]).toBeCloseTo(0.95 + 0.05 * 20, 6);
    expect(data[1]).toBeCloseTo(-0.95 + 0.05 * 30, 6);
    expect(tf.tidy(() => loss(network.inferencePass()).dataSync()[0])).toBeCloseTo(data[0] + data[1], 6);
    tf.dispose([value, gradient]);
    network.dispose();
  });

  it('stay where they are in a pass with the statistics of the batch', async () => {
    const network = new Network([module], new Rng(1));
    expect(tf.tidy(() => loss(network.batchStatisticsPass()).dataSync()[0])).toBe(50);
    const [{ data }] = await network.statistics.read();
    expect(Array.from(data)).toEqual([1, -1]);
    network.dispose();
  });

  it('leave no tensors behind, reported twice in a pass too', async () => {
    const network = new Network([module], new Rng(1));
    const twice = (pass: Pass) => tf.add(loss(pass), loss(pass)) as tf.Scalar;
    expect(await leakedTensors(() => Object.values(network.gradient(twice)))).toBe(0);
    network.dispose();
  });

  it('that a module declares and does not report are an error that names them', () => {
    const network = new Network([{ ...module, statistics: [average('s'), average('t')] }], new Rng(1));
    expect(() => network.gradient(loss)).toThrow(/no array named t/);
    network.dispose();
  });
});
