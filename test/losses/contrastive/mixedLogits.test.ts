import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, FormatError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import { zeros } from '../../../src/engine/parameters.js';
import * as tf from '../../../src/engine/tf.js';
import { distance } from '../../../src/geometry/distance.js';
import { type HeadConfig, learnableHeads } from '../../../src/losses/contrastive/learnableHeads.js';
import { learnableScale } from '../../../src/losses/contrastive/learnableScale.js';
import { type MixedHead, mixedLogits } from '../../../src/losses/contrastive/mixedLogits.js';
import { pairSoftmax } from '../../../src/losses/contrastive/pairSoftmax.js';
import { leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';
import { differences, expectGradient, expectValue, planOf, uniformRows } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const cosine: Space = { kind: 'cosine', dim: 3 };
const ball = (curvature: number): Space => ({ kind: 'poincare', dim: 3, curvature });
const LABELS = [0, 1, 0, 1, 2];
const E = uniformRows(5, 3, 21);
const H = uniformRows(5, 3, 22, -0.5, 0.5);
const S = uniformRows(5, 3, 23, 0.1, 0.9);

/** w, t of each of two heads, then K. */
type Numbers = readonly [number, number, number, number, number];
const NUMBERS: Numbers = [1, 0.3, 3, 0.5, -0.7];

/** The logits in float64. */
function logitsOf([w0, t0, w1, t1, K]: Numbers): number[][] {
  return E.map((e, i) =>
    E.map((f, j) => {
      const flat = distance(cosine, e, f);
      const curved = distance(ball(K), H[i], H[j]);
      return -((w0 * flat) / t0 + (w1 * curved) / t1);
    }),
  );
}

/** pairSoftmax in float64. */
function softmaxOf(s: readonly number[][]): number {
  let sum = 0;
  let pairs = 0;
  for (const [a, row] of s.entries()) {
    const negatives = row.filter((_, j) => LABELS[j] !== LABELS[a]).reduce((t, x) => t + Math.exp(x), 0);
    for (const [p, x] of row.entries()) {
      if (p === a || LABELS[p] !== LABELS[a]) continue;
      sum += Math.log1p(negatives / Math.exp(x));
      pairs++;
    }
  }
  return sum / pairs;
}

const heads = ([w0, t0, w1, t1, K]: readonly (number | tf.Scalar)[]): MixedHead[] => [
  { space: cosine, weight: w0, temperature: t0 },
  { space: ball(-1), curvature: K, weight: w1, temperature: t1 },
];

describe('mixedLogits', () => {
  it('is the weighted sum of negative distances over temperatures', () => {
    const got = tf
      .tidy(() => mixedLogits(heads(NUMBERS), [tf.tensor2d(E), tf.tensor2d(H)]).arraySync())
      .flat();
    expectGradient(got, logitsOf(NUMBERS).flat(), FLOAT32);
  });

  it('has the gradient to each weight, temperature and curvature of central differences in float64', () => {
    const expected = differences(
      (rows) => softmaxOf(logitsOf(rows[0] as unknown as Numbers)),
      [[...NUMBERS]],
    );
    const { value, gradients } = tf.tidy(() => {
      const f = (...scalars: tf.Tensor[]) =>
        pairSoftmax(
          mixedLogits(heads(scalars as tf.Scalar[]), [tf.tensor2d(E), tf.tensor2d(H)]),
          planOf(LABELS),
        );
      const result = tf.valueAndGrads(f)(NUMBERS.map((x) => tf.scalar(x)));
      return { value: result.value.dataSync()[0], gradients: result.grads.map((g) => g.dataSync()[0]) };
    }) as unknown as { value: number; gradients: number[] };
    expectValue(value, softmaxOf(logitsOf(NUMBERS)));
    for (const [k, reference] of expected.entries()) expectGradient([gradients[k]], [reference]);
  });

  it('takes other references than the embeddings, and three heads', () => {
    const sphere: Space = { kind: 'euclidean', dim: 3 };
    const three: MixedHead[] = [...heads(NUMBERS), { space: sphere, temperature: 2 }];
    const [rows, columns] = [2, 4];
    const got = tf.tidy(() => {
      const all = [E, H, S].map((points) => tf.tensor2d(points));
      const some = (n: number) => all.map((t) => tf.slice(t, [0, 0], [n, 3]));
      return mixedLogits(three, some(rows), some(columns)).arraySync();
    });
    const two = logitsOf(NUMBERS);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) expectValue(got[i][j], two[i][j] - distance(sphere, S[i], S[j]) / 2);
  });

  it('refuses what does not belong together, and numbers that are not > 0', () => {
    const call = (given: readonly MixedHead[], ...points: readonly number[][][]) =>
      tf.tidy(() =>
        mixedLogits(
          given,
          points.map((p) => tf.tensor2d([...p])),
        ),
      );
    expect(() => call([])).toThrow(ShapeError);
    expect(() => call(heads(NUMBERS), E)).toThrow(ShapeError);
    expect(() => call(heads(NUMBERS), E, H.slice(1))).toThrow(ShapeError);
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => call(heads([1, bad, 1, 1, -1]), E, H)).toThrow(DomainError);
      expect(() => call(heads([1, 1, bad, 1, -1]), E, H)).toThrow(DomainError);
    }
    expect(() =>
      tf.tidy(() => call([{ space: cosine, temperature: tf.tensor1d([1, 2]) as unknown as tf.Scalar }], E)),
    ).toThrow(ShapeError);
  });
});

const CONFIGS: readonly HeadConfig[] = [
  { name: 'flat', space: cosine, temperature: 0.1 },
  {
    name: 'ball',
    space: ball(-0.7),
    temperature: { initial: 0.2, min: 0.05, max: 2 },
    weight: { initial: 3, min: 0.1, max: 30 },
    curvatures: [{ min: -4, max: -0.01 }],
  },
];

describe('learnableHeads', () => {
  const networkOf = (learned: ReturnType<typeof learnableHeads>) =>
    new Network(
      [
        { parameters: learned.parameters, batchNorms: [] },
        { parameters: [{ name: 'other', shape: [1], initial: zeros }], batchNorms: [] },
      ],
      new Rng(1),
    );
  const lossOf = (given: readonly MixedHead[]) =>
    pairSoftmax(mixedLogits(given, [tf.tensor2d(E), tf.tensor2d(H)]), planOf(LABELS));

  it('starts at the numbers of its config, and has parameters for the learned ones alone', async () => {
    const learned = learnableHeads(CONFIGS);
    expect(learned.parameters.map(({ name }) => name)).toEqual([
      'ball/temperature',
      'ball/weight',
      'ball/curvature0',
    ]);
    const network = networkOf(learned);
    expect(learned.read(await network.parameters.read())).toEqual([
      { name: 'flat', space: cosine, temperature: 0.1, weight: 1 },
      { name: 'ball', space: ball(-0.7), temperature: 0.2, weight: 3 },
    ]);
    network.dispose();
  });

  it('learns all of them at once, within their bounds, and reads what the pass used', async () => {
    const learned = learnableHeads(CONFIGS);
    const network = networkOf(learned);
    const before = learned.read(await network.parameters.read());
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      const { value, gradient } = network.gradient((pass) => lossOf(learned.value(pass)));
      losses.push(value.dataSync()[0]);
      tf.tidy(() => {
        const { flat } = network.parameters;
        flat.assign(tf.sub(flat, tf.mul(gradient, 0.5)) as tf.Tensor1D);
      });
      tf.dispose([value, gradient]);
    }
    expect(losses[19]).toBeLessThan(losses[0]);
    const [, now] = learned.read(await network.parameters.read());
    const [, start] = before;
    for (const key of ['temperature', 'weight'] as const) expect(now[key]).not.toBe(start[key]);
    expect(now.temperature).toBeGreaterThan(0.05);
    expect(now.weight).toBeLessThan(30);
    expect(now.space).not.toEqual(start.space);
    const fixed = heads([
      1,
      0.1,
      now.weight,
      now.temperature,
      (now.space as { curvature: number }).curvature,
    ]);
    const [used, read] = tf.tidy(() => [
      lossOf(learned.value(network.inferencePass())).dataSync()[0],
      lossOf(fixed).dataSync()[0],
    ]);
    expectValue(read, used);
    network.dispose();
  });

  it('learns the curvatures of a product, factor by factor', async () => {
    const space: Space = {
      kind: 'product',
      combine: 'l2',
      factors: [
        { space: { kind: 'euclidean', dim: 2 }, weight: 1 },
        { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 2 },
        { space: { kind: 'sphere', dim: 3, curvature: 0.5 }, weight: 1 },
      ],
    };
    const curvatures = [
      { min: -2, max: -0.5 },
      { min: 0.25, max: 1 },
    ];
    const learned = learnableHeads([{ name: 'both', space, temperature: 1, curvatures }]);
    const network = networkOf(learned);
    expect(learned.read(await network.parameters.read())[0].space).toEqual(space);
    const far = [
      { name: 'both/curvature0', shape: [], data: Float32Array.of(-100) },
      { name: 'both/curvature1', shape: [], data: Float32Array.of(100) },
    ];
    const read = learned.read(far)[0].space as Space & { kind: 'product' };
    const K = read.factors.map((factor) => ('curvature' in factor.space ? factor.space.curvature : 0));
    for (const [f, expected] of [0, -2, 1].entries()) expectValue(K[f], expected);
    expect(() => learnableHeads([{ name: 'both', space, temperature: 1, curvatures: [] }])).toThrow(
      UsageError,
    );
    network.dispose();
  });

  it('refuses bounds, signs and names that cannot be', () => {
    const one = (config: Partial<HeadConfig>) => () =>
      learnableHeads([{ name: 'one', space: ball(-1), temperature: 1, ...config }]);
    expect(one({ temperature: 0 })).toThrow(DomainError);
    expect(one({ weight: { initial: 1, min: 0, max: 2 } })).toThrow(DomainError);
    expect(one({ weight: { initial: 3, min: 1, max: 2 } })).toThrow(DomainError);
    expect(one({ weight: { initial: Number.NaN, min: 1, max: 2 } })).toThrow(DomainError);
    expect(one({ curvatures: [{ min: -2, max: 1 }] })).toThrow(DomainError);
    expect(() => learnableHeads([CONFIGS[0], CONFIGS[0]])).toThrow(UsageError);
  });

  it('leaves no tensors behind', async () => {
    const learned = learnableHeads(CONFIGS);
    const network = networkOf(learned);
    const work = () => {
      const { value, gradient } = network.gradient((pass) => lossOf(learned.value(pass)));
      return [value, gradient];
    };
    tf.dispose(work());
    expect(await leakedTensors(work)).toBe(0);
    network.dispose();
  });
});

describe('learnableScale', () => {
  it('names itself where its parameter is missing', () => {
    const scale = learnableScale('ball/temperature', { initial: 1, min: 0.1, max: 10 });
    expect(() => scale.read([])).toThrow(FormatError);
    expect(() => scale.read([])).toThrow('ball/temperature');
  });
});
