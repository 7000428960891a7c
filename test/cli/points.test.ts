import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpz, parseNpz } from '../../src/core/npz.js';
import { Rng } from '../../src/core/rng.js';
import { randomRotation } from '../../src/symmetry/so3/quaternion.js';
import { writeNpy } from './inputs.js';
import { gyrometric, listing, type Outcome, sentenceOf } from './run.js';

const N = 48;
const POINTS = 5;
const CLASSES = 4;
const folder = mkdtempSync(join(tmpdir(), 'gyrometric-points-cli-'));
const at = (name: string) => join(folder, name);
const run = (...args: string[]) => gyrometric(args, { cwd: folder });
const arrays = (name: string) => parseNpz(readFileSync(at(name)), name);
const outcomes: Record<string, Outcome> = {};

/** Clouds of 3 to 5 points: a corner of a class's own lengths, elsewhere and turned in every one. */
function clouds(rng: Rng): { points: Float32Array; sizes: Int32Array; labels: BigInt64Array } {
  const points = new Float32Array(N * POINTS * 3);
  const sizes = Int32Array.from({ length: N }, (_, i) => 3 + (i % 3));
  for (let i = 0; i < N; i++) {
    for (let p = 0; p < sizes[i]; p++)
      for (let k = 0; k < 3; k++) {
        const along = k === p % 3 ? 1 + (i % CLASSES) * (k + 1) + Math.floor(p / 3) : 0;
        points[(i * POINTS + p) * 3 + k] = along + 0.02 * rng.normal();
      }
  }
  return { points, sizes, labels: BigInt64Array.from({ length: N }, (_, i) => BigInt(7 + (i % CLASSES))) };
}

/** Every cloud turned, moved and in another order. */
function moved(points: Float32Array, sizes: Int32Array, rng: Rng): Float32Array {
  const out = new Float32Array(points.length);
  for (let i = 0; i < N; i++) {
    const R = randomRotation(rng);
    const shift = [rng.normal(), rng.normal(), rng.normal()];
    const order = rng.permutation(sizes[i]);
    for (let p = 0; p < sizes[i]; p++)
      for (let k = 0; k < 3; k++) {
        const from = (i * POINTS + order[p]) * 3;
        const turned =
          R[3 * k] * points[from] + R[3 * k + 1] * points[from + 1] + R[3 * k + 2] * points[from + 2];
        out[(i * POINTS + p) * 3 + k] = turned + shift[k];
      }
  }
  return out;
}

function writeInputs(): void {
  const rng = new Rng(1);
  const { points, sizes, labels } = clouds(rng);
  const shape = [N, POINTS, 3];
  const save = (name: string, data: Float32Array, other = sizes) =>
    writeFileSync(
      at(name),
      formatNpz({
        points: { data, shape },
        sizes: { data: other, shape: [N] },
        labels: { data: labels, shape: [N] },
      }),
    );
  save('clouds.npz', points);
  save('moved.npz', moved(points, sizes, rng));
  save(
    'long.npz',
    points,
    sizes.map((size, i) => (i === 2 ? 6 : size)),
  );
  save(
    'nan.npz',
    points.map((value, k) => (k === 4 * POINTS * 3 + 1 ? Number.NaN : value)),
  );
  writeNpy(at('flat.npy'), points, [N, POINTS * 3]);
  writeNpy(at('plane.npy'), points.slice(0, N * POINTS * 2), [N, POINTS, 2]);
  writeNpy(at('none.npy'), new Float32Array(0), [0, POINTS, 3]);
  writeNpy(at('unlabelled.npy'), points, shape);
  writeNpy(
    at('sets.npy'),
    Int32Array.from({ length: N * 4 }, (_, k) => (Math.floor(k / 4) + (k % 2)) % 3),
    [N, 4],
  );
  writeNpy(at('Y.npy'), labels, [N]);
  writeFileSync(at('quick.json'), JSON.stringify(QUICK));
  writeFileSync(
    at('sets.json'),
    JSON.stringify({ ...QUICK, encoder: { kind: 'set', maxPoints: 4, dim: 3, width: 8 } }),
  );
}

const QUICK = {
  ...{ schemaVersion: 1, kind: 'pointSets' },
  encoder: { kind: 'cloud', maxPoints: POINTS, layers: 1, scalars: 8, vectors: 4, codeDim: 8 },
  heads: { euclidean: { dim: 4 }, poincare: { dim: 4 } },
  training: { steps: 30, classesPerBatch: 4, perClass: 4, warmup: 3, learningRate: 0.01, reportEvery: 10 },
};

/** Each command on what the one before it left. */
beforeAll(async () => {
  writeInputs();
  outcomes['train'] = await run(
    'train',
    'quick.json',
    '--points',
    'clouds.npz',
    '--seed',
    '4',
    '--out',
    'M',
    '--json',
  );
  outcomes['embed'] = await run('embed', 'M', 'clouds.npz', '--out', 'E.npz');
  outcomes['moved'] = await run('embed', 'M', 'moved.npz', '--out', 'moved-E.npz');
  const built = ['--vectors', 'E.npz', '--space', 'M/space.json', '--out', 'my.gyro'];
  outcomes['build'] = await run('index', 'build', ...built);
  const query = ['index', 'query', 'my.gyro', '--queries', 'moved-E.npz', '--k', '2', '--out', 'found.npz'];
  outcomes['query'] = await run(...query);
  outcomes['sets'] = await run(
    'train',
    'sets.json',
    '--points',
    'sets.npy',
    '--labels',
    'Y.npy',
    '--out',
    'S',
  );
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('gyrometric train --points', () => {
  it('leaves a model folder and the scores of what it held out', () => {
    expect(Object.values(outcomes).map(({ code, stderr }) => (code ? stderr : code))).toEqual(
      Array(6).fill(0),
    );
    expect(listing(at('M'))).toEqual([
      ...['config.json', 'manifest.json', 'metrics.json', 'space.json', 'weights.safetensors'],
    ]);
    const { model, ...metrics } = JSON.parse(outcomes['train'].stdout);
    expect(model).toBe('M');
    expect(JSON.parse(readFileSync(at('M/metrics.json'), 'utf8'))).toEqual(metrics);
    expect(metrics).toMatchObject({
      schemaVersion: 1,
      kind: 'pointSets',
      seed: 4,
      data: { classes: CLASSES },
    });
    expect(metrics.data.train + metrics.data.test).toBe(N);
    expect(metrics.history.at(-1).parts).toHaveProperty('reconstruction');
    for (const head of ['euclidean', 'hyperbolic', 'ensemble'])
      expect(metrics.retrieval[head].mapAtR).toBeGreaterThan(0.5);
  });

  it('writes the size of the clouds into its config', () => {
    const { encoder } = JSON.parse(readFileSync(at('M/config.json'), 'utf8'));
    expect(encoder.radius).toBeGreaterThan(1);
    expect(encoder.radius).toBeLessThan(20);
  });

  it('gives a cloud that lies elsewhere, in another order, the same point: an index finds it by it', () => {
    const { vectors } = arrays('E.npz');
    const elsewhere = arrays('moved-E.npz')['vectors'];
    const most = Math.max(
      ...Array.from(vectors.data as Float32Array, (v, k) => Math.abs(v - Number(elsewhere.data[k]))),
    );
    // Unit vectors and points of a ball, a network of float32 products behind them.
    expect(most).toBeLessThan(1e-3);
    const { ids, distances } = arrays('found.npz');
    const nearest = Array.from({ length: N }, (_, i) => Number(ids.data[2 * i]));
    const found = nearest.filter((id, i) => id === i || Number(distances.data[2 * i]) < 0.05).length;
    expect(found).toBe(N);
  });

  it.each([
    ['more points than the array has', 1, ['long.npz'], /sizes, item 2: expected a number in 0..5, got "?6/],
    ['a coordinate that is not finite', 1, ['nan.npz'], /item 4.*finite/],
    ['rows of numbers', 2, ['flat.npy', '--labels', 'Y.npy'], /expected floats \[n, points, 3\]/],
    ['points of a plane', 2, ['plane.npy', '--labels', 'Y.npy'], /expected floats \[n, points, 3\]/],
    ['no items', 2, ['none.npy', '--labels', 'Y.npy'], /at least one item/],
    ['no labels', 2, ['unlabelled.npy'], /--labels/],
  ])('refuses %s', async (_, code, given, sentence) => {
    const outcome = await run('train', 'quick.json', '--points', ...given, '--out', 'refused');
    expect(outcome.code).toBe(code);
    expect(sentenceOf(outcome)).toMatch(sentence);
    expect(listing(folder)).not.toContain('refused');
  });

  it('refuses clouds where a model takes sets of classes', async () => {
    const outcome = await run('embed', 'S', 'clouds.npz', '--out', 'no.npz');
    expect([outcome.code, /integers \[n, points\]/.test(sentenceOf(outcome))]).toEqual([2, true]);
  });

  it('asks for --points where the config has no data, and refuses it where it has', async () => {
    const none = await run('train', 'quick.json', '--out', 'refused');
    expect([none.code, /--points FILE/.test(sentenceOf(none))]).toEqual([2, true]);
    const both = await run(
      'train',
      'quick.json',
      '--points',
      'clouds.npz',
      '--vectors',
      'E.npz',
      '--out',
      'refused',
    );
    expect(both.code).toBe(2);
  });
});
