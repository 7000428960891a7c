import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/checkpoint/checkpoint.js';
import {
  readTrainingState,
  type TrainingState,
  writeTrainingState,
} from '../../../src/checkpoint/trainingState.js';
import { DomainError, FormatError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { takeRows } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import { leaveOneOutScores } from '../../../src/evaluation/retrieval.js';
import { openModel } from '../../../src/model/openModel.js';
import { resolveVectorConfig } from '../../../src/model/vectors/config.js';
import { vectorModelOf, writeVectorFolder } from '../../../src/model/vectors/folder.js';
import { splitVectors } from '../../../src/model/vectors/split.js';
import { type TrainedVectors, trainVectors } from '../../../src/model/vectors/trainVectors.js';
import { rowsOf } from '../../../src/model/vectors/vectorModel.js';
import type { RetrievalScore } from '../../../src/model/vectors/vectorTrainer.js';
import { leakedTensors } from '../../laws/gradient.js';
import { clusters, quickConfig } from './clusters.js';

const data = clusters(240, 6);
const { vectors, classes } = data;
const config = (changes: object = {}) =>
  resolveVectorConfig(quickConfig(changes), { items: vectors.rows, classes: 6 });
const parts = splitVectors(classes, config().data, new Rng(3));
const score: RetrievalScore = async (...args) => (await leaveOneOutScores(...args)).mapAtR;
const train = (changes: object = {}, options: object = {}) =>
  trainVectors(config(changes), data, parts, { score, ...options });
const weights = async ({ model }: TrainedVectors) => {
  const tensors = await model.network.parameters.read();
  model.dispose();
  return tensors;
};

let trained: TrainedVectors;
let folder = '';
let model = '';

beforeAll(async () => {
  const engine = await openEngine();
  trained = await train();
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-vectors-'));
  model = join(folder, 'model');
  await writeVectorFolder(model, trained.model, { metrics: {}, engine: engine.name, steps: 40 });
});
afterAll(() => {
  trained.model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('trainVectors', () => {
  it('finds classes among items it never saw, where the vectors themselves do not', async () => {
    const raw = takeRows(vectors, parts.test);
    const labels = Int32Array.from(parts.test, (row) => classes[row]);
    const before = await leaveOneOutScores({ kind: 'cosine', dim: 10 }, raw, labels);
    const embedded = await trained.model.embed(rowsOf(vectors, parts.test));
    const after = await leaveOneOutScores(trained.model.space, embedded.vectors, labels);
    expect(before.mapAtR).toBeLessThan(0.3);
    expect(after.mapAtR).toBeGreaterThan(0.8);
    for (const head of embedded.heads) {
      expect((await leaveOneOutScores(head.space, head.matrix, labels)).mapAtR).toBeGreaterThan(0.7);
    }
  });

  it('looks at the validation items alone, every ten steps, and leaves the weights of the best look', async () => {
    const seen: number[] = [];
    const scores = [0.2, 0.9, 0.5, 0.6];
    const stopped = await train(
      {},
      {
        score: async (_: unknown, __: unknown, labels: Int32Array) => {
          seen.push(labels.length);
          return scores[seen.length - 1];
        },
      },
    );
    expect(seen).toEqual(Array.from({ length: 4 }, () => parts.validation.length));
    expect(stopped.best).toEqual({ step: 20, score: 0.9 });
    const short = await train({}, { score: async () => 1, onState: undefined });
    expect(short.best.step).toBe(10);
    expect(await weights(stopped)).not.toEqual(await weights(short));
  });

  it('ends when patience does', async () => {
    const training = { ...config().training, evaluateEvery: 5, patience: 2 };
    let look = 0;
    const ended = await train({ training }, { score: async () => [0.1, 0.5, 0.4, 0.3, 0.9][look++] });
    expect(ended.history.map(({ step }) => step)).toEqual([5, 10, 15, 20]);
    expect(ended.best).toEqual({ step: 10, score: 0.5 });
    ended.model.dispose();
  });

  it('trains without looking at the test items: with others there it gives the same weights', async () => {
    const changed = vectors.data.slice();
    for (const row of parts.test) changed.fill(99, row * 10, row * 10 + 10);
    const other = { vectors: { ...vectors, data: changed }, classes };
    const again = await trainVectors(config(), other, parts, { score });
    expect(await weights(again)).toEqual(await trained.model.network.parameters.read());
  });

  it('trains linear heads with hidden 0', async () => {
    const linear = await train({ encoder: { hidden: 0 } });
    expect(linear.model.network.parameters.size).toBe(10 * 6 + 10 * 5);
    expect(linear.best.score).toBeGreaterThan(0.7);
    linear.model.dispose();
  });

  it('refuses a learning rate that diverges, and leaves no tensors behind', async () => {
    const training = { ...config().training, warmup: 0, learningRate: 1e30 };
    const attempt = () =>
      train({ training }).then(
        () => {},
        (error: unknown) => error,
      );
    expect(await attempt()).toBeInstanceOf(DomainError);
    expect(await leakedTensors(attempt)).toBe(0);
    expect(await leakedTensors(async () => (await train()).model.dispose())).toBe(0);
  });
});

describe('an interrupted training', () => {
  const interrupted = async (after: number): Promise<TrainingState> => {
    const controller = new AbortController();
    let drawn = 0;
    let kept: TrainingState | undefined;
    // The signal is raised between two steps, as Ctrl-C is: here by a timer that the loop lets pass.
    const watch = setInterval(() => {
      if (drawn >= after) controller.abort(new DOMException('stop', 'AbortError'));
    }, 0);
    const stop = train(
      {},
      {
        score: async (...args: Parameters<RetrievalScore>) => {
          drawn++;
          return score(...args);
        },
        onState: (state: TrainingState) => (kept = state),
        signal: controller.signal,
      },
    );
    await expect(stop).rejects.toThrow('stop');
    clearInterval(watch);
    return kept!;
  };

  it('goes on to the weights, the history and the best look of one that was not', async () => {
    const path = join(folder, 'training.safetensors');
    writeTrainingState(path, await interrupted(2));
    const from = readTrainingState(path)!;
    expect(from.step).toBeGreaterThanOrEqual(20);
    expect(from.step).toBeLessThan(40);
    const resumed = await train({}, { from });
    const bare = ({ history }: TrainedVectors) => history.map(({ seconds: _, ...event }) => event);
    expect(bare(resumed)).toEqual(bare(trained));
    expect(resumed.best).toEqual(trained.best);
    expect(await weights(resumed)).toEqual(await trained.model.network.parameters.read());
  });

  it('goes on with the same config and vectors alone', async () => {
    const from = await interrupted(1);
    await expect(train({ encoder: { hidden: 9 } }, { from })).rejects.toThrow(UsageError);
    const others = clusters(240, 6, 10, 2);
    await expect(trainVectors(config(), others, parts, { score, from })).rejects.toThrow(/^vectors: /);
  });
});

describe('a model of vectors on disk', () => {
  const open = () => vectorModelOf(readCheckpoint(model), model);

  it('embeds bit by bit as the trained one does, however the rows come', async () => {
    const every = Int32Array.from({ length: vectors.rows }, (_, i) => i);
    const opened = open();
    const whole = await opened.embed(rowsOf(vectors, every));
    expect(whole).toEqual(await trained.model.embed(rowsOf(vectors, every)));
    expect(whole.vectors.columns).toBe(11);
    expect([opened.space, opened.lambda]).toEqual([trained.model.space, trained.model.lambda]);
    opened.dispose();
  });

  it('refuses vectors of another width, none, and rows that are not finite, by their number', async () => {
    const source = (data: Float32Array, columns: number) => ({
      ...{ rows: data.length / columns, columns },
      chunks: () => [data.subarray(0, columns), data.subarray(columns)],
    });
    await expect(trained.model.embed(source(new Float32Array(18), 9))).rejects.toThrow(ShapeError);
    await expect(trained.model.embed(source(new Float32Array(0), 10))).rejects.toThrow(ShapeError);
    const bad = new Float32Array(20).fill(Number.NaN, 17);
    await expect(trained.model.embed(source(bad, 10))).rejects.toThrow(/row 1: expected finite/);
  });

  it('is refused by those who want a model of images', () => {
    expect(() => openModel(model)).toThrow(/expected a model of images, got "one of vectors"/);
  });

  it('is refused when its parts do not belong together', () => {
    const checkpoint = readCheckpoint(model);
    const tensors = checkpoint.tensors.filter(({ name }) => name !== 'input/mean');
    expect(() => vectorModelOf({ ...checkpoint, tensors }, model)).toThrow(FormatError);
    const about = { ...checkpoint.about, lambda: 77 };
    expect(() => vectorModelOf({ ...checkpoint, about }, model)).toThrow(/space.json/);
    const path = join(model, 'weights.safetensors');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, -1));
    expect(open).toThrow(FormatError);
    writeFileSync(path, bytes);
  });
});
