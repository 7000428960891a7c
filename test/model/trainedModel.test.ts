import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../src/checkpoint/checkpoint.js';
import {
  readTrainingState,
  type TrainingState,
  writeTrainingState,
} from '../../src/checkpoint/trainingState.js';
import { DomainError, FormatError, UsageError } from '../../src/core/errors.js';
import type { EmbeddingSet, StepEvent } from '../../src/core/records.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { checkpointOf, openModel } from '../../src/model/openModel.js';
import { type TrainedModel, trainModel } from '../../src/model/trainModel.js';
import { leakedTensors } from '../laws/gradient.js';
import { digits, tinyConfig, unit } from './tiny.js';

const images = digits(120);
const pixels = unit(digits(20));
let parent = '';
let folder = '';
let trained: TrainedModel;
let embedded: EmbeddingSet;

beforeAll(async () => {
  const engine = await openEngine();
  parent = mkdtempSync(join(tmpdir(), 'gyrometric-model-'));
  folder = join(parent, 'model');
  trained = await trainModel(tinyConfig(), images);
  embedded = await trained.model.embed(pixels);
  writeCheckpoint(folder, await checkpointOf(trained.model, trained.history, engine.name));
});
afterAll(() => {
  trained.model.dispose();
  rmSync(parent, { recursive: true, force: true });
});

describe('openModel', () => {
  it('embeds bit by bit as the trained model does, and scores in the same space', async () => {
    const opened = openModel(folder);
    expect(await opened.embed(pixels)).toEqual(embedded);
    expect([opened.lambda, opened.space]).toEqual([trained.model.lambda, trained.model.space]);
    expect(opened.config).toEqual(trained.model.config);
    opened.dispose();
  });

  it('opens the space and history that were written', () => {
    const { space, metrics, about } = readCheckpoint(folder);
    expect(space).toEqual(trained.model.space);
    expect(about).toMatchObject({ image: { height: 28, width: 28 }, steps: 4 });
    const { history } = metrics as { history: { step: number }[] };
    expect(history.map(({ step }) => step)).toEqual([2, 4]);
  });

  it('says what is wrong with a folder that is not there, and leaves no tensors behind', async () => {
    expect(() => openModel(join(parent, 'nowhere'))).toThrow(UsageError);
    expect(await leakedTensors(() => openModel(folder).dispose())).toBe(0);
  });

  it('refuses weights that belong to another config, and leaves no tensors behind', async () => {
    const other = join(parent, 'other');
    const checkpoint = readCheckpoint(folder);
    writeCheckpoint(other, { ...checkpoint, tensors: checkpoint.tensors.slice(1) });
    const attempt = () => {
      expect(() => openModel(other)).toThrow(FormatError);
    };
    expect(await leakedTensors(attempt)).toBe(0);
    expect(() => openModel(other)).toThrow(/encoder\/conv1: expected shape 5x5x1x4, got "no such array"/);
    writeCheckpoint(other, { ...checkpoint, config: { schemaVersion: 1, encodr: 1 } });
    expect(() => openModel(other)).toThrow(/other\/config\.json: expected known keys only, got "encodr"/);
  });

  it('refuses a lambda and a space that do not belong together', () => {
    const other = join(parent, 'edited');
    writeCheckpoint(other, readCheckpoint(folder));
    const path = join(other, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...manifest, lambda: 2 * manifest.lambda }));
    expect(() => openModel(other)).toThrow(FormatError);
    expect(() => openModel(other)).toThrow(/edited\/space\.json/);
  });
});

describe('trainModel', () => {
  it('gives the same model from the same seed, and another from another', async () => {
    const again = await trainModel(tinyConfig(), images);
    expect(await again.model.embed(pixels)).toEqual(embedded);
    const other = await trainModel(tinyConfig({ seed: 4 }), images);
    expect((await other.model.embed(pixels)).vectors).not.toEqual(embedded.vectors);
    for (const { model } of [again, other]) model.dispose();
  });

  it('goes on from a state in the middle to the same model and history, as if nothing had happened', async () => {
    const states: TrainingState[] = [];
    const whole = await trainModel(tinyConfig(), images, { saveEvery: 1, onState: (s) => states.push(s) });
    expect(states.map(({ step }) => step)).toEqual([1, 2, 3]);
    for (const from of states) {
      const path = join(parent, 'training.safetensors');
      writeTrainingState(path, from);
      const { model, history } = await trainModel(tinyConfig(), images, { from: readTrainingState(path) });
      expect(await model.embed(pixels)).toEqual(embedded);
      const untimed = (events: readonly StepEvent[]) => events.map(({ seconds: _, ...event }) => event);
      expect(untimed(history)).toEqual(untimed(trained.history));
      model.dispose();
    }
    whole.model.dispose();
  });

  it('refuses to go on with another config, and names the key', async () => {
    const states: TrainingState[] = [];
    const { model } = await trainModel(tinyConfig(), images, {
      saveEvery: 2,
      onState: (s) => states.push(s),
    });
    model.dispose();
    const attempt = trainModel(tinyConfig({ seed: 4 }), images, { from: states[0] });
    await expect(attempt).rejects.toThrow(UsageError);
    await expect(attempt).rejects.toThrow(
      /config: seed: expected 3, as the interrupted training has it, got 4/,
    );
  });

  it('reports the parts of the loss and statistics by name', () => {
    const { parts, loss, images: seen } = trained.history[1];
    expect(Object.keys(parts).sort()).toEqual(
      ['mixed', 'euclidean', 'poincare', 'preservation', 'orientation']
        .concat(['pEuclidean', 'pPoincare', 'hardestDiffer', 'spread'])
        .sort(),
    );
    const { weights } = trained.model.config.loss;
    const sum = Object.entries(weights).reduce((total, [name, weight]) => total + weight * parts[name], 0);
    expect(loss).toBeCloseTo(sum, 4);
    expect(seen).toBe(4 * 12);
  });

  it('leaves out what has weight 0', async () => {
    const weights = { mixed: 1, euclidean: 0, poincare: 0, preservation: 0, orientation: 0 };
    const { model, history } = await trainModel(tinyConfig({ loss: { weights, lambda: 1 } }), images);
    expect(Object.keys(history[0].parts)).toContain('mixed');
    for (const name of ['euclidean', 'poincare', 'preservation', 'orientation']) {
      expect(history[0].parts[name]).toBeUndefined();
    }
    expect(model.lambda).toBe(1);
    model.dispose();
  });

  it('leaves no tensors behind, trained, aborted, diverged or refused', async () => {
    const leaks = async (changes: object, signal?: AbortSignal, Class?: new (message: string) => Error) => {
      const before = tf.memory().numTensors;
      const training = trainModel(tinyConfig(changes), images, signal ? { signal } : {});
      if (Class) await expect(training).rejects.toThrow(Class);
      else (await training).model.dispose();
      return tf.memory().numTensors - before;
    };
    const training = { steps: 4, classesPerBatch: 4, perClass: 3, reportEvery: 2, warmup: 0 };
    expect(await leaks({})).toBe(0);
    expect(await leaks({}, AbortSignal.abort(new RangeError('stop')), RangeError)).toBe(0);
    expect(await leaks({ training: { ...training, learningRate: 1e38 } }, undefined, DomainError)).toBe(0);
    expect(await leaks({ training: { ...training, classesPerBatch: 11 } }, undefined, UsageError)).toBe(0);
  });
});
