import { beforeAll, describe, expect, it } from 'vitest';
import { drawClouds } from '../../experiments/clouds/clouds.js';
import cloudConfig from '../../experiments/clouds/config.json' with { type: 'json' };
import { FLOORS, quantiles } from '../../experiments/clouds/floors.js';
import { measure as measureClouds } from '../../experiments/clouds/measure.js';
import { type Models, taskOf } from '../../experiments/clouds/models.js';
import type { Settings as CloudSettings } from '../../experiments/clouds/settings.js';
import setConfig from '../../experiments/digit-sets/config.json' with { type: 'json' };
import { inCommon, inOrder, measure as measureSets } from '../../experiments/digit-sets/measure.js';
import { ARMS, type Settings as SetSettings, sizeOf } from '../../experiments/digit-sets/models.js';
import { run as runDigitSets } from '../../experiments/digit-sets/run.js';
import { motionDirections, noiseBound, without } from '../../experiments/tetris/bound.js';
import tetrisConfig from '../../experiments/tetris/config.json' with { type: 'json' };
import type { Settings as TetrisSettings } from '../../experiments/tetris/models.js';
import { run as runTetris } from '../../experiments/tetris/run.js';
import { drawTetris, type Matrix32, matrix, openEngine, Rng, TETRIS_SHAPES, tf } from '../../src/index.js';
import { FLOAT32 } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const SETS = setConfig as SetSettings;
const TETRIS = tetrisConfig as unknown as TetrisSettings;
const CLOUDS = cloudConfig as unknown as CloudSettings;

const direct = { seed: 1, slice: <T>(_: string, work: () => Promise<T>) => work() };

describe('digit-sets', () => {
  it('compares models of equal size, within 5 %', () => {
    const [own, classical, sorted] = ARMS.map((arm) => sizeOf(arm, SETS));
    expect(Math.abs(own / classical - 1)).toBeLessThan(0.05);
    expect(sorted).toBe(classical);
  });

  it('counts what two sets have in common, each digit as often as both have it', () => {
    expect(inCommon([1, 1, 2, 3], [1, 2, 2, 4])).toBe(0.5);
    expect(inCommon([5, 5], [5, 5])).toBe(1);
  });

  it('puts sets in order by hand for the arm that is given it', () => {
    const data = new Float32Array(30);
    [7, 2, 9].forEach((digit, i) => {
      data[10 * i + digit] = 1;
    });
    const sorted = inOrder(matrix(data, 3, 10)).data;
    expect([2, 7, 9].map((digit, i) => sorted[10 * i + digit])).toEqual([1, 1, 1]);
  });

  it('runs on few sets: accuracies of every arm, no tensors left', async () => {
    const before = tf.memory().numTensors;
    const small = { steps: 3, seeds: 2, test: 20 };
    const config = { ...SETS, batch: 8, permutations: { ...SETS.permutations, hidden: 8 }, small };
    const rows = await runDigitSets({ ...direct, scale: 'small', config });
    expect(rows).toHaveLength(ARMS.length * 5);
    for (const { metric, mean, low, high } of rows) {
      expect(low <= mean && mean <= high).toBe(true);
      if (metric !== 'parameters') expect(mean >= 0 && mean <= 1).toBe(true);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reaches with a few hundred steps what no order-blind guess does: sets of two digits', async () => {
    const config = { ...SETS, size: 2, batch: 64, learningRate: 0.005 };
    const { elements } = await measureSets('permutations', config, { seed: 1, steps: 200, test: 200 });
    // The most frequent digit alone gives about 0.11.
    expect(elements.reduce((a, b) => a + b) / elements.length).toBeGreaterThan(0.5);
  }, 60_000);
});

describe('the bound of tetris', () => {
  it('has six directions of motion a shape, five for points on a line', () => {
    const counts = Object.values(TETRIS_SHAPES).map((shape) => motionDirections(shape).length);
    expect(counts).toEqual([6, 6, 6, 5, 6, 6, 6, 6]);
  });

  it('has directions that are orthonormal and move the shape rigidly', () => {
    for (const shape of Object.values(TETRIS_SHAPES)) {
      const directions = motionDirections(shape);
      directions.forEach((a, i) => {
        directions.forEach((b, j) => {
          const product = a.reduce((sum, v, k) => sum + v * b[k], 0);
          expect(product).toBeCloseTo(Number(i === j), 9);
        });
        // To first order no distance changes: (x_p - x_q) . (a_p - a_q) = 0.
        for (let p = 0; p < 4; p++)
          for (let q = 0; q < p; q++) {
            const rate = [0, 1, 2].reduce(
              (sum, k) => sum + (shape[3 * p + k] - shape[3 * q + k]) * (a[3 * p + k] - a[3 * q + k]),
              0,
            );
            expect(rate).toBeCloseTo(0, 9);
          }
      });
    }
  });

  it('is 4 of 12 coordinates of noise with a code of two, 6 of 12 without', () => {
    expect(noiseBound(0.01, 2)).toBeCloseTo(1e-4 / 3, 12);
    expect(noiseBound(0.01, 0)).toBeCloseTo(5e-5, 12);
  });

  it('is what real draws leave beside their motions and two more directions', () => {
    const { clouds, labels } = drawTetris(new Rng(3), 4000, { shift: 0, turned: false, shuffled: false });
    const shapes = Object.values(TETRIS_SHAPES);
    const any = new Rng(4);
    // Two directions of each shape that a code could follow, after its motions; one more for points on a line.
    const followed = shapes.map((shape) => {
      const directions = motionDirections(shape);
      while (directions.length < 8) {
        const rest = without(
          directions,
          Float64Array.from({ length: 12 }, () => any.normal()),
        );
        const norm = Math.hypot(...rest);
        directions.push(rest.map((v) => v / norm));
      }
      return directions;
    });
    const left = clouds.map(({ data }, i) => {
      const noise = Float64Array.from(data, (v, k) => v - shapes[labels[i]][k]);
      return without(followed[labels[i]], noise).reduce((sum, v) => sum + v * v, 0) / 12;
    });
    const mean = left.reduce((a, b) => a + b) / left.length;
    // 16,000 squares of normal numbers: a standard error of 1.1 %.
    expect(Math.abs(mean / noiseBound(0.01, 2) - 1)).toBeLessThan(0.05);
  });
});

describe('tetris', () => {
  it('runs on few clouds: errors beside the bound, codes that no motion and no order changes', async () => {
    const before = tf.memory().numTensors;
    const small = { ...TETRIS.small, steps: 3 };
    const config = { ...TETRIS, batch: 16, test: 40, hidden: 8, small };
    const rows = await runTetris({ ...direct, scale: 'small', config });
    const of = (arm: string, metric: string) => rows.find((r) => r.arm === arm && r.metric === metric)?.mean;
    expect(of('bound', 'mse')).toBeCloseTo(1e-4 / 3, 12);
    expect(of('SE(3) x S_4', 'codeChange')).toBeLessThan(10 * FLOAT32);
    expect(of('classical', 'codeChange')).toBeGreaterThan(0.1);
    for (const { mean } of rows) expect(Number.isFinite(mean)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Boxes, sticks and plates, each model with proportions of its own. */
function someModels(): Models {
  const rng = new Rng(6);
  const kinds = ['box', 'stick', 'plate'];
  const words = Array.from({ length: 30 }, (_, i) => kinds[i % 3]);
  const rows = words.map((word) => {
    const thin = 0.1 + 0.1 * rng.uniform();
    const [x, y, z] = word === 'box' ? [1, 1, 1] : word === 'stick' ? [1.7, thin, thin] : [1.2, 1.2, thin];
    return Array.from({ length: 100 }, () => [
      x * rng.uniform(-2, 2),
      y * rng.uniform(-2, 2),
      z * rng.uniform(-2, 2),
    ]).flat();
  });
  return { points: matrix(Float32Array.from(rows.flat()), 30, 300), words, categories: words };
}

describe('clouds', () => {
  const models = someModels();
  const task = taskOf(models, { leastOfWord: 5, testShare: 0.4 });
  const size = { ...CLOUDS.small, points: 40 };
  const work = { models, task, settings: { ...CLOUDS, codeDim: 8, scalars: 8, vectors: 4, hidden: 8 }, size };
  const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

  it('holds out models of every word: none is on both sides', () => {
    const all = [...task.train, ...task.test].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(task.test).toHaveLength(12);
    expect(new Set(Array.from(task.test, (model) => task.word[model])).size).toBe(3);
  });

  it('has floors that do not know the pose, and one that does', () => {
    const one: Models = {
      points: matrix(models.points.data.subarray(300, 600), 1, 300),
      words: [],
      categories: [],
    };
    const draw = (seed: number): Matrix32 => {
      const [cloud] = drawClouds(one, [0], { points: 200, shift: 5 }, new Rng(seed));
      return cloud;
    };
    const distance = (a: number[], b: number[]) => Math.hypot(...a.map((v, k) => v - b[k]));
    const change = (name: string) => distance(FLOORS[name](draw(1)), FLOORS[name](draw(2)));
    // Two samples of one long cloud in two poses: what is left is the sampling.
    expect(change('distances of pairs')).toBeLessThan(change('world axes') / 2);
  });

  it('takes quantiles at equal steps, by hand', () => {
    expect(quantiles([3, 1, 2], 3)).toEqual([1, 2, 3]);
    expect(quantiles([0, 1], 5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('finds boxes, sticks and plates in any pose by the distances of pairs', async () => {
    const { word, category } = await measureClouds('distances of pairs', { kind: 'floor' }, work, 1);
    expect(word.hits).toHaveLength(12);
    expect(meanOf(word.precisions)).toBeGreaterThan(0.9);
    expect(category).toEqual(word);
  });

  it.each(['autoencoder', 'contrastive', 'supervised', 'not invariant'] as const)(
    '%s: runs, its precisions are shares, no tensors left',
    async (kind) => {
      const before = tf.memory().numTensors;
      const measured = await measureClouds('any', { kind, steps: 2, batch: 4 }, work, 1);
      for (const value of [...measured.word.precisions, ...measured.word.hits])
        expect(value >= 0 && value <= 1 + FLOAT32).toBe(true);
      if (kind === 'not invariant') expect(measured.poseChange).toBeGreaterThan(0.05);
      else expect(measured.poseChange).toBeLessThan(1e-3);
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
