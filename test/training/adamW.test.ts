import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import { FlatParameters, normal } from '../../src/engine/parameters.js';
import * as tf from '../../src/engine/tf.js';
import { AdamW, type AdamWOptions } from '../../src/training/adamW.js';
import { leakedTensors } from '../laws/gradient.js';
import { FLOAT32 } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

/** 6 values that decay, then 3 of rank 1 that do not, then 2 that do. */
const SPECS = [
  { name: 'kernel', shape: [3, 2], initial: normal(1) },
  { name: 'offset', shape: [3], initial: normal(1) },
  { name: 'last', shape: [1, 2], initial: normal(1) },
];
const DECAYS = [1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1];
const OPTIONS: AdamWOptions = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 2 };

const fresh = (options = OPTIONS) => {
  const parameters = new FlatParameters(SPECS, new Rng(1));
  const optimizer = new AdamW(parameters, options);
  const step = (gradient: ArrayLike<number>, rate: number) => {
    const tensor = tf.tensor1d(Float32Array.from(gradient));
    optimizer.apply(tensor, rate);
    tensor.dispose();
  };
  const values = async () => Array.from(await parameters.flat.data());
  const dispose = () => {
    optimizer.dispose();
    parameters.dispose();
  };
  return { optimizer, step, values, dispose };
};

/** Algorithm 2 of Loshchilov and Hutter with alpha = 1 and the learning rate as eta, one value at a time in float64. */
class Reference {
  private readonly m: number[];
  private readonly v: number[];
  private t = 0;
  constructor(
    readonly x: number[],
    private readonly o: AdamWOptions,
  ) {
    this.m = x.map(() => 0);
    this.v = x.map(() => 0);
  }
  step(gradient: readonly number[], eta: number): void {
    const { beta1, beta2, epsilon, weightDecay, clipNorm } = this.o;
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    this.t++;
    for (let i = 0; i < this.x.length; i++) {
      const g = norm > clipNorm ? (gradient[i] * clipNorm) / norm : gradient[i];
      this.m[i] = beta1 * this.m[i] + (1 - beta1) * g;
      this.v[i] = beta2 * this.v[i] + (1 - beta2) * g * g;
      const unbiasedM = this.m[i] / (1 - beta1 ** this.t);
      const unbiasedV = this.v[i] / (1 - beta2 ** this.t);
      const decay = DECAYS[i] * weightDecay * this.x[i];
      this.x[i] -= eta * (unbiasedM / (Math.sqrt(unbiasedV) + epsilon) + decay);
    }
  }
}

describe('AdamW', () => {
  it('follows the algorithm of its paper in float64, with decay of matrices alone and clipping', async () => {
    const { step, values, dispose } = fresh();
    const reference = new Reference(await values(), OPTIONS);
    const rng = new Rng(2);
    let clipped = 0;
    for (let i = 0; i < 60; i++) {
      // Norms from 0.3 to 30 about a slowly turning direction: some clipped, some not.
      const size = 0.1 * 10 ** rng.uniform(0, 2);
      const gradient = DECAYS.map((_, k) => Math.fround(size * (Math.sin(i / 9 + k) + rng.normal())));
      if (Math.hypot(...gradient) > OPTIONS.clipNorm) clipped++;
      const rate = 0.02 * (1 - i / 80);
      step(gradient, rate);
      reference.step(gradient, rate);
    }
    expect(clipped).toBeGreaterThan(15);
    expect(clipped).toBeLessThan(45);
    for (const [i, value] of (await values()).entries()) {
      expect(Math.abs(value - reference.x[i])).toBeLessThan(FLOAT32 * Math.max(1, Math.abs(reference.x[i])));
    }
    dispose();
  });

  it('adds epsilon where the paper does: a gradient of epsilon moves by half the rate at the first step', async () => {
    const { step, values, dispose } = fresh({ ...OPTIONS, weightDecay: 0 });
    const before = await values();
    step(
      DECAYS.map(() => 1e-8),
      0.5,
    );
    for (const [i, value] of (await values()).entries()) expect(before[i] - value).toBeCloseTo(0.25, 5);
    dispose();
  });

  it('with gradient 0 moves nothing but the decay of matrices', async () => {
    const { step, values, dispose } = fresh();
    const before = await values();
    step(new Float32Array(11), 0.5);
    for (const [i, value] of (await values()).entries()) {
      expect(Math.abs(value - before[i] * (1 - 0.5 * 0.1 * DECAYS[i]))).toBeLessThan(FLOAT32);
    }
    dispose();
  });

  it('goes on identically from a state that was read and written', async () => {
    const gradients = Array.from({ length: 12 }, (_, i) => DECAYS.map((_, k) => Math.cos(3 * i + k)));
    const whole = fresh();
    for (const gradient of gradients) whole.step(gradient, 0.01);
    const first = fresh();
    for (const gradient of gradients.slice(0, 5)) first.step(gradient, 0.01);
    const state = await first.optimizer.read();
    // The first optimiser goes on: a state that shared its memory would go with it.
    for (const gradient of gradients.slice(5)) first.step(gradient, 0.01);
    const second = fresh();
    for (const gradient of gradients.slice(0, 5)) second.step(gradient, 0.01);
    second.optimizer.apply(tf.ones([11]), 0);
    second.optimizer.write(state);
    // Rate 0 moved no parameter, but the moments and the count of steps, which `write` puts back.
    for (const gradient of gradients.slice(5)) second.step(gradient, 0.01);
    expect(await first.values()).toEqual(await whole.values());
    expect(await second.values()).toEqual(await whole.values());
    for (const each of [whole, first, second]) each.dispose();
  });

  it('refuses the state of another size, or none, and stays as it was', async () => {
    const { optimizer, step, dispose } = fresh();
    step(
      DECAYS.map(() => 1),
      0.1,
    );
    const state = await optimizer.read();
    expect(state.map(({ name, shape }) => [name, shape])).toEqual([
      ['adamW/first', [11]],
      ['adamW/second', [11]],
      ['adamW/steps', [1]],
    ]);
    expect(() => optimizer.write([])).toThrow(FormatError);
    expect(() => optimizer.write([])).toThrow(/adamW\/first: expected 11 values, got undefined/);
    const short = state.map((tensor) => ({ ...tensor, data: tensor.data.map((v) => v + 1) }));
    short[1] = { ...short[1], data: short[1].data.slice(1) };
    expect(() => optimizer.write(short)).toThrow(/adamW\/second: expected 11 values, got 10/);
    expect(await optimizer.read()).toEqual(state);
    dispose();
  });

  it('leaves no tensors behind', async () => {
    const leaked = await leakedTensors(async () => {
      const { optimizer, step, dispose } = fresh();
      step(
        DECAYS.map(() => 1),
        0.1,
      );
      optimizer.write(await optimizer.read());
      dispose();
    });
    expect(leaked).toBe(0);
  });
});
