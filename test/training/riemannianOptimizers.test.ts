import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, FormatError, ShapeError, UsageError } from '../../src/core/errors.js';
import type { Matrix64 } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { openEngine } from '../../src/engine/openEngine.js';
import { FlatParameters, normal, type ParameterSpec } from '../../src/engine/parameters.js';
import * as tf from '../../src/engine/tf.js';
import { dist0, manifoldOf } from '../../src/geometry/manifold.js';
import {
  type AdamOptions,
  type AdamState,
  riemannianAdamStep,
  riemannianSgdStep,
  type SgdOptions,
  type SgdState,
} from '../../src/geometry/riemannianDescent.js';
import { AdamW } from '../../src/training/adamW.js';
import type { Optimizer } from '../../src/training/optimizer.js';
import { RiemannianAdam, type RiemannianAdamOptions } from '../../src/training/riemannianAdam.js';
import { RiemannianSGD, type RiemannianSgdOptions } from '../../src/training/riemannianSgd.js';
import { SPACES } from '../geometry/spaces.js';
import { leakedTensors } from '../laws/gradient.js';
import { FLOAT32 } from '../laws/tolerance.js';
import { farthest, gradientOf, pointsOf } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const SILENT = { onNotice: () => {} };
const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
const STEPS = 10;
/** Each step adds one rounding of float32 to the point and the moments, and the later steps build on it. */
const AFTER_STEPS = STEPS * FLOAT32;

const points = (space: Space, name = 'points', rows = 4): ParameterSpec => {
  const { data, columns } = pointsOf(space, rows, 5);
  return { name, shape: [rows, columns], initial: () => Float32Array.from(data), space };
};
const BALL = points(SPACES['poincare'], 'ball');
const KERNEL: ParameterSpec = { name: 'kernel', shape: [3, 2], initial: normal(1) };
const OFFSET: ParameterSpec = { name: 'offset', shape: [2], initial: normal(1) };
const CODES = points(SPACES['product'], 'codes', 3);
const MIXED = [KERNEL, BALL, OFFSET, { ...KERNEL, name: 'last' }, CODES];

function fresh<O extends Optimizer>(
  specs: readonly ParameterSpec[],
  make: (parameters: FlatParameters) => O,
) {
  const parameters = new FlatParameters(specs, new Rng(1));
  const optimizer = make(parameters);
  return {
    optimizer,
    parameters,
    step(gradient: ArrayLike<number>, rate: number) {
      const tensor = tf.tensor1d(Float32Array.from(gradient));
      optimizer.apply(tensor, rate);
      tensor.dispose();
    },
    values: async () => Array.from(await parameters.flat.data()),
    async array(name: string) {
      return Array.from((await parameters.read()).find((array) => array.name === name)!.data);
    },
    dispose() {
      optimizer.dispose();
      parameters.dispose();
    },
  };
}
const adamOn = (specs: readonly ParameterSpec[], options: Partial<RiemannianAdamOptions> = {}) =>
  fresh(specs, (parameters) => new RiemannianAdam(parameters, { ...ADAM, ...SILENT, ...options }));
const sgdOn = (specs: readonly ParameterSpec[], options: RiemannianSgdOptions = {}) =>
  fresh(specs, (parameters) => new RiemannianSGD(parameters, { ...SILENT, ...options }));

/** Any gradient of the mixed parameters. */
const mixedGradient = (t: number) => gradientOf(1, 6 + 12 + 2 + 6 + 18, t).data;

describe.each(Object.entries(SPACES))('on %s', (_, space) => {
  const spec = points(space);
  const start: Matrix64 = pointsOf(space, 4, 5);
  const manifold = manifoldOf(space);

  it.each<Partial<AdamOptions>>([{}, { amsgrad: true }, { retraction: 'firstOrder' }])(
    'Adam follows its float64 twin: %j',
    async (options) => {
      const { step, values, dispose } = adamOn([spec], options);
      let [at, state]: [Matrix64, AdamState | undefined] = [start, undefined];
      for (let t = 0; t < STEPS; t++) {
        const [gradient, learningRate] = [gradientOf(4, start.columns, t), 0.1 / (1 + t / 5)];
        step(gradient.data, learningRate);
        const next = riemannianAdamStep(manifold, at, gradient, state, { ...ADAM, ...options, learningRate });
        [at, state] = [next.points, next.state];
      }
      expect(farthest(await values(), at.data)).toBeLessThan(AFTER_STEPS);
      expect(farthest(start.data, at.data)).toBeGreaterThan(0.1);
      dispose();
    },
  );

  it.each<Partial<SgdOptions>>([
    {},
    { momentum: 0.8, dampening: 0.2 },
    { momentum: 0.8, nesterov: true },
    { momentum: 0.5, retraction: 'firstOrder' },
  ])('SGD follows its float64 twin: %j', async (options) => {
    const { step, values, dispose } = sgdOn([spec], options as RiemannianSgdOptions);
    let [at, state]: [Matrix64, SgdState | undefined] = [start, undefined];
    for (let t = 0; t < STEPS; t++) {
      const [gradient, learningRate] = [gradientOf(4, start.columns, t), 0.03];
      step(gradient.data, learningRate);
      const next = riemannianSgdStep(manifold, at, gradient, state, { ...options, learningRate });
      [at, state] = [next.points, next.state];
    }
    expect(farthest(await values(), at.data)).toBeLessThan(AFTER_STEPS);
    expect(farthest(start.data, at.data)).toBeGreaterThan(0.03);
    dispose();
  });
});

describe('parameters of which some are points', () => {
  it('move as each array would alone: Euclidean ones as by AdamW, number for number', async () => {
    const mixed = adamOn(MIXED, { weightDecay: 0.1 });
    // Its clipNorm is never reached.
    const options = { ...ADAM, weightDecay: 0.1, clipNorm: 1e6 };
    const flat = fresh([KERNEL, OFFSET, { ...KERNEL, name: 'last' }], (p) => new AdamW(p, options));
    const ball = adamOn([BALL]);
    for (let t = 0; t < STEPS; t++) {
      const gradient = mixedGradient(t);
      mixed.step(gradient, 0.05);
      flat.step([...gradient.subarray(0, 6), ...gradient.subarray(18, 26)], 0.05);
      ball.step(gradient.subarray(6, 18), 0.05);
    }
    for (const name of ['kernel', 'offset', 'last']) {
      expect(await mixed.array(name)).toEqual(await flat.array(name));
    }
    expect(await mixed.array('ball')).toEqual(await ball.array('ball'));
    for (const each of [mixed, flat, ball]) each.dispose();
  });

  it('without any point are moved as AdamW moves them, number for number, with clipping', async () => {
    const options = { ...ADAM, weightDecay: 0.1, clipNorm: 1.5 };
    const ours = adamOn([KERNEL, OFFSET], options);
    const adamW = fresh([KERNEL, OFFSET], (parameters) => new AdamW(parameters, options));
    for (let t = 0; t < STEPS; t++) {
      const gradient = gradientOf(1, 8, t).data.map((value) => value * (t % 3));
      ours.step(gradient, 0.05);
      adamW.step(gradient, 0.05);
    }
    expect(await ours.values()).toEqual(await adamW.values());
    for (const each of [ours, adamW]) each.dispose();
  });

  it('decay where they are Euclidean matrices, and elsewhere only if manifoldDecay asks for it', async () => {
    const rate = 0.5;
    for (const manifoldDecay of [0, 0.2]) {
      const { step, array, dispose } = sgdOn(MIXED, { weightDecay: 0.1, manifoldDecay });
      const before = new Map<string, number[]>();
      for (const { name } of MIXED) before.set(name, await array(name));
      step(new Float64Array(44), rate);
      const shrunk = before.get('kernel')!.map((value) => value * (1 - rate * 0.1));
      expect(farthest(await array('kernel'), shrunk)).toBeLessThan(FLOAT32);
      expect(await array('offset')).toEqual(before.get('offset'));
      for (const { name, shape, space } of [BALL, CODES]) {
        const manifold = manifoldOf(space!);
        const after = await array(name);
        for (let from = 0; from < after.length; from += shape[1]) {
          const [x, y] = [before.get(name)!, after].map((all) => all.slice(from, from + shape[1]));
          const expected = (1 - rate * manifoldDecay) * dist0(manifold, exactly(space!, x));
          expect(Math.abs(dist0(manifold, exactly(space!, y)) - expected)).toBeLessThan(FLOAT32);
        }
      }
      dispose();
    }
  });
});

/** The float32 point as one that float64 takes for a point of the space. */
function exactly(space: Space, x: readonly number[]): number[] {
  if (space.kind !== 'product') return [...x];
  const [a, b, ...sphere] = x;
  const length = Math.hypot(...sphere.slice(0, 3));
  return [a, b, ...sphere.slice(0, 3).map((value) => value / length), sphere[3]];
}

describe('clipping', () => {
  const origin: ParameterSpec = {
    ...BALL,
    shape: [1, 3],
    initial: (_, size) => new Float32Array(size),
    name: 'o',
  };
  const ball: Space = { kind: 'poincare', dim: 3, curvature: -1 };

  it('goes by the Riemannian norm over all arrays', async () => {
    // At the origin of the unit ball the Riemannian gradient is g / 4, of length |g| / 2: 8 -> 4, with 3 beside it 5.
    const clipped = sgdOn([{ ...origin, space: ball }, OFFSET], { clipNorm: 0.05 });
    const before = await clipped.array('offset');
    clipped.step([0, 8, 0, 3, 0], 1);
    const [x, y, z] = await clipped.array('o');
    expect([x, z]).toEqual([0, 0].map((zero) => expect.closeTo(zero, 7)));
    expect(2 * Math.atanh(-y)).toBeCloseTo(0.05 * (4 / 5), 6);
    expect((await clipped.array('offset'))[0]).toBeCloseTo(before[0] - 0.05 * (3 / 5), 6);
    clipped.dispose();
  });

  it('leaves smaller gradients as they are', async () => {
    const [plain, clipped] = [sgdOn(MIXED), sgdOn(MIXED, { clipNorm: 1e3 })];
    for (const each of [plain, clipped]) each.step(mixedGradient(0), 0.05);
    expect(farthest(await clipped.values(), await plain.values())).toBeLessThan(FLOAT32);
    for (const each of [plain, clipped]) each.dispose();
  });
});

describe('at the rim', () => {
  it('points are put back into the ball, counted, and can come back', async () => {
    const { optimizer, step, values, dispose } = sgdOn([BALL]);
    expect(await optimizer.rowsAtRim()).toBe(0);
    const outwards = (await values()).map((value, k) => (k < 6 ? -1e4 * value : 0));
    step(outwards, 1);
    expect(await optimizer.rowsAtRim()).toBe(2);
    const norms = async () => {
      const all = await values();
      return [all.slice(0, 3), all.slice(3, 6)].map((x) => Math.sqrt(0.7) * Math.hypot(...x));
    };
    for (const norm of await norms()) {
      expect(norm).toBeLessThan(1);
      expect(norm).toBeGreaterThan(0.999);
    }
    step(
      (await values()).map((value, k) => (k < 6 ? 1e6 * value : 0)),
      1,
    );
    expect(await optimizer.rowsAtRim()).toBe(0);
    for (const norm of await norms()) expect(norm).toBeLessThan(0.999);
    dispose();
  });

  it('nothing is counted on spaces that have none', async () => {
    const { optimizer, step, dispose } = adamOn([points(SPACES['sphere']), points(SPACES['lorentz'], 'l')]);
    step(gradientOf(1, 32, 0).data, 0.5);
    expect(await optimizer.rowsAtRim()).toBe(0);
    dispose();
  });
});

describe('a gradient that is not finite', () => {
  it('comes out as NaN in the rows that it has', async () => {
    const { step, array, dispose } = sgdOn(MIXED);
    const gradient = mixedGradient(0);
    gradient[6] = Number.NaN;
    step(gradient, 0.1);
    const ball = await array('ball');
    expect(ball.slice(0, 3).every(Number.isNaN)).toBe(true);
    expect(ball.slice(3).every(Number.isFinite)).toBe(true);
    dispose();
  });
});

const KINDS = {
  'Adam with amsgrad': () => adamOn(MIXED, { amsgrad: true, weightDecay: 0.1, clipNorm: 3 }),
  'SGD with momentum': () => sgdOn(MIXED, { momentum: 0.8, manifoldDecay: 0.01 }),
} as const;

describe.each(Object.entries(KINDS))('%s', (_, make) => {
  it('goes on identically from a state that was read and written', async () => {
    const whole = make();
    for (let t = 0; t < STEPS; t++) whole.step(mixedGradient(t), 0.02);
    const first = make();
    for (let t = 0; t < 4; t++) first.step(mixedGradient(t), 0.02);
    const [state, arrays] = [await first.optimizer.read(), await first.parameters.read()];
    for (let t = 4; t < STEPS; t++) first.step(mixedGradient(t), 0.02);
    const second = make();
    second.step(mixedGradient(77), 0.5);
    second.optimizer.write(state);
    second.parameters.write(arrays, 'test');
    for (let t = 4; t < STEPS; t++) second.step(mixedGradient(t), 0.02);
    expect(await first.values()).toEqual(await whole.values());
    expect(await second.values()).toEqual(await whole.values());
    for (const each of [whole, first, second]) each.dispose();
  });

  it('refuses the state of another size, or none, and stays as it was', async () => {
    const { optimizer, step, dispose } = make();
    step(mixedGradient(0), 0.1);
    const state = await optimizer.read();
    expect(() => optimizer.write([])).toThrow(FormatError);
    const last = state.length - 1;
    const short = state.map(({ data, ...rest }, i) => ({
      ...rest,
      data: i === last ? data.slice(1) : data.map((v) => v + 1),
    }));
    expect(() => optimizer.write(short)).toThrow(FormatError);
    expect(await optimizer.read()).toEqual(state);
    dispose();
  });

  it('leaves no tensors behind', async () => {
    const leaked = await leakedTensors(async () => {
      const { optimizer, step, dispose } = make();
      step(mixedGradient(0), 0.1);
      optimizer.write(await optimizer.read());
      await optimizer.rowsAtRim();
      dispose();
    });
    expect(leaked).toBe(0);
  });
});

describe('what is refused', () => {
  const summed: Space = {
    kind: 'product',
    combine: 'sum',
    factors: [{ space: SPACES['poincare'], weight: 1 }],
  };

  it.each([
    [
      'an array that has not the columns of its space',
      () => adamOn([{ ...BALL, shape: [6, 2] }]),
      ShapeError,
    ],
    ['a space that is no manifold', () => sgdOn([{ ...BALL, space: summed }]), UsageError],
    ['beta1 of 1', () => adamOn([BALL], { beta1: 1 }), DomainError],
    ['a momentum < 0', () => sgdOn([BALL], { momentum: -0.1 }), DomainError],
    ['nesterov without momentum', () => sgdOn([BALL], { nesterov: true }), UsageError],
    [
      'points in AdamW',
      () => fresh([BALL], (p) => new AdamW(p, { ...ADAM, weightDecay: 0, clipNorm: 1 })),
      UsageError,
    ],
  ])('%s', (_, make, error) => {
    expect(make).toThrow(error);
  });
});
