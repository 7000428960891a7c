import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import type { StepEvent } from '../../src/core/records.js';
import { Rng } from '../../src/core/rng.js';
import { Network } from '../../src/engine/network.js';
import { openEngine } from '../../src/engine/openEngine.js';
import { normal } from '../../src/engine/parameters.js';
import * as tf from '../../src/engine/tf.js';
import { AdamW } from '../../src/training/adamW.js';
import { type TrainingOptions, trainingLoop } from '../../src/training/loop.js';

beforeAll(async () => {
  await openEngine();
});

const objective: TrainingOptions['objective'] = (pass, { rows }) => {
  const normed = pass.batchNorm('norm', tf.reshape(rows, [4, 1, 1, 3]) as tf.Tensor4D);
  const y = tf.matMul(tf.reshape(normed, [4, 3]) as tf.Tensor2D, pass.weight('kernel'));
  const size = tf.mean(tf.square(y)) as tf.Scalar;
  return { total: tf.mul(size, 2), parts: { size, twice: tf.mul(size, 2) } };
};
const spoiltBy =
  (factor: number): TrainingOptions['objective'] =>
  (pass, batch, reporting) => {
    const { total, parts } = objective(pass, batch, reporting);
    return { total: tf.mul(total, factor), parts };
  };

/** A linear map with a batch norm that learns to give 0: small, but everything a training has is in it. */
function setUp(options: Partial<TrainingOptions> = {}) {
  const network = new Network(
    [
      {
        parameters: [{ name: 'kernel', shape: [3, 2], initial: normal(1) }],
        batchNorms: [{ name: 'norm', channels: 3 }],
      },
    ],
    new Rng(1),
  );
  const adamW = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, clipNorm: 10 };
  const optimizer = new AdamW(network.parameters, adamW);
  const rng = new Rng(2);
  const drawn: number[] = [];
  const training: TrainingOptions = {
    network,
    optimizer,
    steps: 7,
    reportEvery: 3,
    learningRate: (step) => 0.1 / (step + 1),
    nextBatch: () => {
      drawn.push(drawn.length);
      return {
        rows: tf.tensor2d(
          Float32Array.from({ length: 12 }, () => rng.normal()),
          [4, 3],
        ),
        labels: tf.tensor1d([0, 0, 1, 1], 'int32'),
      };
    },
    objective,
    ...options,
  };
  const dispose = () => {
    optimizer.dispose();
    network.dispose();
  };
  const weights = async () => (await network.parameters.read()).map(({ data }) => [...data]);
  return { training, network, drawn, weights, dispose };
}

/** Tensors left after a loop that may fail, and its network, are gone. */
async function leakedBy(options: Partial<TrainingOptions>): Promise<number> {
  const before = tf.memory().numTensors;
  const { training, dispose } = setUp(options);
  await trainingLoop(training).catch(() => undefined);
  dispose();
  return tf.memory().numTensors - before;
}

describe('trainingLoop', () => {
  it('reports every reportEvery steps and at the end, with what the step had', async () => {
    const events: StepEvent[] = [];
    const { training, drawn, dispose } = setUp({ onEvent: (event) => void events.push(event) });
    const last = await trainingLoop(training);
    expect(events.map(({ step }) => step)).toEqual([3, 6, 7]);
    expect(last).toBe(events[2]);
    expect(drawn).toHaveLength(7);
    for (const { step, steps, images, learningRate, loss, parts, seconds } of events) {
      expect([steps, images, learningRate]).toEqual([7, 4 * step, 0.1 / step]);
      expect(loss).toBeCloseTo(2 * parts['size'], 6);
      expect(parts['twice']).toBeCloseTo(loss, 6);
      expect(seconds).toBeGreaterThan(0);
    }
    dispose();
  });

  it('learns: the loss falls, and running statistics move', async () => {
    const events: StepEvent[] = [];
    const { training, network, dispose } = setUp({
      steps: 60,
      reportEvery: 1,
      learningRate: () => 0.05,
      onEvent: (event) => void events.push(event),
    });
    const start = await network.statistics.read();
    await trainingLoop(training);
    expect(events[59].loss).toBeLessThan(events[0].loss / 10);
    expect(await network.statistics.read()).not.toEqual(start);
    dispose();
  });

  it('calls onStep after every step, behind the report, with the number of steps done', async () => {
    const calls: string[] = [];
    const { training, dispose } = setUp({
      onEvent: ({ step }) => void calls.push(`event ${step}`),
      onStep: (done) => void calls.push(`step ${done}`),
    });
    await trainingLoop(training);
    expect(calls.slice(1, 5)).toEqual(['step 2', 'event 3', 'step 3', 'step 4']);
    expect(calls.at(-1)).toBe('step 7');
    dispose();
  });

  it('asks the objective for statistics only when they will be read', async () => {
    const asked: boolean[] = [];
    const { training, dispose } = setUp({
      objective: (pass, batch, reporting) => {
        asked.push(reporting);
        return objective(pass, batch, reporting);
      },
    });
    await trainingLoop(training);
    expect(asked).toEqual([false, false, true, false, false, true, true]);
    dispose();
  });

  it('goes on from a later step to the same weights as in one go', async () => {
    const whole = setUp();
    await trainingLoop(whole.training);
    const halves = setUp();
    await trainingLoop({ ...halves.training, steps: 4 });
    const last = await trainingLoop({ ...halves.training, from: 4 });
    expect(last.step).toBe(7);
    expect(await halves.weights()).toEqual(await whole.weights());
    for (const each of [whole, halves]) each.dispose();
  });

  it('stops before the next batch when its signal aborts, with the reason, and keeps whole steps', async () => {
    const controller = new AbortController();
    const reason = new Error('Ctrl-C');
    const { training, drawn, weights, dispose } = setUp({
      signal: controller.signal,
      onEvent: () => controller.abort(reason),
    });
    await expect(trainingLoop(training)).rejects.toBe(reason);
    expect(drawn).toHaveLength(3);
    const expected = setUp({ steps: 3 });
    await trainingLoop({ ...expected.training, learningRate: training.learningRate });
    expect(await weights()).toEqual(await expected.weights());
    for (const each of [{ dispose }, expected]) each.dispose();
  });

  it('lets timers have a turn between steps, so that a signal can come in time', async () => {
    const controller = new AbortController();
    const { training, drawn, dispose } = setUp({ steps: 1e6, reportEvery: 1e6, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(trainingLoop(training)).rejects.toThrow(/abort/i);
    expect(drawn.length).toBeLessThan(1e6);
    dispose();
  });

  it('names the step, the learning rate and the way out when the loss is not finite', async () => {
    for (const [value, step, rate] of [
      [Number.NaN, 3, '0.0333'],
      [Number.POSITIVE_INFINITY, 1, '0.100'],
    ] as const) {
      const { training, dispose } = setUp({ objective: spoiltBy(value), reportEvery: step });
      const attempt = trainingLoop(training);
      await expect(attempt).rejects.toThrow(DomainError);
      await expect(attempt).rejects.toThrow(
        `expected a finite loss, got ${value} at step ${step} (learning rate ${rate}); lower training.learningRate`,
      );
      dispose();
    }
  });

  it('refuses to run no step', async () => {
    const { training, dispose } = setUp();
    await expect(trainingLoop({ ...training, steps: 0 })).rejects.toThrow(DomainError);
    await expect(trainingLoop({ ...training, from: 7 })).rejects.toThrow(/expected steps > 7, got 7/);
    dispose();
  });

  it('leaves no tensors behind, however it ends', async () => {
    expect(await leakedBy({})).toBe(0);
    expect(await leakedBy({ signal: AbortSignal.abort() })).toBe(0);
    expect(
      await leakedBy({
        onEvent: () => {
          throw new Error('full disk');
        },
      }),
    ).toBe(0);
    expect(await leakedBy({ objective: spoiltBy(Number.NaN) })).toBe(0);
  });
});
