import { beforeAll, describe, expect, it } from 'vitest';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { negativeProbabilities } from '../../src/geometry/hardness.js';
import { hardestDiffer, logSumNegatives, meanNegativeProbability } from '../../src/sampling/hardness.js';
import { pairsOfLabels } from '../../src/sampling/pairs.js';
import { FLOAT32 } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

/** Distances in 0..2 with an empty diagonal, exact in float32. */
function distances(n: number, seed: number) {
  const rng = new Rng(seed);
  const d = matrix(
    Float64Array.from({ length: n * n }, () => Math.fround(rng.uniform(0, 2))),
    n,
    n,
  );
  for (let i = 0; i < n; i++) d.data[i * n + i] = 0;
  return d;
}

function onTensors(
  labels: number[],
  tables: ReturnType<typeof distances>[],
  tau: number,
  f: (logits: tf.Tensor2D[], plan: ReturnType<typeof pairsOfLabels>) => tf.Tensor,
): number[] {
  const n = labels.length;
  const values = tf.tidy(() => {
    const logits = tables.map((d) => tf.mul(tf.tensor2d(Float32Array.from(d.data), [n, n]), -1 / tau));
    return f(logits as tf.Tensor2D[], pairsOfLabels(tf.tensor1d(labels, 'int32'))).dataSync();
  });
  return Array.from(values);
}

const BATCHES: Record<string, number[]> = {
  'classes of equal size': [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
  'classes of unequal size': [0, 1, 1, 2, 1, 1, 1, 1, 2, 0, 1, 2],
  'a class of one item': [4, 1, 1, 2, 1, 2, 1, 2, 2, 1],
};

describe.each(Object.entries(BATCHES))('hardness on tensors agrees with the arrays: %s', (_, labels) => {
  const [a, b] = [distances(labels.length, 1), distances(labels.length, 2)];

  it.each([2, 0.2, 0.01])('mean p(x-) at temperature %f', (tau) => {
    const [got] = onTensors(labels, [a], tau, ([logits], plan) => meanNegativeProbability(logits, plan));
    const { meanP } = negativeProbabilities(a, labels, tau);
    // Rounding of d / tau in float32 moves exp by as much, relatively.
    expect(Math.abs(got - meanP)).toBeLessThan(FLOAT32 * Math.max(1, 0.1 / tau));
  });

  it('share of anchors whose hardest negative differs', () => {
    const [got] = onTensors(labels, [a, b], 0.2, ([p, q], plan) => hardestDiffer(p, q, plan));
    const [p, q] = [a, b].map((d) => negativeProbabilities(d, labels, 0.2).hardest);
    const share = p.reduce((sum, hardest, i) => sum + (hardest === q[i] ? 0 : 1), 0) / p.length;
    expect(got).toBeCloseTo(share, 6);
    expect(got).toBeGreaterThan(0);
    expect(onTensors(labels, [a, a], 0.2, ([s, t], plan) => hardestDiffer(s, t, plan))).toEqual([0]);
  });

  it('log-sum of the negatives, by a loop', () => {
    const got = onTensors(labels, [a], 0.2, ([logits], plan) => logSumNegatives(logits, plan.negatives));
    for (const [i, value] of got.entries()) {
      const terms = labels.flatMap((label, j) =>
        label === labels[i] ? [] : [Math.exp(-a.data[i * labels.length + j] / 0.2)],
      );
      // Logits reach 10, and float32 rounds in proportion.
      expect(Math.abs(value - Math.log(terms.reduce((x, y) => x + y, 0)))).toBeLessThan(FLOAT32 * 10);
    }
  });
});

describe('mean p(x-) on tensors', () => {
  it('is by hand 2 / 3 at equal distances with one positive and two negatives', () => {
    const labels = [0, 0, 1, 1];
    const equal = matrix(new Float64Array(16).fill(0.5), 4, 4);
    const [p] = onTensors(labels, [equal], 1, ([logits], plan) => meanNegativeProbability(logits, plan));
    expect(p).toBeCloseTo(2 / 3, 6);
  });

  it('is 0 without any positive, and without any negative', () => {
    for (const labels of [
      [1, 2, 3],
      [1, 1, 1],
    ]) {
      const d = distances(3, 3);
      expect(onTensors(labels, [d], 0.1, ([logits], plan) => meanNegativeProbability(logits, plan))).toEqual([
        0,
      ]);
    }
  });
});
