import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { mean, sum } from '../../../src/losses/reducers.js';
import { crossBatchMemory } from '../../../src/losses/wrappers/crossBatchMemory.js';
import { multipleLosses } from '../../../src/losses/wrappers/multipleLosses.js';
import { selfSupervised } from '../../../src/losses/wrappers/selfSupervised.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { MemoryQueue } from '../../../src/sampling/memory/memoryQueue.js';
import { pairsOfLabels } from '../../../src/sampling/pairs.js';
import { leakedTensors } from '../../laws/gradient.js';
import {
  evaluate,
  expectGradient,
  expectValue,
  meanOf,
  planOf,
  uniformRows,
} from '../contrastive/support.js';
import { labelsOf, softmaxLoss } from './support.js';

interface Step {
  embeddings: number[][];
  labels: number[];
  loss: number;
  grad: number[][];
}
/** Values of the peer that the file names, in float64, from its seed. */
const peer = JSON.parse(readFileSync('test/losses/wrappers/wrappers.json', 'utf8')) as {
  temperature: number;
  selfSupervised: {
    first: number[][];
    second: number[][];
    cases: { symmetric: boolean; loss: number; grads: number[][][] }[];
  };
  crossBatchMemory: { memorySize: number; steps: Step[] };
  multiple: Step & { losses: { temperature: number; weight: number }[] };
};

beforeAll(async () => {
  await openEngine();
});

const cosine = (dim: number) => metricOn({ kind: 'cosine', dim });
const loss = softmaxLoss(peer.temperature);

describe('selfSupervised', () => {
  const { first, second, cases } = peer.selfSupervised;

  it.each(cases)(
    'has value and gradients of the peer, symmetric $symmetric',
    ({ symmetric, ...expected }) => {
      const n = first.length;
      const { value, gradient } = evaluate(
        (x) => {
          const [a, b] = tf.split(x, 2, 0) as tf.Tensor2D[];
          return meanOf(loss(selfSupervised(cosine(4), a, b, { symmetric })));
        },
        [...first, ...second],
      );
      expectValue(value, expected.loss);
      expectGradient(gradient.slice(0, n * 4), expected.grads[0].flat());
      expectGradient(gradient.slice(n * 4), expected.grads[1].flat());
    },
  );

  it('refuses views of different sizes, and leaves no tensors behind', async () => {
    const [a, b] = [tf.tensor2d(first), tf.tensor2d(second)];
    const short = tf.slice(b, [1, 0], [4, 4]);
    expect(() => tf.tidy(() => selfSupervised(cosine(4), a, short).distances)).toThrow(ShapeError);
    expect(await leakedTensors(() => tf.tidy(() => meanOf(loss(selfSupervised(cosine(4), a, b)))))).toBe(0);
    tf.dispose([a, b, short]);
  });
});

describe('crossBatchMemory', () => {
  it('has values and gradients of the peer, whose memory holds the batch too, through several turns of it', () => {
    const { memorySize, steps } = peer.crossBatchMemory;
    const n = steps[0].labels.length;
    const queue = new MemoryQueue({ capacity: memorySize - n, columns: 3 });
    for (const { embeddings, labels, ...expected } of steps) {
      const { value, gradient } = evaluate((x) => {
        const batch = { embeddings: x, labels: labelsOf(labels) };
        return meanOf(crossBatchMemory(loss, cosine(3), queue, batch, { gradient: 'anchors' }));
      }, embeddings);
      expectValue(value, expected.loss);
      expectGradient(gradient, expected.grad.flat());
    }
    queue.dispose();
  });
});

describe('multipleLosses', () => {
  const { embeddings, labels, losses, ...expected } = peer.multiple;
  const weighted = Object.fromEntries(
    losses.map(({ temperature, weight }) => [
      `at ${temperature}`,
      { loss: softmaxLoss(temperature), reducer: mean, weight },
    ]),
  );
  const comparedAt = (x: tf.Tensor2D) => ({
    distances: cosine(3).pairwise(x, x),
    plan: pairsOfLabels(labelsOf(labels)),
  });

  it('has value and gradient of the peer', () => {
    const { value, gradient } = evaluate((x) => multipleLosses(weighted, comparedAt(x)).total, embeddings);
    expectValue(value, expected.loss);
    expectGradient(gradient, expected.grad.flat());
  });

  it('gives each loss its own plan and reducer, and reports the parts without weights', () => {
    const d = uniformRows(4, 4, 41, 0, 1);
    const of = (labels: number[]) => planOf(labels);
    const [total, a, b] = tf.tidy(() => {
      const distances = tf.tensor2d(d);
      const report = multipleLosses(
        {
          a: { loss, reducer: mean, weight: 3 },
          b: { loss, reducer: { positives: sum }, plan: of([0, 0, 1, 1]) },
        },
        { distances, plan: of([0, 1, 0, 1]) },
      );
      return [report.total, report.parts['a'], report.parts['b']].map((t) => t.dataSync()[0]);
    }) as unknown as number[];
    const alone = (labels: number[]) =>
      evaluate((x) => meanOf(loss({ distances: x, plan: of(labels) })), d).value;
    expectValue(a, alone([0, 1, 0, 1]));
    expectValue(b, 4 * alone([0, 0, 1, 1]));
    expectValue(total, 3 * a + b);
  });

  it('refuses no loss and weights that are not > 0', () => {
    const compared = () => comparedAt(tf.tensor2d(embeddings));
    expect(() => tf.tidy(() => multipleLosses({}, compared()).total)).toThrow(UsageError);
    for (const weight of [0, -1, Number.NaN]) {
      const one = { one: { loss, reducer: mean, weight } };
      expect(() => tf.tidy(() => multipleLosses(one, compared()).total)).toThrow(DomainError);
    }
  });
});
