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
  it.each(config.full.codes)('compares autoencoders of the same size for codes of %i numbers', (code) => {
    const [steerable, classical] = (['steerable', 'classical'] as const).map((arm) => {
      const autoencoder = autoencoderOf(arm, code, config);
      const count = parameterCount(autoencoder);
      autoencoder.dispose();
      return count;
    });
    expect(Math.abs(steerable / classical - 1)).toBeLessThan(0.03);
  });

  it('runs from digits to rows and a picture', async () => {
    const tiny = { train: 60, test: 30, steps: 2, seeds: 1, codes: [16] };
    const rows = await run({
      ...{ scale: 'small', seed: 1, out },
      config: { ...config, turned: 4, batch: 8, small: tiny },
      slice: (_, work) => work(),
    });
    const meanOf = (arm: string, metric: string) =>
      rows.find((row: Row) => row.arm === arm && row.metric === metric)?.mean;
    for (const arm of ['steerable', 'polar', 'classical', 'classical for the same time', 'pixels'])
      expect(meanOf(arm === 'pixels' ? arm : `${arm}, code 16`, 'mse')).toBeGreaterThan(0);
    for (const arm of ['steerable', 'polar']) {
      expect(meanOf(`${arm}, code 16`, 'equivarianceDegrees')).toBeLessThan(90);
      expect(meanOf(`${arm}, code 16`, 'canonicalDegrees')).toBeLessThanOrEqual(180);
    }
    expect(meanOf('classical, code 16', 'equivarianceDegrees')).toBeUndefined();
    const ratio = (meanOf('steerable, code 16', 'mse') ?? 0) / (meanOf('classical, code 16', 'mse') ?? 0);
    expect(meanOf('steerable against classical, code 16', 'mseRatio')).toBeCloseTo(ratio, 12);
    const png = readFileSync(join(out, 'canonical-small-1.png'));
    expect([...png.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join('')).toBe('PNG');
  });
});
