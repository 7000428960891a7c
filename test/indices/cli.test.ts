import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex, openIndex, tuneEf } from '../../indices/index.js';
import { registerIndexCommands } from '../../src/cli/indexCommands.js';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.js';
import { formatNpy } from '../../src/core/npy.js';
import { formatNpz, parseNpz } from '../../src/core/npz.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { nearest } from '../../src/geometry/nearest.js';
import { available } from '../native/addon.js';
import { randomPoints } from '../native/randomPoints.js';
import { runIndex as run } from './runIndex.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-index-'));
const at = (name: string) => join(folder, name);
const ball: Space = { kind: 'poincare', dim: 4, curvature: -1 };
const points = randomPoints(ball, 300, new Rng(1));
const shape = [300, 4];
const labels = BigInt64Array.from({ length: 300 }, (_, i) => BigInt(1000 + i));

beforeAll(() => {
  writeFileSync(at('x.npy'), formatNpy({ data: points.data, shape }));
  writeFileSync(at('x64.npy'), formatNpy({ data: Float64Array.from(points.data), shape }));
  writeFileSync(
    at('e.npz'),
    formatNpz({ vectors: { data: points.data, shape }, ids: { data: labels, shape: [300] } }),
  );
  writeFileSync(at('none.npz'), formatNpz({ poincare: { data: points.data, shape } }));
  writeFileSync(at('ids.npy'), formatNpy({ data: labels, shape: [300] }));
  writeFileSync(at('wide.npy'), formatNpy({ data: points.data, shape: [200, 6] }));
  writeFileSync(at('flat.npy'), formatNpy({ data: points.data, shape: [1200] }));
  // Holes take no room on the disk.
  writeFileSync(at('large.npz'), 'PK');
  truncateSync(at('large.npz'), 2 ** 31);
  writeFileSync(at('space.json'), JSON.stringify(ball));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const build = (...more: string[]) =>
  run('build', '--vectors', at('e.npz'), '--space', at('space.json'), ...more);

describe.skipIf(!available)('gyrometric index', () => {
  it('builds, queries and describes, with ids of the .npz', async () => {
    const built = JSON.parse(await build('--out', at('a.gyro'), '--m', '8', '--seed', '3', '--json'));
    expect(built).toMatchObject({ engine: 'hnsw', size: 300, m: 8, seed: 3, unreachable: 0 });
    const out = await run('query', at('a.gyro'), '--queries', at('x.npy'), '--k', '5', '--out', at('r.npz'));
    expect(out).toMatch(/^.*r\.npz: 5 neighbours of 300 queries among 300 points, hnsw, in [\d.]+ s\n$/);
    const { ids, distances } = parseNpz(readFileSync(at('r.npz')), 'r.npz');
    expect(ids.shape).toEqual([300, 5]);
    expect(distances.shape).toEqual([300, 5]);
    expect(Array.from({ length: 300 }, (_, i) => ids.data[i * 5])).toEqual([...labels]);
    const info = JSON.parse(await run('info', at('a.gyro'), '--json'));
    expect(info).toMatchObject({
      space: ball,
      columns: 4,
      size: 300,
      m: 8,
      efConstruction: 200,
      ef: 64,
      seed: 3,
    });
    const { bytes, bytesPerVector, recall } = info;
    expect(bytesPerVector).toBe(Math.round(bytes / 300));
    expect(recall).toMatchObject({ k: 10, ef: 64, queries: 100 });
    const text = await run('info', at('a.gyro'));
    expect(text).toContain('300 points of 4 columns');
    expect(text).toMatch(/bytes of memory, \d+ a vector\n/);
    expect(text).toMatch(/recall@10 [01]\.\d{4} at ef 64 .*, estimated from 100 stored points\n/);
  });

  it('finds exactly what the reference finds with --exact, for float64 input too', async () => {
    await run('build', '--vectors', at('x64.npy'), '--space', at('space.json'), '--out', at('b.gyro'));
    const query = [
      'query',
      at('b.gyro'),
      '--queries',
      at('x64.npy'),
      '--exact',
      '--threads',
      '2',
      '--out',
      at('s.npz'),
    ];
    expect(JSON.parse(await run(...query, '--json'))).toMatchObject({ engine: 'exact', k: 10, queries: 300 });
    const expected = nearest(ball, points, points, 10).rows;
    expect(parseNpz(readFileSync(at('s.npz')), 's.npz')['ids'].data).toEqual(
      BigInt64Array.from(expected, BigInt),
    );
  });

  it('tunes ef with --recall, and the file keeps it', async () => {
    const sparse = ['--m', '4', '--ef-construction', '10', '--seed', '2'];
    const built = JSON.parse(
      await build('--out', at('tuned.gyro'), ...sparse, '--recall', '0.8', '--k', '5', '--json'),
    );
    const index = await buildIndex({
      space: ball,
      vectors: points.data,
      ids: labels,
      engine: 'hnsw',
      m: 4,
      efConstruction: 10,
      seed: 2,
    });
    const tuned = await tuneEf(index, { recall: 0.8, k: 5, seed: 2 });
    expect(built).toMatchObject({ ef: tuned.ef, recall: tuned });
    expect(tuned.reached).toBe(true);
    expect((await openIndex(at('tuned.gyro'))).stats().ef).toBe(tuned.ef);
    expect(await build('--out', at('tuned.gyro'), ...sparse, '--recall', '0.8')).toMatch(
      /recall@10 [01]\.\d+ at/,
    );
  });

  it('ends with exit code 1 where --recall is out of reach, and keeps the file', async () => {
    const built = build('--out', at('far.gyro'), '--m', '2', '--ef-construction', '1', '--recall', '1');
    const error = await built.catch((e: unknown) => e);
    const index = await openIndex(at('far.gyro'));
    const { ef } = index.stats();
    const { reached } = await tuneEf(index, { recall: 1 });
    expect(index.stats().ef).toBe(ef);
    if (reached) expect(error).toContain('at ef');
    else {
      expect(error).toMatchObject({ exitCode: 1 });
      expect(String(error)).toMatch(
        /--recall: expected recall@10 1 at some ef, got .* at ef \d+".*is written/,
      );
    }
  });

  it('verifies a sound file, and ends with exit code 1 for a byte changed anywhere', async () => {
    await build('--out', at('sound.gyro'));
    const verified = JSON.parse(
      await run('verify', at('sound.gyro'), '--sample', '50', '--k', '3', '--json'),
    );
    expect(verified).toMatchObject({ space: ball, size: 300, columns: 4, engine: 'hnsw', unreachable: 0 });
    expect(verified.recall).toMatchObject({ k: 3, queries: 50, ef: 64 });
    const text = await run('verify', at('sound.gyro'));
    expect(text).toMatch(/^.*sound\.gyro: no damage; 300 points of 4 columns, engine hnsw, 0 unreachable\n/);
    expect(text).toMatch(/\nrecall@10 [01]\.\d{4} .*, estimated from 300 stored points\n$/);
    const bytes = readFileSync(at('sound.gyro'));
    for (const place of [0, 7, 60, 0.3, 0.6, 0.9, -1]) {
      const copy = Buffer.from(bytes);
      const offset =
        place < 0 ? bytes.length - 1 : place % 1 === 0 ? place : Math.floor(place * bytes.length);
      copy[offset] ^= 4;
      writeFileSync(at('damaged.gyro'), copy);
      const error = await run('verify', at('damaged.gyro')).catch((e: unknown) => e);
      expect(error, `byte ${offset}`).toBeInstanceOf(FormatError);
      expect(error).toMatchObject({ exitCode: 1 });
    }
    await expect(run('verify', at('missing.gyro'))).rejects.toMatchObject({ exitCode: 2 });
    await expect(run('verify', at('sound.gyro'), '--sample', '0')).rejects.toMatchObject({ exitCode: 2 });
  });

  it('takes ids from --ids', async () => {
    const source = ['--vectors', at('x.npy'), '--space', at('space.json'), '--ids', at('ids.npy')];
    await run('build', ...source, '--out', at('c.gyro'));
    await run('query', at('c.gyro'), '--queries', at('x.npy'), '--k', '1', '--out', at('t.npz'));
    expect(parseNpz(readFileSync(at('t.npz')), 't.npz')['ids'].data).toEqual(labels);
  });

  it('pads with id -1 and Infinity where k exceeds the number of points', async () => {
    await build('--out', at('d.gyro'));
    await run('query', at('d.gyro'), '--queries', at('x.npy'), '--k', '301', '--out', at('u.npz'));
    const { ids, distances } = parseNpz(readFileSync(at('u.npz')), 'u.npz');
    expect(ids.data[300]).toBe(-1n);
    expect(distances.data[300]).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses wrong use with exit code 2 and leaves no file', async () => {
    const before = readdirSync(folder).length;
    const out = ['--out', at('never.gyro')];
    const space = ['--space', at('space.json')];
    const cases: [new (message: string) => Error, string[]][] = [
      [UsageError, ['build', '--vectors', at('missing.npy'), ...space, ...out]],
      [UsageError, ['build', '--vectors', at('none.npz'), ...space, ...out]],
      [ShapeError, ['build', '--vectors', at('wide.npy'), ...space, ...out]],
      [ShapeError, ['build', '--vectors', at('flat.npy'), ...space, ...out]],
      [ShapeError, ['build', '--vectors', at('x.npy'), ...space, '--ids', at('x.npy'), ...out]],
      [UsageError, ['build', '--vectors', at('x.npy'), ...space, '--m', '1', ...out]],
      [UsageError, ['build', '--vectors', at('x.npy'), ...space, '--m', '2.5', ...out]],
      [UsageError, ['build', '--vectors', at('x.npy'), ...space, '--threads', '0', ...out]],
      [UsageError, ['query', at('a.gyro'), '--queries', at('x.npy'), '--k', '0', ...out]],
      [ShapeError, ['query', at('a.gyro'), '--queries', at('wide.npy'), ...out]],
      [UsageError, ['query', at('missing.gyro'), '--queries', at('x.npy'), ...out]],
      [UsageError, ['query', at('a.gyro'), '--queries', at('x.npy'), '--ef', '0', ...out]],
      [UsageError, ['build', '--vectors', at('x.npy'), ...space, '--recall', '1.5', ...out]],
      [UsageError, ['build', '--vectors', at('x.npy'), ...space, '--recall', '0', ...out]],
      [UsageError, ['build', '--vectors', at('x.npy'), ...space, '--recall', '', ...out]],
      [UsageError, ['build', '--vectors', at('large.npz'), ...space, ...out]],
    ];
    for (const [kind, args] of cases) {
      const error = await run(...args).catch((e: unknown) => e);
      expect(error, args.join(' ')).toBeInstanceOf(kind);
      expect(error).toMatchObject({ exitCode: 2 });
    }
    await expect(run('info', at('x.npy'))).rejects.toThrow(FormatError);
    await expect(run('build', '--vectors', at('ids.npy'), ...space, ...out)).rejects.toThrow(ShapeError);
    expect(existsSync(at('never.gyro'))).toBe(false);
    expect(readdirSync(folder)).toHaveLength(before);
  });

  it.each(['build', 'query', 'add', 'remove', 'info', 'verify'])(
    'shows an example in the help of %s',
    async (name) => {
      const program = new Command();
      registerIndexCommands(program);
      const command = program.commands[0].commands.find((c) => c.name() === name)!;
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help).toContain(`gyrometric index ${name}`);
    },
  );
});
