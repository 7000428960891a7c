import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NpyArray, parseNpy } from '../../src/core/npy.js';
import { parseNpz } from '../../src/core/npz.js';
import { modelConfigSchema } from '../../src/model/config.js';
import { FLOAT32 } from '../laws/tolerance.js';
import { TINY, writeDigits, writeNpy } from './inputs.js';
import { gyrometric, linesWithoutNotices, listing, type Outcome } from './run.js';

const N = 40;
const K = 5;
const folder = mkdtempSync(join(tmpdir(), 'gyrometric-chain-'));
const at = (name: string) => join(folder, name);
const run = (...args: string[]) => gyrometric(args, { cwd: folder });
const arrays = (name: string) => parseNpz(readFileSync(at(name)), name);
const outcomes: Record<string, Outcome> = {};

/** Each command on what the one before it left. */
beforeAll(async () => {
  writeDigits(folder, N);
  outcomes['config'] = await run('config', 'quickstart');
  const config = JSON.parse(outcomes['config'].stdout);
  writeFileSync(at('tiny.json'), JSON.stringify({ ...config, ...TINY }));
  outcomes['train'] = await run('train', 'tiny.json', '--out', 'model', '--json');
  outcomes['embed'] = await run(
    ...['embed', 'model', 'digits.npy', '--labels', 'labels.npy', '--out', 'E.npz', '--json'],
  );
  outcomes['build'] = await run(
    ...[
      'index',
      'build',
      '--vectors',
      'E.npz',
      '--space',
      'model/space.json',
      '--out',
      'index.gyro',
      '--json',
    ],
  );
  outcomes['query'] = await run(
    ...['index', 'query', 'index.gyro', '--queries', 'E.npz', '--k', String(K), '--out', 'R.npz', '--json'],
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Distances of the mixed space, each formula written out in float64. */
function distances(vectors: NpyArray): number[][] {
  const space = JSON.parse(readFileSync(at('model/space.json'), 'utf8'));
  const [flat, curved] = space.factors;
  const c = -curved.space.curvature;
  const rows = Array.from({ length: N }, (_, i) =>
    Array.from(vectors.data.slice(8 * i, 8 * i + 8) as Float32Array),
  );
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, k) => sum + value * y[k], 0);
  const cosine = (x: number[], y: number[]) => 1 - dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  const poincare = (x: number[], y: number[]) => {
    const difference = x.map((value, k) => value - y[k]);
    const room = (1 - c * dot(x, x)) * (1 - c * dot(y, y));
    return Math.acosh(1 + (2 * c * dot(difference, difference)) / room) / Math.sqrt(c);
  };
  return rows.map((x) =>
    rows.map(
      (y) =>
        flat.weight * cosine(x.slice(0, 4), y.slice(0, 4)) + curved.weight * poincare(x.slice(4), y.slice(4)),
    ),
  );
}

describe('config, train, embed, index build, index query on one another’s output', () => {
  it('all succeed, say nothing but notices on stderr, and leave what they promise and nothing else', () => {
    for (const { code, stderr } of Object.values(outcomes)) {
      expect(linesWithoutNotices(stderr)).toEqual([]);
      expect(code).toBe(0);
    }
    expect(listing(folder)).toEqual(
      [
        ...['E.npz', 'R.npz', 'digits.npy', 'index.gyro', 'labels.npy', 'model', 'tiny.json'],
        ...['config', 'manifest', 'metrics', 'space'].map((name) => `model/${name}.json`),
        'model/weights.safetensors',
      ].sort(),
    );
  });

  it('give JSON alone on stdout with --json', () => {
    const json = Object.fromEntries(
      Object.entries(outcomes).map(([name, { stdout }]) => [name, JSON.parse(stdout)]),
    );
    expect(json).toMatchObject({
      train: { model: 'model', steps: 4, loss: expect.any(Number), seconds: expect.any(Number) },
      embed: { out: 'E.npz', items: N, columns: 8 },
      build: { out: 'index.gyro', size: N, engine: 'hnsw', unreachable: 0 },
      query: { out: 'R.npz', queries: N, k: K, size: N },
    });
  });

  it('embed: ids are row numbers, vectors are the heads side by side, labels are kept', () => {
    const { ids, euclidean, poincare, vectors, labels } = arrays('E.npz');
    expect(ids).toEqual({ data: BigInt64Array.from({ length: N }, (_, i) => BigInt(i)), shape: [N] });
    expect([euclidean.shape, poincare.shape, vectors.shape]).toEqual([
      [N, 4],
      [N, 4],
      [N, 8],
    ]);
    for (let i = 0; i < N; i++) {
      expect(vectors.data.slice(8 * i, 8 * i + 8)).toEqual(
        Float32Array.from([
          ...(euclidean.data.slice(4 * i, 4 * i + 4) as Float32Array),
          ...(poincare.data.slice(4 * i, 4 * i + 4) as Float32Array),
        ]),
      );
    }
    expect(labels).toEqual(parseNpy(readFileSync(at('labels.npy')), 'labels'));
  });

  it('query: each image finds itself first, then the nearest, at the distances of the formulas', () => {
    const { ids, distances: found } = arrays('R.npz');
    expect([ids.data.constructor.name, ids.shape]).toEqual(['BigInt64Array', [N, K]]);
    expect([found.data.constructor.name, found.shape]).toEqual(['Float32Array', [N, K]]);
    distances(arrays('E.npz')['vectors']).forEach((row, i) => {
      const order = [...row.keys()].sort((a, b) => row[a] - row[b] || a - b).slice(0, K);
      expect(order[0]).toBe(i);
      expect(Array.from(ids.data.slice(i * K, i * K + K), Number)).toEqual(order);
      const got = Array.from(found.data.slice(i * K, i * K + K), Number);
      expect(got).toEqual([...got].sort((a, b) => a - b));
      got.forEach((distance, j) => {
        const exact = row[order[j]];
        expect(Math.abs(distance - exact)).toBeLessThanOrEqual(FLOAT32 * Math.max(1, exact));
      });
    });
  });
});

describe('index', () => {
  it('query --exact finds the same; with k beyond n the rest is -1 at infinite distance', async () => {
    const { code } = await run(
      ...['index', 'query', 'index.gyro', '--queries', 'E.npz', '--exact'],
      ...['--k', String(N + 3), '--out', 'exact.npz'],
    );
    expect(code).toBe(0);
    const graph = arrays('R.npz');
    const exact = arrays('exact.npz');
    expect(exact['ids'].shape).toEqual([N, N + 3]);
    for (let i = 0; i < N; i++) {
      const row = exact['ids'].data.slice(i * (N + 3), (i + 1) * (N + 3)) as BigInt64Array;
      expect(row.slice(0, K)).toEqual(graph['ids'].data.slice(i * K, i * K + K));
      expect(new Set(row.slice(0, N)).size).toBe(N);
      expect(row.slice(N)).toEqual(BigInt64Array.of(-1n, -1n, -1n));
      expect(exact['distances'].data.slice(i * (N + 3) + N, (i + 1) * (N + 3))).toEqual(
        new Float32Array(3).fill(Number.POSITIVE_INFINITY),
      );
    }
  });

  it('build takes .npy vectors with ids of their own, and query gives those ids', async () => {
    const { vectors } = arrays('E.npz');
    writeNpy(at('V.npy'), vectors.data, vectors.shape);
    const ids = BigInt64Array.from({ length: N }, (_, i) => 10n ** 12n + BigInt(7 * i));
    writeNpy(at('ids.npy'), ids, [N]);
    const built = await run(
      ...['index', 'build', '--vectors', 'V.npy', '--space', 'model/space.json'],
      ...['--ids', 'ids.npy', '--out', 'named.gyro'],
    );
    const asked = await run(
      ...['index', 'query', 'named.gyro', '--queries', 'V.npy', '--k', '1', '--out', 'named.npz'],
    );
    expect([built.code, asked.code]).toEqual([0, 0]);
    expect(arrays('named.npz')['ids']).toEqual({ data: ids, shape: [N, 1] });
  });

  it('info describes the file', async () => {
    const text = await run('index', 'info', 'index.gyro');
    expect(text.stdout).toContain(`${N} points of 8 columns`);
    const { stdout } = await run('index', 'info', 'index.gyro', '--json');
    const space = JSON.parse(readFileSync(at('model/space.json'), 'utf8'));
    expect(JSON.parse(stdout)).toMatchObject({ size: N, columns: 8, space, m: 16, efConstruction: 200 });
  });
});

describe('embed', () => {
  it('gives the same vectors for float32 in 0..1 as for uint8, under the ids given', async () => {
    const { data, shape } = parseNpy(readFileSync(at('digits.npy')), 'digits');
    writeNpy(
      at('float.npy'),
      Float32Array.from(data as Uint8Array, (v) => v / 255),
      shape,
    );
    const ids = BigInt64Array.from({ length: N }, (_, i) => BigInt(N - i));
    writeNpy(at('own.npy'), ids, [N]);
    const { code, stdout } = await run(
      ...['embed', 'model', 'float.npy', '--ids', 'own.npy', '--out', 'deep/down/F.npz'],
    );
    expect([code, stdout]).toEqual([0, `${N} items of 8 columns in deep/down/F.npz\n`]);
    const embedded = arrays('deep/down/F.npz');
    expect(embedded['ids'].data).toEqual(ids);
    expect(embedded['vectors']).toEqual(arrays('E.npz')['vectors']);
    expect(Object.keys(embedded)).not.toContain('labels');
  });
});

describe('config', () => {
  it('prints a config that is complete: reading it changes nothing', () => {
    const config = JSON.parse(outcomes['config'].stdout);
    expect(modelConfigSchema.parse(config)).toEqual(config);
  });

  it('--schema prints a JSON Schema with every key of the config and no others', async () => {
    const { stdout } = await run('config', 'quickstart', '--schema', '--json');
    const schema = JSON.parse(stdout);
    expect(schema.$schema).toMatch(/json-schema\.org/);
    expect(schema.additionalProperties).toBe(false);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(JSON.parse(outcomes['config'].stdout)));
    expect(schema.required).toEqual(['schemaVersion']);
  });
});

describe('negatives', () => {
  it('compares the heads of E.npz and their sum, in tables and as JSON', async () => {
    const flags = ['negatives', 'E.npz', '--model', 'model', '--block', '20'];
    const [table, json] = await Promise.all([run(...flags), run(...flags, '--json')]);
    expect([table.code, json.code, table.stderr, json.stderr]).toEqual([0, 0, '', '']);
    expect(table.stdout).toMatch(/in blocks of 20: \d+ anchors/);
    expect(table.stdout).toMatch(/Euclidean \/ Poincaré/);
    const { arms, blocks, whole, orders } = JSON.parse(json.stdout);
    expect(arms).toEqual(['Euclidean', 'Poincaré', 'mixed']);
    expect([blocks.anchors, whole.anchors, orders.length]).toEqual([N, N, 3]);
    for (const { own, matched } of blocks.arms) {
      expect(own.mass.mean).toBeGreaterThan(own.largest.mean);
      expect(own.mass.mean).toBeLessThan(1);
      expect(matched.spread).toBeCloseTo(blocks.arms[0].own.spread, 9);
    }
  });

  it('compares the heads of a model on all test digits, with a page of thumbnails', async () => {
    const { code, stdout } = await run(
      'negatives',
      'model',
      '--no-whole',
      '--json',
      '--out',
      'negatives.html',
    );
    expect(code).toBe(0);
    const { blocks, whole, page } = JSON.parse(stdout);
    expect(blocks.arms.map(({ space }: { space: { kind: string } }) => space.kind)).toEqual([
      ...['cosine', 'poincare', 'product'],
    ]);
    expect([blocks.items, whole, page]).toEqual([10_000, null, 'negatives.html']);
    const html = readFileSync(at('negatives.html'), 'utf8');
    expect(html).toContain('10,000 turned test digits');
    expect(html.match(/data:image\/png/g)!.length).toBeGreaterThan(100);
  });
});

describe('train', () => {
  it('puts a new model in the place of an older one', async () => {
    const before = readFileSync(at('model/manifest.json'), 'utf8');
    writeFileSync(at('other.json'), JSON.stringify({ ...TINY, seed: 4 }));
    const { code, stdout } = await run('train', 'other.json', '--out', 'model');
    expect(code).toBe(0);
    expect(stdout).toBe('model in model; next: gyrometric embed model IMAGES.npy --out E.npz\n');
    expect(readFileSync(at('model/manifest.json'), 'utf8')).not.toBe(before);
    expect(listing(folder).filter((path) => /^\./.test(path))).toEqual([]);
  });
});
