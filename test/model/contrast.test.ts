import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeCheckpoint } from '../../src/checkpoint/checkpoint.js';
import type { TrainingState } from '../../src/checkpoint/trainingState.js';
import { UsageError } from '../../src/core/errors.js';
import { columnsOf } from '../../src/core/space.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { distance } from '../../src/geometry/distance.js';
import { hardPairSoftmax } from '../../src/losses/contrastive/hardContrastive.js';
import { pairSoftmax } from '../../src/losses/contrastive/pairSoftmax.js';
import { parseModelConfig } from '../../src/model/config.js';
import { contrastParts, SCORES } from '../../src/model/contrast.js';
import { checkpointOf, openModel } from '../../src/model/openModel.js';
import { trainModel } from '../../src/model/trainModel.js';
import { negativesInWindow } from '../../src/sampling/negatives/curriculum.js';
import { combineHardest } from '../../src/sampling/negatives/hardest.js';
import { pairsOfLabels } from '../../src/sampling/pairs.js';
import { leakedTensors } from '../laws/gradient.js';
import { uniformRows } from '../losses/contrastive/support.js';
import { digits, tinyConfig, unit } from './tiny.js';

beforeAll(async () => {
  await openEngine();
});

const loss = (changes: object) => parseModelConfig({ schemaVersion: 1, loss: changes }).loss;
const LABELS = [0, 1, 0, 2, 1, 0, 2];
const [E, H] = [uniformRows(7, 7, 51, -4, 0), uniformRows(7, 7, 52, -4, 0)];

/** Values of all three softmaxes under a config, and of `expected` of the same logits and plan. */
function both(
  changes: object,
  progress: number,
  expected: (score: tf.Tensor2D, all: tf.Tensor2D[], plan: ReturnType<typeof pairsOfLabels>) => tf.Scalar,
): [number[], number[]] {
  const values = tf.tidy(() => {
    const [euclidean, poincare] = [tf.tensor2d(E), tf.tensor2d(H)];
    const logits = { euclidean, poincare, mixed: tf.add(euclidean, poincare) as tf.Tensor2D };
    const plan = pairsOfLabels(tf.tensor1d(LABELS, 'int32'));
    const parts = contrastParts(loss(changes), logits, plan, progress);
    const own = SCORES.map((score) => parts[score].dataSync()[0]);
    const wanted = SCORES.map(
      (score) => expected(logits[score], [euclidean, poincare, logits.mixed], plan).dataSync()[0],
    );
    return [own, wanted] as unknown as tf.TensorContainer;
  });
  return values as unknown as [number[], number[]];
}

describe('contrastParts', () => {
  it('is a plain softmax of each score by default', () => {
    const [own, wanted] = both({}, 0, (score, _, plan) => pairSoftmax(score, plan));
    expect(own).toEqual(wanted);
  });

  it('weighs by hardness, of its own score or of another', () => {
    const hardness = { beta: 1, tauPlus: 0.1 };
    const [own, wanted] = both({ hardness }, 0, (score, _, plan) => hardPairSoftmax(score, plan, hardness));
    expect(own).toEqual(wanted);
    const by = { ...hardness, weightedBy: 'poincare' };
    const [other, wantedOfOther] = both({ hardness: by }, 0, (score, [, poincare], plan) =>
      hardPairSoftmax(score, plan, { ...hardness, weightLogits: poincare }),
    );
    expect(other).toEqual(wantedOfOther);
    expect(other).not.toEqual(own);
  });

  it('takes the hardest negatives of both heads together', () => {
    const negatives = { kind: 'hardest', count: 2, combine: 'symmetricDifference' };
    const [own, wanted] = both({ negatives }, 0, (score, [e, h], plan) =>
      pairSoftmax(score, combineHardest(plan, [e, h], { r: 2, combine: 'symmetricDifference' })),
    );
    expect(own).toEqual(wanted);
  });

  it('moves a curriculum along with the training', () => {
    const schedule = [
      { at: 0, low: 0, high: 0.5 },
      { at: 1, low: 0.5, high: 1 },
    ];
    const negatives = { kind: 'curriculum', score: 'euclidean', schedule };
    for (const [progress, low] of [
      [0, 0],
      [0.5, 0.25],
      [1, 0.5],
    ]) {
      const [own, wanted] = both({ negatives }, progress, (score, [e], plan) =>
        pairSoftmax(score, negativesInWindow(plan, e, { low, high: low + 0.5 })),
      );
      expect(own).toEqual(wanted);
    }
  });

  it.each([
    [[{ at: 0, low: 0.6, high: 0.5 }]],
    [
      [
        { at: 0.5, low: 0, high: 1 },
        { at: 0.5, low: 0, high: 1 },
      ],
    ],
    [[]],
  ])('refuses the schedule %j', (schedule) => {
    expect(() => loss({ negatives: { kind: 'curriculum', schedule } })).toThrow(UsageError);
  });
});

describe('a training with chosen negatives', () => {
  const images = digits(120);
  const curriculum = tinyConfig({
    loss: { preservationSample: 8, negatives: { kind: 'curriculum' }, hardness: { beta: 1 } },
  });

  it('goes on in the middle of its curriculum as one that was never interrupted', async () => {
    const whole = await trainModel(curriculum, images);
    const states: TrainingState[] = [];
    const stopped = await trainModel(curriculum, images, {
      saveEvery: 2,
      onState: (state) => states.push(state),
    });
    const resumed = await trainModel(curriculum, images, { from: states[0] });
    const seen = await Promise.all([whole, resumed].map(({ model }) => model.embed(unit(digits(10)))));
    expect(seen[1]).toEqual(seen[0]);
    for (const { model } of [whole, stopped, resumed]) model.dispose();
  });

  it('leaves no tensors behind', async () => {
    expect(await leakedTensors(async () => (await trainModel(curriculum, images)).model.dispose())).toBe(0);
  });
});

describe('a head of several balls', () => {
  const poincare = { dim: 6, curvature: -0.4, furtherCurvatures: [-1, -2] };
  const config = tinyConfig({ heads: { euclidean: { dim: 8 }, poincare } });

  it('has the same tangent vectors in each, as one product space, in the checkpoint too', async () => {
    const { model, history } = await trainModel(config, digits(120));
    const { heads, vectors } = await model.embed(unit(digits(10)));
    const { space, matrix } = heads[1];
    expect(space).toEqual({
      kind: 'product',
      combine: 'sum',
      factors: [-0.4, -1, -2].map((curvature) => ({
        space: { kind: 'poincare', dim: 6, curvature },
        weight: 1 / 3,
      })),
    });
    expect([matrix.columns, vectors.columns]).toEqual([columnsOf(space), columnsOf(model.space)]);
    const row = (i: number) => vectors.data.subarray(i * vectors.columns, (i + 1) * vectors.columns);
    const own = (h: number, i: number) =>
      heads[h].matrix.data.subarray(i * heads[h].matrix.columns, (i + 1) * heads[h].matrix.columns);
    const { temperature } = config.loss;
    const parts = [0, 1].map((h) => distance(heads[h].space, own(h, 0), own(h, 1)));
    const sum = parts[0] / temperature.euclidean + (model.lambda * parts[1]) / temperature.poincare;
    expect(distance(model.space, row(0), row(1))).toBeCloseTo(sum, 9);
    const folder = mkdtempSync(join(tmpdir(), 'gyrometric-balls-'));
    writeCheckpoint(folder, await checkpointOf(model, history, 'any'));
    const opened = openModel(folder);
    expect((await opened.embed(unit(digits(10)))).vectors).toEqual(vectors);
    opened.dispose();
    model.dispose();
    rmSync(folder, { recursive: true });
  });
});
