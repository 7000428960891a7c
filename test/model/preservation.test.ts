import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainingState } from '../../src/checkpoint/trainingState.js';
import { FormatError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { Model } from '../../src/model/model.js';
import { buildObjective } from '../../src/model/objective.js';
import { turnedImages } from '../../src/model/trainingItems.js';
import { trainModel } from '../../src/model/trainModel.js';
import { digits, tinyConfig } from './tiny.js';

beforeAll(async () => {
  await openEngine();
});

const images = digits(80);
const SAMPLE = { preservationSample: 8 };
const configOf = (preservation: object, more: object = {}) =>
  tinyConfig({ loss: { ...SAMPLE, preservation, ...more } });

describe('the preservation part of a config', () => {
  it.each([
    { kind: 'relativeStress', target: 'pixels' },
    { kind: 'raw', target: 'cosine', scale: 0.5 },
    { kind: 'stress', neighbors: { kind: 'nearest', k: 3 }, tooNear: 2 },
    { kind: 'sammon', target: 'pixels', neighbors: { kind: 'exponential' }, schedule: { kind: 'warmUp' } },
    { kind: 'rank', schedule: { kind: 'cosine' } },
    { kind: 'order', triplets: 100, target: 'pixels' },
    { kind: 'topological', target: 'pixels' },
    { kind: 'topological', weighting: { kind: 'auto', every: 2 } },
  ])('trains with %j, and leaves no tensors behind', async (preservation) => {
    const before = tf.memory().numTensors;
    const { model, history } = await trainModel(configOf(preservation), images);
    const { parts } = history[history.length - 1];
    expect(parts['preservation']).toBeGreaterThan(0);
    expect(parts['preservation']).toBeLessThan(100);
    expect('preservationWeight' in parts).toBe('weighting' in preservation);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is the same with its defaults as without a word of it', async () => {
    const losses = await Promise.all(
      [{}, { preservation: { kind: 'relativeStress' } }].map(async (loss) => {
        const { model, history } = await trainModel(tinyConfig({ loss: { ...SAMPLE, ...loss } }), images);
        model.dispose();
        return history.map((event) => event.loss);
      }),
    );
    expect(losses[0]).toEqual(losses[1]);
  });

  it('refuses options of another kind and numbers out of range', () => {
    const refused = [
      { kind: 'rank', scale: 'best' },
      { kind: 'raw', scale: 0 },
      { kind: 'stress', neighbors: { kind: 'nearest', k: 0 } },
      { kind: 'isometry' },
      { kind: 'stress', weighting: { kind: 'auto', every: 0 } },
      { kind: 'stress', schedule: { kind: 'warmUp', until: 2 } },
    ];
    for (const preservation of refused) expect(() => configOf(preservation)).toThrow(UsageError);
  });

  it.each(['fixed', 'auto'])(
    'says so where a batch has fewer items than neighbours are asked for, weighting %s, and leaves no tensors behind',
    async (weighting) => {
      const before = tf.memory().numTensors;
      const neighbors = { kind: 'nearest', k: 8 };
      const config = configOf({ kind: 'stress', neighbors, weighting: { kind: weighting } });
      await expect(trainModel(config, images)).rejects.toThrow(/neighborWeights k: expected .* 1..7/);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('weighs the penalty so that its gradient is the wanted share of the rest', () => {
    const weights = { preservation: 0.25 };
    const model = new Model(
      configOf({ kind: 'raw', weighting: { kind: 'auto' } }, { weights, lambda: 1 }),
      28,
      28,
    );
    const objective = buildObjective(model);
    const batch = turnedImages(images).batch(
      Int32Array.from({ length: 12 }, (_, i) => i),
      new Rng(1),
    );
    objective.prepare?.(batch, 0);
    const { flat } = model.network.parameters;
    const norms = tf.tidy(() => {
      const parts = ['preservation', 'others'].map((name) => {
        const { grads } = tf.variableGrads(() => {
          const report = objective.report(model.network.batchStatisticsPass(), batch, false, 0);
          const { preservation, preservationWeight } = report.parts;
          const weighted: tf.Scalar = tf.mul(preservation, preservationWeight);
          return name === 'preservation' ? weighted : tf.sub(report.total, weighted);
        }, [flat]);
        return tf.sqrt(tf.sum(tf.square(grads[flat.name])));
      });
      return parts.map((norm) => norm.dataSync()[0]);
    });
    expect(norms[0] / norms[1]).toBeCloseTo(0.25, 3);
    tf.dispose({ ...batch });
    objective.dispose();
    model.dispose();
  });

  it('goes on where an interrupted training with an automatic weight stopped', async () => {
    const config = configOf({ kind: 'stress', weighting: { kind: 'auto', every: 3 } });
    const states: TrainingState[] = [];
    const whole = await trainModel(config, images, { saveEvery: 2, onState: (state) => states.push(state) });
    const rest = await trainModel(config, images, { from: states[0] });
    const read = ({ model }: typeof whole) => Array.from(model.network.parameters.flat.dataSync());
    expect(read(rest)).toEqual(read(whole));
    const broken = {
      ...states[0],
      tensors: states[0].tensors.filter(({ name }) => name !== 'preservation/norms'),
    };
    await expect(trainModel(config, images, { from: broken })).rejects.toThrow(FormatError);
    whole.model.dispose();
    rest.model.dispose();
  });
});
