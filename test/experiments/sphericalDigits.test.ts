import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../experiments/spherical-digits/run.js';
import { openEngine } from '../../src/engine/openEngine.js';

beforeAll(async () => {
  await openEngine();
});

const folder = join(import.meta.dirname, '..', '..', 'experiments', 'spherical-digits');
const settings = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, object>;
const tiny = {
  ...settings,
  ...{ degree: 4, bandwidth: 8, labels: { sizes: [10], draws: 1 } },
  equivariance: { rotations: 3, digits: 5 },
  small: {
    ...settings['small'],
    ...{ train: 120, test: 40, fit: 100, heldOut: 20, batch: 20, epochs: 1, codeDim: 4, arms: ['VAE R/R'] },
    blocks: [2, 1].map((degree) => ({ degree, channels: 3 })),
  },
};

describe('experiment spherical-digits', () => {
  it('measures floors and an arm whose codes rotations leave as they are, and draws a figure', async () => {
    const out = mkdtempSync(join(tmpdir(), 'spherical-digits-'));
    try {
      const keys: string[] = [];
      const slice = <T>(key: string, work: () => Promise<T>): Promise<T> => {
        keys.push(key);
        return work();
      };
      const rows = await run({ scale: 'small', seed: 1, config: tiny, out, slice });
      expect(keys).toContain('VAE-R-R-1');
      const value = (arm: string, metric: string) =>
        rows.find((row) => row.arm === arm && row.metric === metric)!.mean;
      for (const arm of ['VAE R/R', 'power spectrum R/R', 'coefficients NR/R']) {
        for (const metric of ['logistic', 'kNN5', 'purity', '10 labels']) {
          expect(value(arm, metric)).toBeGreaterThanOrEqual(0);
          expect(value(arm, metric)).toBeLessThanOrEqual(1);
        }
      }
      expect(value('VAE R/R', 'error')).toBeGreaterThan(0);
      expect(value('VAE R/R', 'codeChangeMillionths')).toBeLessThan(100);
      const png = readFileSync(join(out, 'reconstructions-small-VAE-R-R-1.png'));
      const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
      const length = png.readUInt32BE(33);
      expect(inflateSync(png.subarray(41, 41 + length)).length).toBe(height * (width + 1));
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });
});
