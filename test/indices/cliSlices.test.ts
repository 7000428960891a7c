import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openIndex } from '../../indices/index.js';
import { DomainError } from '../../src/core/errors.js';
import { formatNpy } from '../../src/core/npy.js';
import { formatNpz, parseNpz } from '../../src/core/npz.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints } from '../native/randomPoints.js';
import { runIndex as run } from './runIndex.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-slices-'));
const at = (name: string) => join(folder, name);
const ball: Space = { kind: 'poincare', dim: 4, curvature: -1 };
const points = randomPoints(ball, 300, new Rng(1));
const many = randomPoints(ball, 2500, new Rng(2)).data;

function numpyRuns(): boolean {
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!available)('gyrometric index, file by file', () => {
  beforeAll(async () => {
    writeFileSync(at('x.npy'), formatNpy({ data: points.data, shape: [300, 4] }));
    writeFileSync(at('x64.npy'), formatNpy({ data: Float64Array.from(points.data), shape: [300, 4] }));
    writeFileSync(at('space.json'), JSON.stringify(ball));
    await run('build', '--vectors', at('x.npy'), '--space', at('space.json'), '--out', at('x.gyro'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('answers queries slice by slice as all at once, float64 as float32', async () => {
    writeFileSync(at('m64.npy'), formatNpy({ data: Float64Array.from(many), shape: [2500, 4] }));
    writeFileSync(at('m.npz'), formatNpz({ vectors: { data: many, shape: [2500, 4] } }));
    const expected = await (await openIndex(at('x.gyro'))).search(many, 3);
    for (const file of ['m64.npy', 'm.npz']) {
      await run('query', at('x.gyro'), '--queries', at(file), '--k', '3', '--out', at('m.out.npz'));
      const { ids, distances } = parseNpz(readFileSync(at('m.out.npz')), 'm.out.npz');
      expect(ids).toEqual({ data: expected.ids, shape: [2500, 3] });
      expect(distances).toEqual({ data: expected.distances, shape: [2500, 3] });
    }
  });

  it('names the row of a bad query, counted from the first of the file, and writes nothing', async () => {
    const data = Float64Array.from(many);
    const ask = (name: string) => run('query', at('x.gyro'), '--queries', at(name), '--out', at('bad.npz'));
    for (const [row, value, message] of [
      [2, Number.NaN, /bad\.npy row 2: expected finite numbers, got NaN/],
      [2000, 2, /bad\.npy row 2000: expected norm < 1/],
      [2499, 1e300, /row 2499: expected finite numbers, got Infinity/],
    ] as const) {
      writeFileSync(at('bad.npy'), formatNpy({ data: data.with(4 * row, value), shape: [2500, 4] }));
      await expect(ask('bad.npy')).rejects.toThrow(DomainError);
      await expect(ask('bad.npy')).rejects.toThrow(message);
    }
    expect(existsSync(at('bad.npz'))).toBe(false);
  });

  it('leaves no file when a query is interrupted', async () => {
    const lots = randomPoints(ball, 20_000, new Rng(2)).data;
    writeFileSync(at('stop.npy'), formatNpy({ data: lots, shape: [20_000, 4] }));
    const before = readdirSync(folder).length;
    const listeners = process.listenerCount('SIGINT');
    const asked = run('query', at('x.gyro'), '--queries', at('stop.npy'), '--out', at('stop.npz'));
    const outcome = asked.catch((e: unknown) => e);
    while (process.listenerCount('SIGINT') === listeners) await setImmediate();
    process.emit('SIGINT');
    expect(await outcome).toMatchObject({ name: 'AbortError', message: /interrupted, no file was written/ });
    expect(readdirSync(folder)).toHaveLength(before);
  });

  it('answers no queries at all with an empty table', async () => {
    writeFileSync(at('zero.npy'), formatNpy({ data: new Float64Array(0), shape: [0, 4] }));
    await run('query', at('x.gyro'), '--queries', at('zero.npy'), '--k', '3', '--out', at('zero.npz'));
    expect(parseNpz(readFileSync(at('zero.npz')), 'zero.npz')['ids'].shape).toEqual([0, 3]);
  });

  it.skipIf(!numpyRuns())('builds over what numpy writes, of either type and every version', async () => {
    const script = [
      'import sys, numpy',
      'x = numpy.load(sys.argv[1])',
      'for v in (1, 2, 3):',
      '  with open(f"{sys.argv[2]}{v}.npy", "wb") as f: numpy.lib.format.write_array(f, x, (v, 0))',
    ].join('\n');
    for (const source of ['x.npy', 'x64.npy']) {
      execFileSync('python3', ['-c', script, at(source), at('numpy')]);
      for (const version of [1, 2, 3]) {
        const vectors = ['--vectors', at(`numpy${version}.npy`), '--space', at('space.json')];
        await run('build', ...vectors, '--out', at(`numpy${version}.gyro`));
        expect((await openIndex(at(`numpy${version}.gyro`))).get(BigInt64Array.of(7n, 299n))).toEqual(
          Float32Array.of(...points.data.subarray(28, 32), ...points.data.subarray(1196)),
        );
      }
    }
  });
});
