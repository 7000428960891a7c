import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../experiments/emoji/run.js';
import type { Settings } from '../../../experiments/emoji/settings.js';
import type { Row } from '../../../experiments/experiment.js';
import { MissingError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';

beforeAll(async () => {
  await openEngine();
});

const settings = JSON.parse(readFileSync('experiments/emoji/config.json', 'utf8')) as Settings;
const ARMS = ['sphere t.05', 'hyp free c1 t.2', 'mix unit l1', 'mix free l1 own maps', 'HCL mix free l1'];

/** The experiment on the first emoji, with a network that learns nothing in its two steps. */
const tiny: Settings = {
  ...settings,
  emojis: 60,
  resamples: 20,
  hardness: { batches: 2, classes: 10 },
  compared: [['HCL mix free l1', 'sphere t.05']],
  small: {
    ...settings.small,
    ...{ stemStride: 2, widths: [2, 2, 3, 3], classes: 6, perClass: 3, steps: 2, seeds: 2, arms: ARMS },
    together: [
      ['sphere t.05', 'sphere t.05'],
      ['sphere t.05', 'hyp free c1 t.2'],
    ],
  },
};

/** Runs with a store of slices as main.ts keeps it: JSON. */
async function runWith(store: Map<string, string>): Promise<{ rows: Row[]; worked: string[] }> {
  const worked: string[] = [];
  const slice = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    if (!store.has(key)) {
      worked.push(key);
      store.set(key, JSON.stringify(await work()));
    }
    return JSON.parse(store.get(key)!) as T;
  };
  return { rows: await run({ scale: 'small', seed: 1, config: tiny, slice }), worked };
}

describe('experiment emoji', () => {
  it('names only arms that there are', () => {
    const { small, full, compared, arms } = settings;
    const named = [...small.arms, ...full.arms, ...small.together.flat(), ...full.together.flat()];
    expect([...named, ...compared.flat()].filter((name) => !(name in arms))).toEqual([]);
    const together = small.together.flat();
    expect(together.filter((name) => !small.arms.includes(name))).toEqual([]);
  });

  it('goes through on few drawings, leaves no tensors, and goes on where it was stopped', async ({
    skip,
  }) => {
    const store = new Map<string, string>();
    const before = tf.memory().numTensors;
    const first = await runWith(store).catch((error: unknown) => {
      if (error instanceof MissingError) return undefined;
      throw error;
    });
    if (!first) return skip('the packages with the drawings cannot be had: there is no network');
    expect(tf.memory().numTensors).toBe(before);
    const { rows } = first;
    const value = (arm: string, metric: string) =>
      rows.find((r) => r.arm === arm && r.metric === metric)!.mean;
    expect(rows.filter(({ mean, low, high }) => !(low <= mean + 1e-9 && mean <= high + 1e-9))).toEqual([]);
    expect(value('set', 'classes')).toBe(60);
    // By chance it would be .03.
    expect(value('raw pixels', 'recallAt1')).toBeGreaterThan(0.1);
    // Rounding may tell items apart that are equally near by one of the two formulas.
    expect(value('mix unit l1', 'hardest differs between its heads')).toBeLessThan(0.02);
    expect(value('mix free l1 own maps', 'hardest differs between its heads')).toBeGreaterThan(0.05);
    for (const arm of ARMS) expect(value(arm, 'hardest differs, other seed')).toBeGreaterThan(0);
    const stopped = new Map(
      [...store].filter(([key]) => !key.includes('own_maps') && !key.startsWith('share')),
    );
    const again = await runWith(stopped);
    expect(again.worked.filter((key) => !key.includes('own_maps'))).toEqual([
      'share-sphere_t.05-hyp_free_c1_t.2',
    ]);
    const settled = (of: Row[]) =>
      of.filter(({ arm, metric }) => !arm.includes('own maps') && metric !== 'seconds');
    expect(settled(again.rows)).toEqual(settled(rows));
  });
});
