import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import type { PairPlan } from '../../src/engine/records.js';
import * as tf from '../../src/engine/tf.js';
import { pairSoftmax } from '../../src/losses/contrastive/pairSoftmax.js';
import { cosineSpace } from '../../src/manifolds/cosine.js';
import { poincareBall } from '../../src/manifolds/poincare.js';
import { meanNegativeProbability } from '../../src/sampling/hardness.js';
import { pairsOfLabels } from '../../src/sampling/pairs.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { onEachRowPath } from './pairs/paths.js';

interface Case {
  c: number;
  tauE: number;
  tauH: number;
  lambda_: number;
  e0: number[][];
  e1: number[][];
  h0: number[][];
  h1: number[][];
  euclidean: Expected;
  hyperbolic: Expected;
  hypmix: Expected;
}
interface Expected {
  loss: number;
  grads: (number[][] | null)[];
}

const cases = (JSON.parse(readFileSync('test/reference/losses.json', 'utf8')) as { pairwise: Case[] })
  .pairwise;

beforeAll(async () => {
  await openEngine();
});

/** Two views of n classes with anchors in the first view only, as the published loss has it. */
function twoViews(n: number): PairPlan {
  const labels = tf.tile(tf.range(0, n, 1, 'int32'), [2]) as tf.Tensor1D;
  const { positives, negatives } = pairsOfLabels(labels);
  const firstView = tf.concat([tf.ones([n, 1]), tf.zeros([n, 1])]);
  return { positives: tf.mul(positives, firstView), negatives };
}

onEachRowPath(() => {
  describe.each(cases)('HypMix pairwise loss, c $c, tauE $tauE', describeHypMix);
});

function describeHypMix(reference: Case): void {
  const n = reference.e0.length;
  const logits = (kind: 'euclidean' | 'hyperbolic' | 'hypmix', e: tf.Tensor2D, h: tf.Tensor2D) => {
    const ball = poincareBall(reference.h0[0].length, -reference.c);
    const E = tf.mul(cosineSpace(reference.e0[0].length).pairwise(e, e), -1 / reference.tauE);
    const H = tf.mul(ball.pairwise(h, h), -1 / reference.tauH);
    if (kind === 'euclidean') return E as tf.Tensor2D;
    return (kind === 'hyperbolic' ? H : tf.add(E, tf.mul(H, reference.lambda_))) as tf.Tensor2D;
  };

  it.each(['euclidean', 'hyperbolic', 'hypmix'] as const)(
    '%s: value and gradient of the published formula',
    (kind) => {
      const e = tf.tensor2d([...reference.e0, ...reference.e1]);
      const h = tf.tensor2d([...reference.h0, ...reference.h1]);
      const { value, grads } = tf.valueAndGrads((a, b) => {
        const loss = pairSoftmax(logits(kind, a as tf.Tensor2D, b as tf.Tensor2D), twoViews(n));
        // Both inputs must take part, or the tape refuses.
        return tf.add(loss, tf.mul(tf.add(tf.sum(a), tf.sum(b)), 0)) as tf.Scalar;
      })([e, h]);
      const expected = reference[kind];
      expect(Math.abs(value.dataSync()[0] - expected.loss)).toBeLessThan(
        FLOAT32 * Math.max(1, Math.abs(expected.loss)),
      );
      const flat = (views: (number[][] | null)[]) => views.flatMap((view) => view ?? []).flat();
      const pairs: [tf.Tensor, number[]][] = [];
      if (kind !== 'hyperbolic') pairs.push([grads[0], flat(expected.grads.slice(0, 2))]);
      if (kind !== 'euclidean') pairs.push([grads[1], flat(expected.grads.slice(2))]);
      for (const [gradient, exact] of pairs) {
        const got = gradient.dataSync();
        const scale = Math.max(...exact.map(Math.abs));
        const worst = Math.max(...exact.map((g, i) => Math.abs(g - got[i])));
        // design.md: max|Δ| <= 1e-4 max|ref|
        expect(worst).toBeLessThanOrEqual(1e-4 * scale);
      }
      tf.dispose([e, h, value, ...grads]);
    },
  );
}

onEachRowPath(() => {
  describe('pairSoftmax', describePairSoftmax);
});

function describePairSoftmax(): void {
  const plan = (labels: number[]) => pairsOfLabels(tf.tensor1d(labels, 'int32'));

  it('is the loop over all positive pairs', () => {
    const labels = [0, 1, 0, 2, 1, 0];
    const s = tf.randomNormal([6, 6], 0, 2, 'float32', 8) as tf.Tensor2D;
    const values = s.arraySync();
    let sum = 0;
    let pairs = 0;
    for (let i = 0; i < 6; i++) {
      for (let p = 0; p < 6; p++) {
        if (p === i || labels[p] !== labels[i]) continue;
        let denominator = Math.exp(values[i][p]);
        for (let j = 0; j < 6; j++) if (labels[j] !== labels[i]) denominator += Math.exp(values[i][j]);
        sum -= Math.log(Math.exp(values[i][p]) / denominator);
        pairs++;
      }
    }
    const loss = tf.tidy(() => pairSoftmax(s, plan(labels)).dataSync()[0]);
    expect(loss).toBeCloseTo(sum / pairs, 5);
    s.dispose();
  });

  it('has the closed-form gradient', () => {
    const s = tf.randomNormal([6, 6], 0, 1, 'float32', 9);
    const f = (t: tf.Tensor) => pairSoftmax(t as tf.Tensor2D, plan([0, 1, 0, 2, 1, 0]));
    expect(gradientError(f, s)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    s.dispose();
  });

  it('is 0 with gradient 0 when no pair is positive, and when no pair is negative', () => {
    for (const labels of [
      [0, 1, 2],
      [4, 4, 4],
    ]) {
      const s = tf.randomNormal([3, 3], 0, 1, 'float32', 10);
      const { value, grad } = tf.valueAndGrad((t) => pairSoftmax(t as tf.Tensor2D, plan(labels)))(s);
      expect(value.dataSync()[0]).toBe(0);
      expect(Array.from(grad.dataSync()).map(Math.abs)).toEqual(new Array(9).fill(0));
      tf.dispose([s, value, grad]);
    }
  });

  it('stays finite for logits of thousands', () => {
    const s = tf.tensor2d([
      [0, 5000, -5000],
      [5000, 0, 4000],
      [-5000, 4000, 0],
    ]);
    const { value, grad } = tf.valueAndGrad((t) => pairSoftmax(t as tf.Tensor2D, plan([0, 0, 1])))(s);
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    expect(Array.from(grad.dataSync()).every(Number.isFinite)).toBe(true);
    tf.dispose([s, value, grad]);
  });

  it('pulls by p(x-): the gradient to the positives sums to minus the mean negative probability', () => {
    const labels = [0, 1, 0, 1];
    const s = tf.randomNormal([4, 4], 0, 1, 'float32', 11) as tf.Tensor2D;
    const [pulled, p] = tf.tidy(() => {
      const { positives, negatives } = plan(labels);
      const gradient = tf.grad((t) => pairSoftmax(t as tf.Tensor2D, { positives, negatives }))(s);
      return [
        tf.sum(tf.mul(gradient, positives)).dataSync()[0],
        meanNegativeProbability(s, { positives, negatives }).dataSync()[0],
      ];
    });
    expect(-pulled).toBeCloseTo(p, 5);
    s.dispose();
  });

  it('leaves no tensors behind', async () => {
    const s = tf.randomNormal([4, 4]);
    expect(
      await leakedTensors(() =>
        tf.tidy(() => tf.grad((t) => pairSoftmax(t as tf.Tensor2D, plan([0, 1, 0, 1])))(s)),
      ),
    ).toBe(0);
    s.dispose();
  });

  it('counts a pair twice that the plan has twice', () => {
    const twice = { positives: tf.tensor2d([[0, 2, 0, 1]]), negatives: tf.tensor2d([[0, 0, 2, 0]]) };
    const apart = {
      positives: tf.tensor2d([[0, 1, 0, 1, 1, 0]]),
      negatives: tf.tensor2d([[0, 0, 1, 0, 0, 1]]),
    };
    const [s, again] = [tf.tensor2d([[0, 1, 2, -1]]), tf.tensor2d([[0, 1, 2, -1, 1, 2]])];
    const [got, expected] = tf.tidy(() => [
      pairSoftmax(s, twice).dataSync()[0],
      pairSoftmax(again, apart).dataSync()[0],
    ]);
    expect(got).toBeCloseTo(expected, 6);
    tf.dispose([s, again, ...Object.values(twice), ...Object.values(apart)]);
  });
}
