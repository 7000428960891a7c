import { spawn, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { Rng } from '../../../src/core/rng.js';

const script = resolve(import.meta.dirname, 'child.mjs');
/** A process that takes longer hangs. */
const LIMIT_MS = 400_000;

type Change = [kind: 'add' | 'update' | 'remove', points: [id: number, version: number][]];
type Line = ['content', [number, number][], boolean] | ['begin', Change[]] | ['done', number];

/** Of an id, every version that it may have after a process was killed; undefined: not there. */
type Possible = Map<number, (number | undefined)[]>;

/**
 * Lets one process after the other change an index with a journal, and kills it. Every change that was acknowledged must
 * be there when the next one opens it; of one that was not, all or nothing.
 * @returns the number of changes that were acknowledged, and of those that were not
 */
export async function killAgainAndAgain(folder: string, kills: number, seed: number) {
  const path = join(folder, 'index.gyro');
  run('make', path, 250);
  const rng = new Rng(seed);
  let possible: Possible | undefined;
  let [acknowledged, open] = [0, 0];
  for (let kill = 0; kill < kills; kill++) {
    const lines = await changeUntilKilled(path, kill, rng.uniform(0, 150));
    const content = lines[0];
    if (content?.[0] !== 'content') throw new Error(`kill ${kill}: the index was not read`);
    expect(content[2]).toBe(true);
    if (possible) expectPossible(new Map(content[1]), possible, kill);
    const after = statesAfter(new Map(content[1]), lines.slice(1));
    possible = after.possible;
    acknowledged += after.acknowledged;
    open += after.open;
  }
  const [, size, unreachable] = JSON.parse(run('verify', path));
  expect(unreachable).toBe(0);
  expect(size).toBeGreaterThan(200);
  return { acknowledged, open };
}

function run(...args: readonly (string | number)[]): string {
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [script, ...args.map(String)], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  expect({ signal, status, stderr }).toEqual({ signal: null, status: 0, stderr: '' });
  return stdout;
}

async function changeUntilKilled(path: string, seed: number, milliseconds: number): Promise<Line[]> {
  const child = spawn(process.execPath, [script, 'change', path, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const reading = new Promise<void>((begun) => {
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) begun();
    });
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => {
    child.on('close', (_, signal) => done(signal));
  });
  await Promise.race([reading, ended]);
  setTimeout(() => child.kill('SIGKILL'), milliseconds);
  expect(await ended).toBe('SIGKILL');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

function statesAfter(content: Map<number, number>, lines: readonly Line[]) {
  const possible: Possible = new Map([...content].map(([id, version]) => [id, [version]]));
  let [acknowledged, open] = [0, 0];
  for (let at = 0; at < lines.length; ) {
    const begun = lines[at];
    if (begun[0] !== 'begin') throw new Error('a change ended that had not begun');
    const end = lines.findIndex((line, i) => i > at && line[0] === 'begin');
    const rest = lines.slice(at + 1, end < 0 ? undefined : end);
    const done = new Set(rest.map((line) => line[1]));
    begun[1].forEach(([kind, points], i) => {
      for (const [id, version] of points) {
        const before = possible.get(id) ?? [undefined];
        const now = kind === 'remove' ? undefined : version;
        possible.set(id, done.has(i) ? [now] : [...before, now]);
      }
      if (done.has(i)) acknowledged++;
      else open++;
    });
    at = end < 0 ? lines.length : end;
  }
  return { possible, acknowledged, open };
}

function expectPossible(content: Map<number, number>, possible: Possible, kill: number): void {
  const wrong: string[] = [];
  for (const id of new Set([...content.keys(), ...possible.keys()])) {
    const states = possible.get(id) ?? [undefined];
    if (!states.includes(content.get(id))) wrong.push(`${id}: ${content.get(id)}, not ${states}`);
  }
  expect({ kill, wrong }).toEqual({ kill, wrong: [] });
}

/** What became of so many damaged journals or files: none may be answered wrongly. */
export function openDamaged(folder: string, what: 'journal' | 'read' | 'map', count: number, seed: number) {
  const path = join(folder, `${what}.gyro`);
  run('make', path, 250);
  const text =
    what === 'journal' ? run('damageJournal', path, count, seed) : run('damageFile', path, count, seed, what);
  const [{ refused, right, others }] = JSON.parse(text);
  expect(others).toEqual([]);
  expect(refused + right).toBe(count);
  return { refused, right };
}
