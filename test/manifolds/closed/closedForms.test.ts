import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { hyperplaneScores, midpoint } from '../../../src/manifolds/gyrovector.js';
import { fullyConnected } from '../../../src/manifolds/layers/linear.js';
import type { Curvature } from '../../../src/manifolds/manifold.js';
import * as model from '../../../src/manifolds/stereographic.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import { expectClose, expectGradient, points } from '../stereographicSupport.js';

beforeAll(async () => {
  await openEngine();
});

const [ROWS, DIM] = [5, 3];
type Rows = tf.Tensor2D;
type Form = (inputs: readonly tf.Tensor[], K: Curvature) => tf.Tensor;

interface Scene {
  readonly form: Form;
  readonly shapes: readonly (readonly [number, number])[];
}

const whole = [ROWS, DIM] as const;
const one = [1, DIM] as const;
const pair = (f: (x: Rows, y: Rows, K: Curvature) => tf.Tensor): Form => {
  return ([x, y], K) => f(x as Rows, y as Rows, K);
};
const positive = (w: tf.Tensor) => tf.add(tf.square(w), 0.1) as Rows;
const offsets = (r: tf.Tensor) => tf.reshape(r, [-1]) as tf.Tensor1D;

/** What a number K < 0 has a closed form for, and a tensor K has not. */
const SCENES: Readonly<Record<string, Scene>> = {
  exp0: { form: ([v], K) => model.exp0(v as Rows, K), shapes: [whole] },
  exp0Within: { form: ([v], K) => model.exp0Within(v as Rows, K, 0.7), shapes: [whole] },
  log0: { form: ([x], K) => model.log0(x as Rows, K), shapes: [whole] },
  project: { form: ([x], K) => model.project(x as Rows, K, 0.5), shapes: [whole] },
  mobiusAdd: { form: pair(model.mobiusAdd), shapes: [whole, whole] },
  'mobiusAdd to one row': { form: pair(model.mobiusAdd), shapes: [one, whole] },
  'mobiusAdd of one row': { form: pair(model.mobiusAdd), shapes: [whole, one] },
  exp: { form: pair(model.exp), shapes: [whole, whole] },
  'exp at one row': { form: pair(model.exp), shapes: [one, whole] },
  'exp of one row': { form: pair(model.exp), shapes: [whole, one] },
  log: { form: pair(model.log), shapes: [whole, whole] },
  'log at one row': { form: pair(model.log), shapes: [one, whole] },
  'log of one row': { form: pair(model.log), shapes: [whole, one] },
  transport: {
    form: ([x, y, u], K) => model.transport(x as Rows, y as Rows, u as Rows, K),
    shapes: [whole, whole, whole],
  },
  'transport between two rows': {
    form: ([x, y, u], K) => model.transport(x as Rows, y as Rows, u as Rows, K),
    shapes: [one, one, whole],
  },
  'transport of one row': {
    form: ([x, y, u], K) => model.transport(x as Rows, y as Rows, u as Rows, K),
    shapes: [whole, whole, one],
  },
  midpoint: {
    form: ([x, w], K) => midpoint(x as Rows, positive(w), K),
    shapes: [whole, [2, ROWS]],
  },
  hyperplaneScores: {
    form: ([x, z, r], K) => hyperplaneScores(x as Rows, z as Rows, offsets(r), K),
    shapes: [whole, [DIM, 4], [1, 4]],
  },
  'hyperplaneScores through the origin': {
    form: ([x, z], K) => hyperplaneScores(x as Rows, z as Rows, null, K),
    shapes: [whole, [DIM, 4]],
  },
  fullyConnected: {
    form: ([x, z, r], K) => fullyConnected(x as Rows, z as Rows, offsets(r), K),
    shapes: [whole, [DIM, 4], [1, 4]],
  },
};

/** Inside the ball of curvature K, up to this share of its radius. */
const inputsOf = (shapes: Scene['shapes'], K: number, reach: number) =>
  shapes.map(([rows, columns], i) => tf.tensor2d(points(rows, columns, K, i + 1, reach), [rows, columns]));

const uneven = (y: tf.Tensor) =>
  tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape))) as tf.Scalar;

describe.each(Object.entries(SCENES))('%s at a number K', (_, { form, shapes }) => {
  it.each([
    [-1, 0.9],
    [-0.37, 0.9],
    [-2, 0.998],
    [-1, 1e-4],
  ])('has the values and gradients of a learned K, K = %f, up to %f of the radius', (K, reach) => {
    const inputs = inputsOf(shapes, K, reach);
    const k = tf.scalar(K);
    const [ours, theirs] = [Math.fround(K), k].map((given) => {
      const { value, grads } = tf.valueAndGrads((...args) => uneven(form(args, given)))(inputs);
      const whole = form(inputs, given).dataSync();
      return { whole, value, grads: grads.map((g) => g.dataSync()) };
    });
    expectClose(ours.whole, theirs.whole, FLOAT32);
    inputs.forEach((_, i) => {
      expectGradient(ours.grads[i], theirs.grads[i]);
    });
  });

  it('has the second derivatives of its gradients', () => {
    const inputs = inputsOf(shapes, -0.6, 0.5);
    const ramp = tf.reshape(tf.linspace(0.1, 1, inputs[0].size), inputs[0].shape);
    const penalty = (at: tf.Tensor) => {
      const gradient = tf.grad((t) => uneven(form([t, ...inputs.slice(1)], -0.6)))(at);
      return tf.sum(tf.square(tf.add(gradient, tf.mul(at, ramp)))) as tf.Scalar;
    };
    expect(gradientError(penalty, inputs[0])).toBeLessThan(GRADIENT_BY_DIFFERENCES);
  });

  it('keeps NaN as NaN in its row, and leaves no tensors behind', async () => {
    const inputs = inputsOf(shapes, -1, 0.5);
    const data = inputs[0].dataSync().slice();
    data[0] = Number.NaN;
    const bad = tf.tensor(data, inputs[0].shape);
    expect(form([bad, ...inputs.slice(1)], -1).dataSync()[0]).toBeNaN();
    bad.dispose();
    const gradients = () => tf.tidy(() => tf.grads((...args) => uneven(form(args, -1)))(inputs));
    expect(await leakedTensors(gradients)).toBe(0);
  });
});

it.each([
  ['exp0', 25],
  ['log0', 35],
  ['exp', 100],
  ['log', 100],
  ['mobiusAdd', 80],
  ['transport', 150],
  ['midpoint', 90],
  ['hyperplaneScores', 100],
  ['fullyConnected', 130],
] as const)('%s and its gradient take at most %i kernels', async (name, most) => {
  const { form, shapes } = SCENES[name];
  const inputs = inputsOf(shapes, -1, 0.5);
  const dy = tf.tidy(() => tf.onesLike(form(inputs, -1)));
  const { kernels } = await tf.profile(() =>
    tf.tidy(() => tf.grads((...args) => form(args, -1))(inputs, dy)),
  );
  expect(kernels.filter((kernel) => !/scope|backward|forward/.test(kernel.name)).length).toBeLessThanOrEqual(
    most,
  );
});
