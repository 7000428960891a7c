import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Matrix,
  matrix,
  neighborRecallMonitor,
  openEngine,
  Rng,
  tf,
  trainAutoencoder,
} from '../../src/index.js';
import { tinyAutoencoder } from '../flow/groupCalls.js';

const plane = { kind: 'euclidean', dim: 2 } as const;
const points = (n: number, seed: number): Matrix => {
  const rng = new Rng(seed);
  return matrix(
    Float32Array.from({ length: 2 * n }, () => rng.normal()),
    n,
    2,
  );
};

beforeAll(async () => {
  await openEngine();
});

describe('a training that is watched', () => {
  it('is looked at before, on the way and at the end, and its neighbour recall rises for points it never saw', async () => {
    const [train, test] = [points(80, 1), points(60, 2)];
    let codesOf = async (m: Matrix): Promise<Matrix> => m;
    const monitor = neighborRecallMonitor(
      {
        train: { inputs: train, codes: () => codesOf(train) },
        test: { inputs: test, codes: () => codesOf(test) },
      },
      { inputSpace: plane, codeSpace: plane, k: 5 },
    );
    const trained = await trainAutoencoder(tinyAutoencoder(), {
      ...{ seed: 3, steps: 250, learningRate: 0.05, clipNorm: 10, watchEvery: 100 },
      nextRows: () => tf.tensor2d(Float32Array.from(train.data), [train.rows, 2]),
      watch: (codes, step) => {
        codesOf = codes;
        return monitor.look(step);
      },
    });
    trained.dispose();
    expect(monitor.history.map(({ step }) => step)).toEqual([0, 100, 200, 250]);
    const [first, last] = [monitor.history[0], monitor.history.at(-1)!];
    expect(last.recall['test']).toBeGreaterThan(0.9);
    expect(last.recall['test']).toBeGreaterThan(first.recall['test']);
  });

  it('refuses to be watched every 0 steps', async () => {
    const options = {
      seed: 1,
      steps: 1,
      learningRate: 0.1,
      watchEvery: 0,
      nextRows: () => tf.ones<tf.Rank.R2>([2, 2]),
    };
    await expect(trainAutoencoder(tinyAutoencoder(), options)).rejects.toThrow(/watchEvery/);
  });
});
