import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenOf } from '../../experiments/distances/choice.js';
import type { Tried } from '../../experiments/distances/coderArms.js';
import type { Measured } from '../../experiments/distances/measure.js';
import { run } from '../../experiments/distances/run.js';
import type { Settings, Sizes } from '../../experiments/distances/settings.js';
import type { Row } from '../../experiments/experiment.js';
import { openEngine } from '../../src/index.js';

const config = JSON.parse(readFileSync('experiments/distances/config.json', 'utf8')) as Settings;
const out = mkdtempSync(join(tmpdir(), 'gyrometric-distances-'));

beforeAll(async () => {
  await openEngine();
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('distances', () => {
  it('takes the weight of least validation stress within the allowed error, or else the least error', () => {
    const way = (weight: number, mse: number, scaledStress: number): Tried => ({
      arm: { code: 8, penalty: 'stress', weight, seed: 1 },
      result: {
        test: {} as Measured,
        validation: { mse, scaledStress } as Measured,
      },
    });
    const plain = way(0, 1, 0.3).result;
    const ways = [way(0.1, 1.01, 0.2), way(1, 1.07, 0.1), way(10, 1.2, 0.05)];
    expect(chosenOf(ways, plain, 0.08).arm.weight).toBe(1);
    expect(chosenOf(ways.slice(2), plain, 0.08).arm.weight).toBe(10);
  });

  it('runs from digits and a tree to rows and a figure, each penalty on its way', async () => {
    const tiny: Sizes = {
      ...config.small,
      ...{ steps: 3, seeds: 1, codes: [2, 3], repeated: [], penaltyCode: 3, landmarks: 20 },
      weights: Object.fromEntries(Object.keys(config.small.weights).map((name) => [name, [0.5]])),
      umap: { rows: 20, codes: [] },
      trees: { dims: [2], digits: 30 },
      retrieval: { steps: 2, seeds: 1, weights: [0.3], heldOut: 40 },
    };
    const felines = '02123649';
    const rows = await run({
      ...{ scale: 'small', seed: 1, out },
      config: {
        ...config,
        ...{ train: 120, validation: 40, test: 40, batch: 16, neighbors: 3, geodesicRows: 60, hidden: [12] },
        ...{ mammals: felines, small: tiny },
      },
      slice: (_, work) => work(),
    });
    const meanOf = (arm: string, metric: string) =>
      rows.find((row: Row) => row.arm === arm && row.metric === metric)?.mean ?? Number.NaN;
    expect(rows.every(({ mean, low, high }) => Number.isFinite(mean) && low <= high)).toBe(true);
    for (const name of Object.keys(tiny.weights)) {
      expect(meanOf(`AE + ${name}, code 3, weight 0.5`, 'spearman')).toBeGreaterThan(-1);
    }
    expect(meanOf('rotation, code 784', 'stress')).toBeLessThan(1e-5);
    expect(meanOf('MDS of the test digits, code 3', 'stress')).toBeLessThan(meanOf('PCA, code 3', 'stress'));
    expect(meanOf('PCA, code 3', 'mse')).toBeLessThan(meanOf('PCA, code 2', 'mse'));
    expect(meanOf('points of mammals, d 2, hyperbolic', 'scaledStress')).toBeLessThan(
      meanOf('points of mammals, d 2, euclidean', 'scaledStress'),
    );
    expect(meanOf('all points of mammals equally far', 'scaledStress')).toBeLessThan(1);
    expect(readFileSync(join(out, 'frontier-small-1.svg'), 'utf8')).toMatch(/^<svg.*PCA.*<\/svg>\n$/s);
  }, 120_000);
});
