import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, FormatError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { Network } from '../../src/engine/network.js';
import { openEngine } from '../../src/engine/openEngine.js';
import { zeros } from '../../src/engine/parameters.js';
import * as tf from '../../src/engine/tf.js';
import { type LearnableCurvatureOptions, learnableCurvature } from '../../src/manifolds/curvature.js';
import { exp0, project, stereographic } from '../../src/manifolds/stereographic.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const BOUNDS: readonly LearnableCurvatureOptions[] = [
  { name: 'ball', initial: -0.3, min: -2, max: -0.01, kind: 'poincare' },
  { name: 'sphere', initial: 1, min: 0.1, max: 10, kind: 'sphere' },
  { name: 'any', initial: 0, min: -1, max: 2 },
  { name: 'toFlat', initial: -0.5, min: -1, max: 0 },
];

const networkOf = (options: LearnableCurvatureOptions) => {
  const curvature = learnableCurvature(options);
  const others = [{ name: 'others', shape: [2], initial: zeros }];
  const network = new Network(
    [{ parameters: [...curvature.parameters, ...others], batchNorms: [] }],
    new Rng(1),
  );
  const at = (theta: number) => {
    tf.tidy(() => network.parameters.flat.assign(tf.tensor1d([theta, 0, 0])));
    return tf.tidy(() => curvature.value(network.inferencePass()).dataSync()[0]);
  };
  return { curvature, network, at };
};

describe.each(BOUNDS)('a curvature between $min and $max, first $initial', (options) => {
  it('starts at its initial value to the last bit', async () => {
    const { curvature, network } = networkOf(options);
    const value = tf.tidy(() => curvature.value(network.inferencePass()).dataSync()[0]);
    expect(value).toBe(Math.fround(options.initial));
    expect(curvature.read(await network.parameters.read())).toBe(options.initial);
    network.dispose();
  });

  it('rises with its parameter, from one bound to the other', () => {
    const { at, network } = networkOf(options);
    const values = [-100, -5, -1, 0, 1, 5, 100].map(at);
    for (let i = 1; i < values.length; i++) {
      if (options.max < 0 || options.min > 0) expect(Math.sign(values[i])).toBe(Math.sign(options.initial));
      if (i > 1 && i < 6) expect(values[i]).toBeGreaterThan(values[i - 1]);
    }
    const width = options.max - options.min;
    expect(Math.abs(values[0] - options.min)).toBeLessThan(FLOAT32 * width);
    expect(Math.abs(values[6] - options.max)).toBeLessThan(FLOAT32 * width);
    network.dispose();
  });

  it('is read back as the number that the pass used, and has the derivative of its values', async () => {
    const { curvature, network, at } = networkOf(options);
    const value = at(0.7);
    const read = curvature.read(await network.parameters.read());
    expect(Math.abs(read - value)).toBeLessThan(FLOAT32 * Math.max(1, Math.abs(value)));
    const pass = (theta: tf.Tensor) => ({
      ...network.inferencePass(),
      weight: <T extends tf.Tensor>() => theta as T,
    });
    const f = (theta: tf.Tensor) => curvature.value(pass(theta));
    expect(gradientError(f, tf.scalar(0.7))).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    network.dispose();
  });

  it('leaves no tensors behind', async () => {
    const { curvature, network } = networkOf(options);
    expect(await leakedTensors(() => network.gradient((pass) => curvature.value(pass)))).toBe(0);
    network.dispose();
  });
});

it('the way between bounds of one sign is that of the logarithm: half of it is their geometric mean', () => {
  // By hand: K0 = -1 is half way from -100 to -0.01, and θ = ±ln 3 are at a quarter and three quarters.
  const { at, network } = networkOf({ name: 'K', initial: -1, min: -100, max: -0.01 });
  expect(at(Math.log(3))).toBeCloseTo(-0.1, 6);
  expect(at(-Math.log(3))).toBeCloseTo(-10, 4);
  network.dispose();
});

it('descent finds the curvature at which given distances were measured, across zero', () => {
  const { curvature, network } = networkOf({ name: 'K', initial: 0.5, min: -2, max: 2 });
  const space = { kind: 'stereographic', dim: 2, curvature: 0.5 } as const;
  const [x, y] = [
    tf.tensor2d([0.1, 0.2, -0.3, 0.4, 0.5, 0], [3, 2]),
    tf.tensor2d([0.4, -0.2, 0.2, 0.3, -0.4, 0.1], [3, 2]),
  ];
  const measured = tf.tidy(() => stereographic(space, -1).dist(x, y));
  for (let step = 0; step < 100; step++) {
    const { value, gradient } = network.gradient((pass) => {
      const off = tf.sub(stereographic(space, curvature.value(pass)).dist(x, y), measured);
      return tf.sum(tf.square(off)) as tf.Scalar;
    });
    tf.tidy(() => network.parameters.flat.assign(tf.sub(network.parameters.flat, tf.mul(gradient, 2))));
    tf.dispose([value, gradient]);
  }
  const found = tf.tidy(() => curvature.value(network.inferencePass()).dataSync()[0]);
  expect(Math.abs(found + 1)).toBeLessThan(1e-2);
  tf.dispose([x, y, measured]);
  network.dispose();
});

it('one curvature serves several factors, and its gradient is the sum of theirs', () => {
  const { curvature, network } = networkOf(BOUNDS[0]);
  const v = tf.tensor2d([[0.4, 0.9]]);
  const once = (pass: Parameters<typeof curvature.value>[0]) =>
    tf.sum(project(exp0(v, curvature.value(pass)), curvature.value(pass))) as tf.Scalar;
  const gradientOf = (loss: typeof once) => {
    const { value, gradient } = network.gradient(loss);
    const [g] = gradient.dataSync();
    tf.dispose([value, gradient]);
    return g;
  };
  const one = gradientOf(once);
  expect(one).not.toBe(0);
  expect(gradientOf((pass) => tf.add(once(pass), once(pass)))).toBeCloseTo(2 * one, 6);
  network.dispose();
});

describe('wrong use is named', () => {
  it.each<[string, LearnableCurvatureOptions]>([
    ['a start on a bound', { name: 'K', initial: -1, min: -1, max: 1 }],
    ['a start outside', { name: 'K', initial: 2, min: -1, max: 1 }],
    ['bounds in the wrong order', { name: 'K', initial: 0, min: 1, max: -1 }],
    ['NaN', { name: 'K', initial: Number.NaN, min: -1, max: 1 }],
    ['an infinite bound', { name: 'K', initial: 0, min: Number.NEGATIVE_INFINITY, max: 1 }],
    ['a ball that may become flat', { name: 'K', initial: -1, min: -2, max: 0, kind: 'poincare' }],
    ['a hyperboloid that may become flat', { name: 'K', initial: -1, min: -2, max: 0, kind: 'lorentz' }],
    ['a sphere that may become flat', { name: 'K', initial: 1, min: 0, max: 2, kind: 'sphere' }],
  ])('%s', (_, options) => {
    expect(() => learnableCurvature(options)).toThrow(DomainError);
    expect(() => learnableCurvature(options)).toThrow(/curvature K/);
  });

  it('weights without the parameter', () => {
    const curvature = learnableCurvature(BOUNDS[0]);
    expect(() => curvature.read([])).toThrow(FormatError);
    const two = [{ name: 'ball', shape: [2], data: new Float32Array(2) }];
    expect(() => curvature.read(two)).toThrow(/one value/);
  });
});
