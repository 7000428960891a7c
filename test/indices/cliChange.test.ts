import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openIndex } from '../../indices/index.js';
import { DomainError, FormatError, ShapeError, UsageError } from '../../src/core/errors.js';
import { formatNpy } from '../../src/core/npy.js';
import { formatNpz, parseNpz } from '../../src/core/npz.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints } from '../native/randomPoints.js';
import { runIndex as run } from './runIndex.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-cli-change-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const ball: Space = { kind: 'poincare', dim: 4, curvature: -1 };
const points = randomPoints(ball, 300, new Rng(1)).data;

function saveVectors(name: string, data: Float32Array): void {
  writeFileSync(at(name), formatNpy({ data, shape: [data.length / 4, 4] }));
}
function saveIds(name: string, ...ids: number[]): void {
  writeFileSync(at(name), formatNpy({ data: BigInt64Array.from(ids, BigInt), shape: [ids.length] }));
}
const result = (name: string) => parseNpz(readFileSync(at(name)), name);

beforeAll(() => {
  saveVectors('first.npy', points.subarray(0, 200 * 4));
  saveVectors('more.npy', points.subarray(200 * 4));
  saveVectors('two.npy', points.subarray(0, 8));
  writeFileSync(at('space.json'), JSON.stringify(ball));
});

describe.skipIf(!available)('gyrometric index add and remove', () => {
  const build = () =>
    run('build', '--vectors', at('first.npy'), '--space', at('space.json'), '--out', at('a.gyro'));

  it('change a file as an index is changed', async () => {
    await build();
    const added = JSON.parse(await run('add', at('a.gyro'), '--vectors', at('more.npy'), '--json'));
    expect(added).toMatchObject({ engine: 'hnsw', size: 300, added: 100, replaced: 0, unreachable: 0 });
    saveIds('old.npy', 0, 7, 299);
    const removed = await run('remove', at('a.gyro'), '--ids', at('old.npy'));
    expect(removed).toMatch(/^.*a\.gyro: 3 removed, 297 points, 0 unreachable, in [\d.]+ s\n$/);
    const index = await openIndex(at('a.gyro'));
    expect(index.size).toBe(297);
    expect((await index.search(points.subarray(28, 32), 1)).ids[0]).not.toBe(7n);
    expect((await index.search(points.subarray(298 * 4, 299 * 4), 1)).ids[0]).toBe(298n);
  });

  it('take ids from --ids or the .npz, and with --replace put vectors in place of others', async () => {
    await build();
    saveIds('named.npy', 0, 900);
    const vectors = points.subarray(250 * 4, 252 * 4);
    writeFileSync(
      at('named.npz'),
      formatNpz({
        vectors: { data: vectors.slice(), shape: [2, 4] },
        ids: { data: BigInt64Array.of(1n, 901n), shape: [2] },
      }),
    );
    const text = await run(
      ...['add', at('a.gyro'), '--vectors', at('two.npy'), '--ids', at('named.npy'), '--replace'],
    );
    expect(text).toMatch(/1 added, 1 replaced, 201 points/);
    const again = ['add', at('a.gyro'), '--vectors', at('named.npz'), '--replace', '--json'];
    expect(JSON.parse(await run(...again))).toMatchObject({ added: 1, replaced: 1, size: 202 });
    const index = await openIndex(at('a.gyro'));
    expect(index.get(BigInt64Array.of(0n, 900n, 1n, 901n))).toEqual(
      Float32Array.of(...points.subarray(0, 8), ...vectors),
    );
  });

  it('refuse bad ids, vectors and files, and leave the file as it was', async () => {
    await build();
    const before = readFileSync(at('a.gyro'));
    saveIds('unknown.npy', 3, 999);
    saveIds('twice.npy', 3, 3);
    saveIds('taken.npy', 3, 500);
    saveVectors('outside.npy', Float32Array.of(1, 1, 1, 1));
    writeFileSync(at('wide.npy'), formatNpy({ data: points.slice(0, 10), shape: [2, 5] }));
    const cases: [new (message: string) => Error, string[]][] = [
      [UsageError, ['remove', at('a.gyro'), '--ids', at('unknown.npy')]],
      [UsageError, ['remove', at('a.gyro'), '--ids', at('twice.npy')]],
      [ShapeError, ['remove', at('a.gyro'), '--ids', at('two.npy')]],
      [UsageError, ['add', at('a.gyro'), '--vectors', at('two.npy'), '--ids', at('taken.npy')]],
      [UsageError, ['add', at('a.gyro'), '--vectors', at('two.npy'), '--ids', at('twice.npy'), '--replace']],
      [ShapeError, ['add', at('a.gyro'), '--vectors', at('more.npy'), '--ids', at('taken.npy')]],
      [ShapeError, ['add', at('a.gyro'), '--vectors', at('wide.npy')]],
      [DomainError, ['add', at('a.gyro'), '--vectors', at('outside.npy')]],
      [UsageError, ['add', at('missing.gyro'), '--vectors', at('two.npy')]],
      [FormatError, ['remove', at('two.npy'), '--ids', at('twice.npy')]],
    ];
    for (const [kind, args] of cases) await expect(run(...args), args.join(' ')).rejects.toThrow(kind);
    expect(readFileSync(at('a.gyro')).equals(before)).toBe(true);
    expect(existsSync(at('missing.gyro'))).toBe(false);
  });
});

describe.skipIf(!available)('gyrometric index query', () => {
  it('finds points of --filter alone, and all within --radius', async () => {
    await run('build', '--vectors', at('first.npy'), '--space', at('space.json'), '--out', at('q.gyro'));
    saveIds('some.npy', 5, 50, 150);
    const index = await openIndex(at('q.gyro'));
    const filter = BigInt64Array.of(5n, 50n, 150n);
    const queries = points.subarray(200 * 4);
    const query = ['query', at('q.gyro'), '--queries', at('more.npy')];
    await run(...query, '--filter', at('some.npy'), '--k', '2', '--out', at('f.npz'));
    const expected = await index.search(queries, 2, { filter });
    expect(result('f.npz')['ids']).toEqual({ data: expected.ids, shape: [100, 2] });
    const line = await run(...query, '--radius', '1.5', '--out', at('r.npz'));
    const within = await index.searchRadius(queries, 1.5);
    const { ids, distances, starts } = result('r.npz');
    expect(ids).toEqual({ data: within.ids, shape: [within.ids.length] });
    expect(distances.data).toEqual(within.distances);
    expect(starts.data).toEqual(BigInt64Array.from(within.starts, BigInt));
    expect(line).toContain(`${within.ids.length} neighbours within 1.5 of 100 queries`);
    const both = await run(
      ...[...query, '--radius', '99', '--filter', at('some.npy'), '--exact', '--json', '--out', at('b.npz')],
    );
    expect(JSON.parse(both)).toMatchObject({ radius: 99, found: 300, engine: 'exact' });
    for (const bad of ['near', '', 'NaN']) {
      await expect(run(...query, '--radius', bad, '--out', at('n.npz'))).rejects.toThrow('--radius');
    }
  });
});
