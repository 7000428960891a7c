import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../../src/core/errors.js';
import { transitiveClosure } from '../../../src/data/closure.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { reconstruction } from '../../../src/evaluation/reconstruction.js';
import { requirePoints } from '../../../src/geometry/points.js';
import { ClosureTraining } from '../../../src/model/closureEmbedding/closureTraining.js';
import type { ClosureConfig } from '../../../src/model/closureEmbedding/config.js';
import { readClosureState, writeClosureState } from '../../../src/model/closureEmbedding/stateFile.js';
import { trainClosure } from '../../../src/model/closureEmbedding/trainClosure.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-closure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await openEngine();
});

/** A ternary tree of 121 nodes: node i hangs below (i - 1) / 3. */
const relation = transitiveClosure(
  Array.from({ length: 121 }, (_, i) => (i === 0 ? [] : [Math.floor((i - 1) / 3)])),
);

const CONFIG: ClosureConfig = {
  ...{ geometry: 'lorentz', parameters: 'tangent', star: false, numbers: 3 },
  ...{ epochs: 60, anchors: 40, negatives: 60, temperature: 0.5, learningRate: 0.1 },
  ...{ burnIn: 2, startNorm: 0.05, seed: 3 },
};

/** Floors lie a sixth or so below the least of three seeds: .72, .94, .44, .44, .96, .42. Untrained without a star: .13. */
const ARMS: readonly (Partial<ClosureConfig> & { arm: string; floor: number })[] = [
  { arm: 'hyperbolic tangent vectors', floor: 0.6 },
  { arm: 'hyperbolic with a star', star: true, floor: 0.8 },
  { arm: 'points of the ball', geometry: 'poincare', parameters: 'points', floor: 0.37 },
  { arm: 'points of the hyperboloid', parameters: 'points', floor: 0.37 },
  { arm: 'Euclidean with a star', geometry: 'euclidean', star: true, floor: 0.8 },
  { arm: 'Euclidean', geometry: 'euclidean', floor: 0.35 },
];

describe('trainClosure', () => {
  it.each(ARMS)(
    'gives points of its space that bring the relation back: $arm',
    async ({ arm, floor, ...own }) => {
      const { space, points } = await trainClosure(relation, { ...CONFIG, ...own });
      requirePoints(space, points, arm);
      const { meanAveragePrecision } = await reconstruction(space, points, relation);
      expect(meanAveragePrecision).toBeGreaterThan(floor);
    },
  );

  it('comes from its seed alone, and leaves no tensors behind', async () => {
    const short = { ...CONFIG, epochs: 3 };
    const before = tf.memory().numTensors;
    const [one, two] = [await trainClosure(relation, short), await trainClosure(relation, short)];
    expect(tf.memory().numTensors).toBe(before);
    expect(two.points.data).toEqual(one.points.data);
    const other = await trainClosure(relation, { ...short, seed: 4 });
    expect(other.points.data).not.toEqual(one.points.data);
  });

  it('goes on from a state in the middle of an epoch as if it had not stopped', async () => {
    const config = { ...CONFIG, epochs: 4 };
    const whole = await trainClosure(relation, config);
    const path = join(folder, 'state.safetensors');
    const first = new ClosureTraining(relation, config);
    await first.run(5);
    writeClosureState(path, config, { ...(await first.state()), seconds: 2 });
    first.dispose();
    const rest = new ClosureTraining(relation, config);
    rest.restore(readClosureState(path, config)!);
    expect(rest.step).toBe(5);
    await rest.run(rest.steps);
    const { points } = await rest.embedding();
    rest.dispose();
    expect(points.data).toEqual(whole.points.data);
  });

  it('repeats what was not kept when it is interrupted, to the same points', async () => {
    const config = { ...CONFIG, epochs: 5 };
    const whole = await trainClosure(relation, config);
    const epochs: number[] = [];
    const options = { stateFile: join(folder, 'interrupted.safetensors'), saveEvery: 2 };
    const stop = ({ epoch }: { epoch: number }) => {
      epochs.push(epoch);
      if (epoch === 3 && epochs.length === 3) throw new RangeError('interrupted');
    };
    await expect(trainClosure(relation, config, { ...options, onEpoch: stop })).rejects.toThrow(RangeError);
    const { points } = await trainClosure(relation, config, { ...options, onEpoch: stop });
    expect(epochs).toEqual([1, 2, 3, 3, 4, 5]);
    expect(points.data).toEqual(whole.points.data);
  });

  it('keeps its state in a file, and reads a finished one instead of training', async () => {
    const config = { ...CONFIG, epochs: 4 };
    const stateFile = join(folder, 'finished.safetensors');
    const epochs: number[] = [];
    const options = {
      stateFile,
      saveEvery: 3,
      onEpoch: ({ epoch }: { epoch: number }) => epochs.push(epoch),
    };
    const first = await trainClosure(relation, config, options);
    const second = await trainClosure(relation, config, options);
    expect(epochs).toEqual([1, 2, 3, 4]);
    expect(second.points.data).toEqual(first.points.data);
    await expect(trainClosure(relation, { ...config, seed: 9 }, options)).rejects.toThrow(FormatError);
  });

  it.each([
    ['no items', [], []],
    ['no pairs', [0, 0, 0], []],
    ['offsets short of the targets', [0, 1, 1], [1, 0]],
    ['offsets that fall', [0, 2, 1], [1]],
    ['a target that is no row', [0, 1, 1], [2]],
  ])('refuses a relation with %s', async (_, offsets, targets) => {
    const bad = { offsets: Int32Array.from(offsets), targets: Int32Array.from(targets) };
    await expect(trainClosure(bad, CONFIG)).rejects.toThrow(/closure relation/);
  });

  it('stays where it started when no item is a negative of another, as in a cycle', async () => {
    const cycle = transitiveClosure([[1], [2], [0]]);
    const { points } = await trainClosure(cycle, { ...CONFIG, epochs: 3, burnIn: 0 });
    const start = await trainClosure(cycle, { ...CONFIG, epochs: 1, burnIn: 0 });
    expect(points.data).toEqual(start.points.data);
  });

  it('refuses a config out of range', async () => {
    const bad: Partial<ClosureConfig>[] = [
      { negatives: 0 },
      { numbers: 1, star: true },
      { parameters: 'points', star: true },
      { burnIn: 61 },
      { geometry: 'sphere' as 'lorentz' },
      { parameters: 'chart' as 'points' },
    ];
    for (const part of bad) {
      await expect(trainClosure(relation, { ...CONFIG, ...part })).rejects.toThrow(UsageError);
    }
  });
});
