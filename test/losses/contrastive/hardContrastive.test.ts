import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/core/errors.js';
import { columnsOf } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import {
  debiasedContrastive,
  type HardContrastiveOptions,
  hardContrastive,
} from '../../../src/losses/contrastive/hardContrastive.js';
import { pairSoftmax } from '../../../src/losses/contrastive/pairSoftmax.js';
import { cosineSpace } from '../../../src/manifolds/cosine.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { leakedTensors } from '../../laws/gradient.js';
import {
  differences,
  evaluate,
  expectGradient,
  expectValue,
  meanOf,
  planOf,
  SPACES,
  uniformRows,
} from './support.js';

beforeAll(async () => {
  await openEngine();
});

type Settings = Readonly<Record<'temperature' | 'beta' | 'tauPlus' | 'lowest', number>>;
interface Published extends Omit<Settings, 'lowest'> {
  loss: number;
  grads: number[][][];
}
const published = (
  JSON.parse(readFileSync('test/reference/losses.json', 'utf8')) as {
    pairwise: { e0: number[][]; e1: number[][]; hcl: Published[] }[];
  }
).pairwise.flatMap(({ e0, e1, hcl }, at) => hcl.map((entry) => ({ at, e0, e1, ...entry })));

const LABELS = [0, 1, 0, 2, 1, 0, 2];
const lossOf = (
  d: tf.Tensor2D,
  options: HardContrastiveOptions,
  labels: readonly number[] = LABELS,
  zero = 0,
) => meanOf(hardContrastive({ distances: d, plan: planOf(labels), zero }, options));

/** From the definition, pair by pair in float64. */
function oracle(
  d: readonly number[][],
  { temperature, beta, tauPlus, lowest }: Settings,
  labels: readonly number[] = LABELS,
): number {
  let sum = 0;
  let pairs = 0;
  for (const [a, row] of d.entries()) {
    const s = row.map((x) => -x / temperature);
    const negatives = s.filter((_, j) => labels[j] !== labels[a]);
    const N = negatives.length;
    const weights = negatives.map((x) => Math.exp(beta * x));
    const meanWeight = weights.reduce((total, w) => total + w, 0) / N;
    const reweighted = negatives.reduce((total, x, k) => total + weights[k] * Math.exp(x), 0) / meanWeight;
    for (let p = 0; p < d.length; p++) {
      if (p === a || labels[p] !== labels[a]) continue;
      const positive = Math.exp(s[p]);
      const estimate = (reweighted - tauPlus * N * positive) / (1 - tauPlus);
      const Ng = Math.max(estimate, N * Math.exp(lowest / temperature));
      sum -= Math.log(positive / (positive + Ng));
      pairs++;
    }
  }
  return sum / pairs;
}

describe('hardContrastive', () => {
  it.each(published)(
    'has value and both gradients of the published formula: case $at, beta $beta',
    (given) => {
      const { e0, e1, loss, grads, beta, tauPlus, temperature } = given;
      const labels = [...e0.keys(), ...e0.keys()];
      const metric = cosineSpace(e0[0].length);
      const f = (e: tf.Tensor2D) => lossOf(metric.pairwise(e, e), { beta, tauPlus, temperature }, labels, 1);
      const { value, gradient } = evaluate(f, [...e0, ...e1]);
      expectValue(value, loss);
      const half = e0.flat().length;
      expectGradient(gradient.slice(0, half), grads[0].flat());
      expectGradient(gradient.slice(half), grads[1].flat());
    },
  );

  const settings = [
    { temperature: 0.5, beta: 1, tauPlus: 0.1, lowest: -1 },
    { temperature: 0.2, beta: 2, tauPlus: 0.3, lowest: -1.5 },
    { temperature: 1, beta: 0, tauPlus: 0, lowest: -3 },
    { temperature: 0.5, beta: 0.5, tauPlus: 0.7, lowest: -0.5 },
  ];
  it.each(settings)(
    'is the definition with several positives: t $temperature, beta $beta, tau+ $tauPlus',
    (s) => {
      const d = uniformRows(7, 7, 11, 0, 2);
      const { value, gradient } = evaluate((x) => lossOf(x, s), d);
      expectValue(value, oracle(d, s));
      expectGradient(
        gradient,
        differences((rows) => oracle(rows, s), d),
      );
    },
  );

  it('reaches the floor in these cases, and stays above it in these', () => {
    const [, , free, floored] = settings;
    const d = uniformRows(7, 7, 11, 0, 2);
    const without = (s: Settings) => oracle(d, { ...s, lowest: -1e3 });
    expect(without(free)).toBe(oracle(d, free));
    expect(without(floored)).not.toBe(oracle(d, floored));
  });

  it('is pairSoftmax without weights and without correction', () => {
    const d = uniformRows(7, 7, 12, 0, 2);
    const s = { temperature: 0.5, tauPlus: 0, lowest: -5 };
    const plain = evaluate((x) => pairSoftmax(tf.mul(x, -2), planOf(LABELS)), d);
    const compared = (x: tf.Tensor2D) => ({ distances: x, plan: planOf(LABELS) });
    const ours = evaluate((x) => meanOf(debiasedContrastive(compared(x), s)), d);
    expectValue(ours.value, plain.value);
    expectGradient(ours.gradient, plain.gradient);
  });

  it('needs no floor without a correction: no least similarity gives what a low one gives', () => {
    const d = uniformRows(7, 7, 16, 0, 2);
    const s = { temperature: 0.5, beta: 1, tauPlus: 0 };
    const low = evaluate((x) => lossOf(x, { ...s, lowest: -5 }), d);
    const none = evaluate((x) => lossOf(x, { ...s, lowest: 'batch' }), d);
    expect(none).toEqual(low);
    const alike = evaluate(
      (x) => lossOf(x, { ...s, lowest: 'batch' }, [4, 4, 4]),
      d.slice(0, 3).map((row) => row.slice(0, 3)),
    );
    expect([alike.value, ...alike.gradient].every((v) => v === 0)).toBe(true);
  });

  it('moves with its items', () => {
    const d = uniformRows(7, 7, 13, 0, 2);
    const order = [3, 0, 6, 1, 5, 2, 4];
    const before = evaluate((x) => lossOf(x, {}), d);
    const after = evaluate(
      (x) =>
        lossOf(
          x,
          {},
          order.map((r) => LABELS[r]),
        ),
      order.map((r) => order.map((s) => d[r][s])),
    );
    expectValue(after.value, before.value);
    expectGradient(
      after.gradient,
      order.flatMap((r) => order.map((s) => before.gradient[r * 7 + s])),
    );
  });

  it.each(SPACES)('takes distances of $kind, with gradients to the points', (space) => {
    const points = uniformRows(7, columnsOf(space), 14, 0.05, 0.4);
    const distances = (x: tf.Tensor2D) => metricOn(space).pairwise(x, x, { same: 'diagonal' });
    const d = tf.tidy(() => distances(tf.tensor2d(points)).arraySync());
    const s = { temperature: 0.5, beta: 1, tauPlus: 0.1, lowest: -3 };
    const { value, gradient } = evaluate((x) => lossOf(distances(x), s), points);
    expectValue(value, oracle(d, s));
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0);
  });

  it('is 0 with gradient 0 when no pair is positive, and when no pair is negative', () => {
    for (const labels of [
      [0, 1, 2],
      [4, 4, 4],
    ]) {
      const { value, gradient } = evaluate((x) => lossOf(x, {}, labels), uniformRows(3, 3, 15, 0, 2));
      expect(value).toBe(0);
      expect(gradient.map(Math.abs)).toEqual(new Array(9).fill(0));
    }
  });

  it('stays finite for logits of thousands, at tau+ 0 too, and is NaN where a distance is', () => {
    const far = uniformRows(7, 7, 16, 0, 5000);
    for (const tauPlus of [0, 0.1]) {
      const { value, gradient } = evaluate((x) => lossOf(x, { tauPlus }), far);
      expect(Number.isFinite(value)).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
    }
    for (const column of [1, 2]) {
      const broken = far.map((row, i) => row.map((x, j) => (i === 0 && j === column ? Number.NaN : x)));
      expect(evaluate((x) => lossOf(x, {}), broken).value).toBeNaN();
    }
  });

  it('leaves no tensors behind', async () => {
    const d = tf.tensor2d(uniformRows(7, 7, 17, 0, 2));
    expect(await leakedTensors(() => tf.tidy(() => tf.grad((x) => lossOf(x as tf.Tensor2D, {}))(d)))).toBe(0);
    d.dispose();
  });

  it.each([
    { temperature: 0 },
    { temperature: Number.NaN },
    { beta: -1 },
    { beta: Number.POSITIVE_INFINITY },
    { tauPlus: 1 },
    { tauPlus: -0.1 },
    { tauPlus: Number.NaN },
    { lowest: Number.NEGATIVE_INFINITY },
    { tauPlus: 0, lowest: Number.POSITIVE_INFINITY },
    { tauPlus: 0, lowest: Number.NaN },
  ])('refuses %o', (options) => {
    expect(() => tf.tidy(() => lossOf(tf.zeros([7, 7]), options))).toThrow(DomainError);
  });
});
