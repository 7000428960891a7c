import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ringSpectra } from '../../../experiments/digits-by-class/floors.js';
import { packed, unpacked } from '../../../experiments/digits-by-class/packed.js';
import { run } from '../../../experiments/digits-by-class/run.js';
import {
  atTemperatures,
  modelConfig,
  type Settings,
  trainedScores,
} from '../../../experiments/digits-by-class/settings.js';
import { taskOf, trialTask } from '../../../experiments/digits-by-class/task.js';
import { bestTemperatures } from '../../../experiments/digits-by-class/trials.js';
import type { Context, Row } from '../../../experiments/experiment.js';
import { leaveOneOutScores, matrix, openEngine, Rng, rotateImages } from '../../../src/index.js';

const folder = 'experiments/digits-by-class';
const settings = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')) as Settings;
const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as {
  scale: string;
  arm: string;
  metric: string;
}[];

const few: Settings = {
  ...settings,
  perDigit: { train: 14, validation: 6, test: 6 },
  model: { ...settings.model, encoder: { kind: 'polarCnn', angles: 16, channels: [4, 4, 4, 6] } },
  small: { ...settings.small, steps: 2 },
  full: {
    ...settings.full,
    splits: ['even to odd'],
    seeds: 2,
    steps: 2,
    arms: ['cosine', 'free c .1 and 1', 'HCL cosine by unit c 1', 'union', 'curriculum'],
    differ: [
      ['cosine', 'cosine'],
      ['cosine', 'union'],
    ],
    together: [['cosine', 'union']],
    headsTogether: ['union'],
    less: [['union', 'cosine']],
    trials: { digits: 3, folds: 2, temperatures: { cosine: [0.1, 0.2] } },
  },
};

/** What slices gave, as JSON keeps it. */
const kept = new Map<string, string>();
let worked = 0;
const context = (scale: Context['scale']): Context => ({
  ...{ scale, seed: 1, config: few },
  async slice<T>(key: string, work: () => Promise<T>): Promise<T> {
    const name = `${scale}-${key}`;
    if (!kept.has(name)) {
      expect(name).toMatch(/^[\w. -]+$/);
      worked++;
      kept.set(name, JSON.stringify(await work()));
    }
    return JSON.parse(kept.get(name)!) as T;
  },
});

let small: Row[];
let full: Row[];
beforeAll(async () => {
  await openEngine();
  small = await run(context('small'));
  full = await run(context('full'));
});

const named = (rows: readonly Row[], arm: string, metric: string): Row => {
  const found = rows.filter((row) => row.arm === arm && row.metric === metric);
  expect(found.length, `${arm}, ${metric}`).toBe(1);
  return found[0];
};

describe('digits-by-class on few drawings', () => {
  it('gives every row once, with finite numbers and its mean inside', () => {
    for (const rows of [small, full]) {
      expect(new Set(rows.map(({ arm, metric }) => `${arm}, ${metric}`)).size).toBe(rows.length);
      for (const { mean, low, high } of rows) {
        expect([mean, low, high].every(Number.isFinite)).toBe(true);
        expect(low <= mean && mean <= high).toBe(true);
      }
    }
  });

  it('has the arms, floors, trials, differences and ensembles of its config', () => {
    expect(named(full, 'even to odd: union', 'recallAt1').n).toBe(2);
    expect(named(full, 'even to odd: union', 'Euclidean mapAtR').n).toBe(2);
    expect(named(full, 'even to odd: ring spectra', 'mapAtR').n).toBe(1);
    expect(named(full, 'trial: cosine, t 0.2', 'mapAtR').n).toBe(2);
    expect([0.1, 0.2]).toContain(named(full, 'even to odd: trial: cosine', 'best temperature').mean);
    expect(named(full, 'union - cosine', 'recallAt1 over drawings').n).toBe(30);
    expect(named(full, 'union - cosine', 'mapAtR over digits').n).toBe(5);
    expect(named(full, 'cosine | cosine', 'hardest differs, other seed').n).toBe(2);
    expect(named(full, 'cosine | union', 'hardest differs, same seed').n).toBe(2);
    expect(named(full, 'cosine + union, other seed', 'learned mapAtR').n).toBe(2);
    expect(named(full, 'both heads of union', 'rank fusion recallAt1').n).toBe(2);
  });

  it('lists nothing in expected.json that a run does not give', () => {
    for (const { arm, metric } of expected.filter(({ scale }) => scale === 'small'))
      named(small, arm, metric);
  });

  it('works no slice twice, and says the same when it goes on', async () => {
    const before = worked;
    expect(await run(context('small'))).toEqual(small);
    expect(worked).toBe(before);
  });
});

describe('the tasks', () => {
  it('ask for digits that did not train, and trials for none that test', () => {
    const { splits, perDigit } = few;
    for (const split of Object.values(splits)) {
      expect(split.train.filter((digit) => split.test.includes(digit))).toEqual([]);
      expect([...split.train, ...split.test].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const task = taskOf(split, perDigit, 1);
      expect(new Set(task.train.labels)).toEqual(new Set(split.train));
      expect(new Set(task.validation.labels)).toEqual(new Set(split.train));
      expect(new Set(task.test.labels)).toEqual(new Set(split.test));
      const asked = [0, 1].map((fold) => {
        const trial = trialTask(split, perDigit, { digits: 3, fold }, 1);
        expect([...new Set([...trial.train.labels, ...trial.test.labels])].sort()).toEqual(
          [...split.train].sort(),
        );
        return new Set(trial.test.labels);
      });
      expect(asked).toEqual([new Set(split.train.slice(3)), new Set(split.train.slice(1, 3))]);
    }
  });

  it('validate on drawings that did not train', () => {
    const { train, validation } = taskOf(few.splits['even to odd'], few.perDigit, 1);
    expect([train.count, validation.labels.length]).toEqual([5 * 14, 5 * 6]);
  });
});

describe('the arms', () => {
  it('have configs that hold, and score by a head that they train', () => {
    for (const arm of Object.values(settings.arms)) {
      const config = modelConfig(settings, arm, { seed: 1, steps: 5, classes: 5 });
      expect(trainedScores(config)).toContain(arm.score);
    }
    const { arms } = settings;
    for (const size of [settings.small, settings.full]) {
      const named = [size.less, size.differ, size.together, size.headsTogether].flat(2);
      expect(size.arms.every((name) => name in arms)).toBe(true);
      expect(named.every((name) => size.arms.includes(name))).toBe(true);
      const tuned = Object.values(arms).flatMap((arm) => Object.values(arm.tuned ?? {}));
      if (size.trials) expect(tuned.every((name) => name in size.trials!.temperatures)).toBe(true);
    }
  });
});

describe('temperatures', () => {
  it('are those of the highest mean over folds', () => {
    const ofArm = (values: [number, number[]][]) => new Map(values);
    const best = bestTemperatures(
      new Map([
        [
          'a',
          ofArm([
            [0.1, [1, 0]],
            [0.2, [0.4, 0.7]],
            [0.4, [0.5, 0.5]],
          ]),
        ],
        [
          'b',
          ofArm([
            [0.1, [0.3, 0.3]],
            [0.2, [0.2, 0.2]],
          ]),
        ],
      ]),
    );
    expect(Object.fromEntries(best)).toEqual({ a: 0.2, b: 0.1 });
  });

  it('come to the heads of an arm from the arms that were tried, and stay where none was', () => {
    const arm = settings.arms['mixed free c 1'];
    const both = new Map([
      ['cosine', 0.7],
      ['free c 1', 0.9],
    ]);
    expect(atTemperatures(arm, both).loss.temperature).toEqual({ euclidean: 0.7, poincare: 0.9 });
    expect(atTemperatures(arm, new Map())).toEqual(arm);
  });
});

describe('ring spectra', () => {
  it('do not change by a quarter turn, and little by any other', async () => {
    const { test } = taskOf(few.splits['even to odd'], few.perDigit, 2);
    const bytes = Uint8Array.from(test.pixels, (value) => Math.round(255 * value));
    const turned = (angle: number) =>
      ringSpectra(rotateImages(bytes, 30, 28, 28, new Float64Array(30).fill(angle)), 28).vectors.data;
    const [still, quarter, other] = [0, Math.PI / 2, 1].map(turned);
    const change = (a: Float32Array, b: Float32Array) => {
      const norm = (values: Float32Array) => Math.hypot(...values);
      return norm(a.map((value, k) => value - b[k])) / norm(a);
    };
    // float32 sums of some thirty samples a ring.
    expect(change(still, quarter)).toBeLessThan(1e-5);
    expect(change(still, other)).toBeLessThan(0.1);
    const { space, vectors } = ringSpectra(test.pixels, 28);
    expect((await leaveOneOutScores(space, vectors, test.labels)).recallAt1).toBeGreaterThan(0.4);
  });
});

describe('packed vectors', () => {
  it('come back bit by bit', () => {
    const rng = new Rng(1);
    const member = {
      space: { kind: 'cosine', dim: 3 } as const,
      vectors: matrix(Float32Array.from({ length: 12 }, () => rng.normal()).subarray(0, 12), 4, 3),
    };
    expect(unpacked(JSON.parse(JSON.stringify(packed(member))))).toEqual(member);
  });
});
