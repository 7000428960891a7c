import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import type { Space } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import type { PairPlan } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import {
  type BlockPlan,
  blockPlanOfLabels,
  blockwisePairSoftmax,
} from '../../../src/losses/contrastive/blockwisePairSoftmax.js';
import { type MixedHead, mixedLogits } from '../../../src/losses/contrastive/mixedLogits.js';
import { pairSoftmax } from '../../../src/losses/contrastive/pairSoftmax.js';
import { leakedTensors } from '../../laws/gradient.js';
import { expectGradient, expectValue, planOf, uniformRows } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const N = 11;
const LABELS = Array.from({ length: N }, (_, i) => (i * 7) % 4);
const cosine: Space = { kind: 'cosine', dim: 4 };
const ball: Space = { kind: 'poincare', dim: 3, curvature: -1 };
const points = () => [uniformRows(N, 4, 31), uniformRows(N, 3, 32, -0.5, 0.5)];
const HEADS: readonly MixedHead[] = [
  { space: cosine, temperature: 0.2 },
  { space: ball, temperature: 0.5, weight: 2 },
];

type Loss = (...x: tf.Tensor[]) => tf.Scalar;
function evaluate(loss: Loss, inputs: () => tf.Tensor[]): { value: number; gradients: number[][] } {
  return tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads(loss)(inputs());
    return { value: value.dataSync()[0], gradients: grads.map((g) => Array.from(g.dataSync())) };
  }) as unknown as { value: number; gradients: number[][] };
}

function expectEqual(blockwise: Loss, full: Loss, inputs: () => tf.Tensor[]): void {
  const [ours, reference] = [evaluate(blockwise, inputs), evaluate(full, inputs)];
  expectValue(ours.value, reference.value);
  for (const [i, gradient] of reference.gradients.entries()) expectGradient(ours.gradients[i], gradient);
}

const blockPlan = () => blockPlanOfLabels(tf.tensor1d(LABELS, 'int32'));
const tensors = () => points().map((p) => tf.tensor2d(p));

describe('blockwisePairSoftmax', () => {
  it.each([1, 3, 4, 11, 100])('is pairSoftmax of the mixture in blocks of %i rows', (rowsPerBlock) => {
    expectEqual(
      (...x) => blockwisePairSoftmax(HEADS, x as tf.Tensor2D[], blockPlan(), { rowsPerBlock }),
      (...x) => pairSoftmax(mixedLogits(HEADS, x as tf.Tensor2D[]), planOf(LABELS)),
      tensors,
    );
  });

  it('has the gradients to temperature, weight and curvature that are tensors', () => {
    const heads = ([t, w, K]: tf.Scalar[]): MixedHead[] => [
      { space: cosine, temperature: t },
      { space: ball, temperature: 0.5, weight: w, curvature: K },
    ];
    const inputs = () => [...tensors(), tf.scalar(0.2), tf.scalar(2), tf.scalar(-0.6)];
    const split = (x: tf.Tensor[]) =>
      [x.slice(0, 2) as tf.Tensor2D[], heads(x.slice(2) as tf.Scalar[])] as const;
    expectEqual(
      (...x) => {
        const [embeddings, given] = split(x);
        return blockwisePairSoftmax(given, embeddings, blockPlan(), { rowsPerBlock: 4 });
      },
      (...x) => {
        const [embeddings, given] = split(x);
        return pairSoftmax(mixedLogits(given, embeddings), planOf(LABELS));
      },
      inputs,
    );
  });

  it('has the gradients to other references, and to one tensor that two heads share', () => {
    const heads: MixedHead[] = [
      { space: { kind: 'euclidean', dim: 3 }, temperature: 0.4 },
      { space: ball, temperature: 0.7 },
    ];
    const references = uniformRows(6, 3, 33, -0.5, 0.5);
    const labels = [0, 1, 2, 3, 0, 1];
    const masks = (): PairPlan => {
      const rows = tf.tensor2d(LABELS.map((a) => labels.map((b) => Number(a === b))));
      return { positives: rows, negatives: tf.sub(1, rows) };
    };
    const plan: BlockPlan = (from, rows) => {
      const { positives, negatives } = masks();
      const some = (t: tf.Tensor2D) => tf.slice(t, [from, 0], [rows, 6]);
      return { positives: some(positives), negatives: some(negatives) };
    };
    expectEqual(
      (x, y) => {
        const [embeddings, others] = [[x, x] as tf.Tensor2D[], [y, y] as tf.Tensor2D[]];
        return blockwisePairSoftmax(heads, embeddings, plan, { references: others, rowsPerBlock: 3 });
      },
      (x, y) => pairSoftmax(mixedLogits(heads, [x, x] as tf.Tensor2D[], [y, y] as tf.Tensor2D[]), masks()),
      () => [tf.tensor2d(points()[1]), tf.tensor2d(references)],
    );
    expectEqual(
      (x) => blockwisePairSoftmax(heads, [x, x] as tf.Tensor2D[], blockPlan(), { rowsPerBlock: 3 }),
      (x) => pairSoftmax(mixedLogits(heads, [x, x] as tf.Tensor2D[]), planOf(LABELS)),
      () => [tf.tensor2d(points()[1])],
    );
  });

  it('takes a star as a factor', () => {
    const star: MixedHead[] = [
      {
        space: {
          kind: 'product',
          combine: 'sum',
          factors: [
            { space: { kind: 'star', dim: 1 }, weight: 1 },
            { space: { kind: 'euclidean', dim: 2 }, weight: 1 },
          ],
        },
        temperature: 0.5,
      },
    ];
    expectEqual(
      (x) => blockwisePairSoftmax(star, [x as tf.Tensor2D], blockPlan(), { rowsPerBlock: 4 }),
      (x) => pairSoftmax(mixedLogits(star, [x as tf.Tensor2D]), planOf(LABELS)),
      () => [tf.tensor2d(uniformRows(N, 3, 34, 0.1, 1))],
    );
  });

  it('is 0 with gradient 0 when no pair is positive, and when no pair is negative', () => {
    for (const labels of [LABELS.map((_, i) => i), LABELS.map(() => 5)]) {
      const { value, gradients } = evaluate((...x) => {
        const plan = blockPlanOfLabels(tf.tensor1d(labels, 'int32'));
        return blockwisePairSoftmax(HEADS, x as tf.Tensor2D[], plan, { rowsPerBlock: 4 });
      }, tensors);
      expect(value).toBe(0);
      expect(gradients.flat().every((g) => Math.abs(g) === 0)).toBe(true);
    }
  });

  it('never holds an array of all pairs', () => {
    const n = 1024;
    const rowsPerBlock = 32;
    const inputs = [tf.tensor2d(uniformRows(n, 8, 35, -0.3, 0.3)), tf.range(0, n, 1, 'int32')] as const;
    const labels = tf.tidy(() => tf.cast(tf.floor(tf.div(inputs[1], 4)), 'int32')) as tf.Tensor1D;
    const plan = blockPlanOfLabels(labels);
    const head: MixedHead = { space: { kind: 'poincare', dim: 8, curvature: -1 }, temperature: 0.2 };
    let most = 0;
    const watched: BlockPlan = (from, rows) => {
      most = Math.max(most, tf.memory().numBytes);
      return plan(from, rows);
    };
    const before = tf.memory().numBytes;
    const loss = (x: tf.Tensor) =>
      blockwisePairSoftmax([head], [x as tf.Tensor2D], watched, { rowsPerBlock });
    tf.dispose(tf.valueAndGrad(loss)(inputs[0]) as unknown as tf.TensorContainer);
    // What stays from block to block: gradients of [n, 8] and the row blocks of them.
    expect(most - before).toBeLessThan(n * rowsPerBlock * 4);
    tf.dispose([...inputs, labels]);
  });

  it('leaves no tensors behind, with a gradient and without', async () => {
    const inputs = tensors();
    const labels = tf.tensor1d(LABELS, 'int32');
    const plan = blockPlanOfLabels(labels);
    const grads = tf.valueAndGrads((...x: tf.Tensor[]) =>
      blockwisePairSoftmax(HEADS, x as tf.Tensor2D[], plan, { rowsPerBlock: 4 }),
    );
    expect(await leakedTensors(() => tf.tidy(() => grads(inputs).value))).toBe(0);
    expect(await leakedTensors(() => blockwisePairSoftmax(HEADS, inputs as tf.Tensor2D[], plan))).toBe(0);
    tf.dispose([...inputs, labels]);
  });

  it('refuses masks, blocks, heads and points that cannot be', () => {
    const call = (plan: BlockPlan, rowsPerBlock: number, heads = HEADS) =>
      tf.tidy(() => blockwisePairSoftmax(heads, tensors() as tf.Tensor2D[], plan, { rowsPerBlock }));
    expect(() => call(blockPlan(), 0)).toThrow(UsageError);
    expect(() => call(() => planOf(LABELS), 4)).toThrow(ShapeError);
    expect(() => call(blockPlan(), 4, [HEADS[0]])).toThrow(ShapeError);
    expect(() => call(blockPlan(), 4, [HEADS[0], { ...HEADS[1], temperature: -1 }])).toThrow(DomainError);
  });
});
