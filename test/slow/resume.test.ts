import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';

const program = 'dist/src/cli/gyrometric.js';
const KILLS = 20;
const folder = mkdtempSync(join(tmpdir(), 'gyrometric-resume-'));
const config = join(folder, 'config.json');

beforeAll(() => {
  writeFileSync(
    config,
    JSON.stringify({
      schemaVersion: 1,
      seed: 3,
      data: { train: 2000 },
      encoder: { kind: 'polarCnn', channels: [4, 6, 8, 8] },
      heads: { euclidean: { dim: 8 }, poincare: { dim: 8 } },
      training: { steps: 240, perClass: 3, reportEvery: 3, warmup: 5 },
    }),
  );
  expect(train('whole').status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const train = (out: string, ...flags: string[]) =>
  spawnSync(process.execPath, [program, 'train', config, '--out', join(folder, out), ...flags], {
    encoding: 'utf8',
  });

function metricsOf(out: string): unknown {
  const { seconds: _, ...metrics } = JSON.parse(readFileSync(join(folder, out, 'metrics.json'), 'utf8'));
  return metrics;
}

/** Starts or resumes a training and sends it a signal after some time, if it is still there. */
async function trainUntil(out: string, signal: NodeJS.Signals, milliseconds: number): Promise<number | null> {
  const child = spawn(process.execPath, [program, 'train', config, '--out', join(folder, out), '--resume'], {
    stdio: 'ignore',
  });
  const timer = setTimeout(() => child.kill(signal), milliseconds);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return code;
}

describe('train --resume', () => {
  it(`ends in the same metrics and weights after ${KILLS} SIGKILLs at random moments`, async () => {
    const rng = new Rng(11);
    let killed = 0;
    for (let i = 0; i < KILLS; i++) {
      if ((await trainUntil('killed', 'SIGKILL', rng.uniform(300, 3000))) === null) killed++;
    }
    expect(killed).toBeGreaterThan(KILLS / 4);
    expect(train('killed', '--resume').status).toBe(0);
    expect(metricsOf('killed')).toEqual(metricsOf('whole'));
    const weights = (out: string) => readFileSync(join(folder, out, 'weights.safetensors'));
    expect(weights('killed').equals(weights('whole'))).toBe(true);
    // Nothing of the interrupted runs is left, beside the model or in it.
    expect(readdirSync(join(folder, 'killed')).sort()).toEqual(readdirSync(join(folder, 'whole')).sort());
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('goes on after Ctrl-C, which keeps every step that was made', async () => {
    expect(await trainUntil('interrupted', 'SIGINT', 2500)).toBe(130);
    expect(readdirSync(join(folder, 'interrupted'))).toEqual(['training.safetensors']);
    expect(train('interrupted').status).toBe(2);
    expect(train('interrupted', '--resume').status).toBe(0);
    expect(metricsOf('interrupted')).toEqual(metricsOf('whole'));
  });

  it('keeps the last good state when the disk is full, and goes on when it is not', ({ skip }) => {
    const disk = join(folder, 'disk');
    const mount = spawnSync('sh', ['-c', `mkdir -p ${disk} && mount -t tmpfs -o size=100k tmpfs ${disk}`]);
    skip(mount.status !== 0, 'needs the right to mount a small disk');
    try {
      const first = spawnSync(process.execPath, [program, 'train', config, '--out', join(disk, 'model')], {
        encoding: 'utf8',
      });
      expect(first.status).toBe(1);
      expect(first.stderr).toMatch(/the disk is full/);
      expect(readdirSync(join(disk, 'model')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect(spawnSync('mount', ['-o', 'remount,size=16m', disk]).status).toBe(0);
      expect(train('disk/model', '--resume').status).toBe(0);
      expect(metricsOf('disk/model')).toEqual(metricsOf('whole'));
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it('does not take up a training with another config, and says which key differs', async () => {
    await trainUntil('other', 'SIGINT', 2500);
    const changed = JSON.parse(readFileSync(config, 'utf8'));
    changed.training.learningRate = 0.001;
    const path = join(folder, 'changed.json');
    writeFileSync(path, JSON.stringify(changed));
    const resumed = spawnSync(
      process.execPath,
      [program, 'train', path, '--out', join(folder, 'other'), '--resume'],
      { encoding: 'utf8' },
    );
    expect(resumed.status).toBe(2);
    expect(resumed.stderr).toMatch(/training\.learningRate: expected "?0\.003/);
    expect(existsSync(join(folder, 'other', 'training.safetensors'))).toBe(true);
  });
});
