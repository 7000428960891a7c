import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  readTrainingState,
  type TrainingState,
  writeTrainingState,
} from '../../src/checkpoint/trainingState.js';
import { FormatError } from '../../src/core/errors.js';
import { formatSafetensors, parseSafetensors } from '../../src/core/safetensors.js';
import { refused } from '../core/hostile.js';

const STATE: TrainingState = {
  step: 12,
  seconds: 3.5,
  engine: 'cpu',
  config: { schemaVersion: 1, seed: 3 },
  lambda: 0.1 + 0.2,
  history: [
    { step: 10, steps: 20, seconds: 3, images: 120, learningRate: 0.003, loss: 1.25, parts: { mixed: 1 } },
  ],
  turns: [1, 2, 3, 4294967295],
  sampler: { order: [[2, 0], [1]] },
  tensors: [
    { name: 'a', shape: [2], data: Float32Array.of(1, -0) },
    { name: 'adamW/steps', shape: [1], data: Float32Array.of(12) },
  ],
};

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-state-'));
  path = join(folder, 'training.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a training state', () => {
  it('comes back as it was written, to the last bit, over an earlier one', () => {
    writeTrainingState(path, { ...STATE, step: 11 });
    writeTrainingState(path, STATE);
    expect(readTrainingState(path)).toEqual(STATE);
    expect(readdirSync(folder)).toEqual(['training.safetensors']);
  });

  it('is undefined without a file', () => {
    expect(readTrainingState(path)).toBeUndefined();
  });

  it('is refused when it is foreign or of a later version, with the file and the way out', () => {
    writeFileSync(path, formatSafetensors(STATE.tensors, { format: 'gyrometric-model' }));
    expect(() => readTrainingState(path)).toThrow(FormatError);
    expect(() => readTrainingState(path)).toThrow(
      /training\.safetensors: expected format "gyrometric-training"/,
    );
    writeTrainingState(path, STATE);
    const { tensors, metadata } = parseSafetensors(readFileSync(path), path);
    writeFileSync(path, formatSafetensors(tensors, { ...metadata, version: '2' }));
    expect(() => readTrainingState(path)).toThrow(/expected version 1, got "2"; delete it and start/);
  });

  it('is refused after any cut, and after any change of what it holds', () => {
    writeTrainingState(path, STATE);
    const whole = new Uint8Array(readFileSync(path));
    const read = (bytes: Uint8Array) => {
      writeFileSync(path, bytes);
      expect(readTrainingState(path)).toEqual(STATE);
    };
    for (let length = 0; length < whole.length; length += 3) {
      expect(refused(read, whole.slice(0, length))).toBe(true);
    }
    // A change that is not refused changed nothing: it hit the padding of the header.
    for (let i = 0; i < whole.length; i += 3) refused(read, whole.with(i, whole[i] ^ (1 << (i % 8))));
  });
});
