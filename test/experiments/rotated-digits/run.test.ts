import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../../experiments/experiment.js';
import { autoencoderOf, parameterCount } from '../../../experiments/rotated-digits/arms.js';
import { run } from '../../../experiments/rotated-digits/run.js';
import type { Settings } from '../../../experiments/rotated-digits/settings.js';
import { openEngine } from '../../../src/index.js';

const config = JSON.parse(readFileSync('experiments/rotated-digits/config.json', 'utf8')) as Settings;
const out = mkdtempSync(join(tmpdir(), 'gyrometric-digits-'));

beforeAll(async () => {
  await openEngine();
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('rotated digits', () => {
  it('compares autoencoders of the same size, to a few per cent', () => {
    const [steerable, classical] = (['steerable', 'classical'] as const).map((arm) => {
      const autoencoder = autoencoderOf(arm, config);
      const count = parameterCount(autoencoder);
      autoencoder.dispose();
      return count;
    });
    expect(Math.abs(steerable / classical - 1)).toBeLessThan(0.03);
  });

  it('runs from digits to rows and a picture', async () => {
    const tiny = { train: 60, test: 30, steps: 2, seeds: 1 };
    const rows = await run({
      ...{ scale: 'small', seed: 1, out },
      config: { ...config, turned: 4, batch: 8, small: tiny },
      slice: (_, work) => work(),
    });
    const meanOf = (arm: string, metric: string) =>
      rows.find((row: Row) => row.arm === arm && row.metric === metric)?.mean;
    for (const arm of ['steerable', 'polar', 'classical', 'classical, same time', 'pixels'])
      expect(meanOf(arm, 'mse')).toBeGreaterThan(0);
    for (const arm of ['steerable', 'polar']) {
      expect(meanOf(arm, 'equivarianceDegrees')).toBeLessThan(90);
      expect(meanOf(arm, 'canonicalDegrees')).toBeLessThanOrEqual(180);
    }
    expect(meanOf('classical', 'equivarianceDegrees')).toBeUndefined();
    const ratio = (meanOf('steerable', 'mse') ?? 0) / (meanOf('classical', 'mse') ?? 0);
    expect(meanOf('steerable against classical', 'mseRatio')).toBeCloseTo(ratio, 12);
    const png = readFileSync(join(out, 'canonical-small-1.png'));
    expect([...png.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join('')).toBe('PNG');
  });
});
