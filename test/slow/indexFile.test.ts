import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { canLimitFileSize } from '../core/fileSizeLimit.js';
import { available } from '../native/addon.js';

const script = resolve(import.meta.dirname, 'indexFileChild.mjs');
const folder = mkdtempSync(join(tmpdir(), 'gyrometric-index-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A process that takes longer hangs: it needs a quarter of that on a busy machine. */
const LIMIT_MS = 240_000;
const [SMALL, LARGE] = [400, 4000];
const KILLS = 20;

function child(args: readonly (string | number)[], before: readonly string[] = []) {
  const [command, ...rest] = [...before, process.execPath, script, ...args.map(String)];
  const { stdout, stderr, status, signal } = spawnSync(command, rest, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  expect({ signal, status, stderr }).toEqual({ signal: null, status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe.skipIf(!available)('an index file with a graph', () => {
  const whole = join(folder, 'whole.gyro');
  const answers: Record<number, unknown> = {};

  beforeAll(() => {
    for (const size of [LARGE, SMALL]) {
      expect(child(['save', whole, size])).toEqual({});
      answers[size] = child(['check', whole]);
      expect(answers[size]).toMatchObject({ engine: 'hnsw', size });
    }
  });

  it.each([
    ['10,000 single bits that are flipped', 'flip', 10_000],
    ['1,000 cuts', 'cut', 1000],
    ['500 tails of other bytes', 'longer', 500],
  ])('is refused with FormatError after each of %s', (_, kind, count) => {
    const processes = Math.ceil(count / 2500);
    for (let seed = 0; seed < processes; seed++) {
      const target = join(folder, `${kind}.gyro`);
      const each = count / processes;
      const { refused, others, slowest } = child(['damage', whole, target, kind, each, seed]);
      expect(others).toEqual([]);
      expect(refused).toBe(each);
      expect(slowest).toBeLessThan(5000);
    }
  });

  it(`is the old one or the new one after each of ${KILLS} SIGKILLs while it is saved`, async () => {
    const rng = new Rng(5);
    const place = join(folder, 'killed');
    mkdirSync(place);
    const path = join(place, 'index.gyro');
    const sizes = new Set<number>();
    for (let i = 0; i < KILLS; i++) {
      expect(child(['save', path, SMALL])).toEqual({});
      await saveUntilKilled(path, rng.uniform(0, 100));
      const found = child(['check', path]);
      expect(found).toEqual(answers[found.size]);
      sizes.add(found.size);
    }
    expect([...sizes].sort()).toEqual([SMALL, LARGE]);
    // What a killed process was writing is left, under a hidden name that is no index's.
    const left = readdirSync(place).filter((name) => name !== 'index.gyro');
    expect(left.filter((name) => !/^\.\d+-[0-9a-f]+\.tmp$/.test(name))).toEqual([]);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThanOrEqual(KILLS);
  });

  it.skipIf(!canLimitFileSize())(
    'is the old one, and alone, after a disk was too full for the new one',
    () => {
      const place = join(folder, 'full');
      mkdirSync(place);
      const path = join(place, 'index.gyro');
      child(['save', path, SMALL]);
      const old = readFileSync(path);
      for (const room of [0, 100, 5000, old.length - 1]) {
        expect(child(['save', path, LARGE], ['prlimit', `--fsize=${room}`]).error).toMatch(/EFBIG/);
        expect(readFileSync(path).equals(old)).toBe(true);
        expect(readdirSync(place)).toEqual(['index.gyro']);
      }
      const fresh = join(place, 'new', 'index.gyro');
      expect(child(['save', fresh, LARGE], ['prlimit', '--fsize=5000']).error).toMatch(/EFBIG/);
      expect(existsSync(fresh)).toBe(false);
    },
  );
});

/** Kills a process `milliseconds` after it has begun to save. */
async function saveUntilKilled(path: string, milliseconds: number): Promise<void> {
  const saving = spawn(process.execPath, [script, 'saveAgain', path, String(SMALL), String(LARGE)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => {
    saving.on('close', (_, signal) => done(signal));
  });
  await new Promise((begun) => saving.stdout.once('data', begun));
  setTimeout(() => saving.kill('SIGKILL'), milliseconds);
  expect(await ended).toBe('SIGKILL');
}
