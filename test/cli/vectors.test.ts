import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpz, parseNpz } from '../../src/core/npz.js';
import { Rng } from '../../src/core/rng.js';
import { parseVectorConfig } from '../../src/model/vectors/config.js';
import { writeNpy } from './inputs.js';
import { gyrometric, listing, type Outcome, sentenceOf } from './run.js';

const N = 160;
const COLUMNS = 8;
const CLASSES = 8;
const folder = mkdtempSync(join(tmpdir(), 'gyrometric-vectors-cli-'));
const at = (name: string) => join(folder, name);
const run = (...args: string[]) => gyrometric(args, { cwd: folder });
const arrays = (name: string) => parseNpz(readFileSync(at(name)), name);
const json = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
const outcomes: Record<string, Outcome> = {};

/** Columns 0..2 tell the classes, the others are wide noise; labels begin far from 0. */
function rows(): { data: Float64Array; labels: BigInt64Array } {
  const rng = new Rng(1);
  const centres = Array.from({ length: CLASSES * 3 }, () => rng.normal());
  const data = Float64Array.from({ length: N * COLUMNS }, (_, at) => {
    const [i, j] = [Math.floor(at / COLUMNS), at % COLUMNS];
    return j < 3 ? centres[(i % CLASSES) * 3 + j] + 0.1 * rng.normal() : 3 * rng.normal();
  });
  const labels = BigInt64Array.from({ length: N }, (_, i) => -(2n ** 60n) + BigInt(i % CLASSES));
  return { data, labels };
}

function writeInputs(): void {
  const { data, labels } = rows();
  writeNpy(at('X.npy'), data, [N, COLUMNS]);
  writeNpy(at('Y.npy'), labels, [N]);
  writeFileSync(
    at('X.npz'),
    formatNpz({ vectors: { data, shape: [N, COLUMNS] }, labels: { data: labels, shape: [N] } }),
  );
  const changed = (name: string, change: (copy: Float64Array) => void) => {
    const copy = data.slice();
    change(copy);
    writeNpy(at(name), copy, [N, COLUMNS]);
  };
  changed('nan.npy', (copy) => copy.fill(Number.NaN, 3 * COLUMNS + 1, 3 * COLUMNS + 2));
  changed('huge.npy', (copy) => copy.fill(1e39, 5 * COLUMNS, 5 * COLUMNS + 1));
  changed('equal.npy', (copy) => copy.fill(2));
  changed('constant.npy', (copy) => {
    for (let i = 7; i < copy.length; i += COLUMNS) copy[i] = 5;
  });
  writeNpy(at('flat.npy'), data, [N * COLUMNS]);
  writeNpy(at('whole.npy'), labels, [N, 1]);
  writeNpy(at('few.npy'), data.slice(0, 6 * COLUMNS), [6, COLUMNS]);
  writeNpy(at('fewY.npy'), labels.slice(0, 6), [6]);
  writeNpy(at('none.npy'), new Float32Array(0), [0, COLUMNS]);
  writeNpy(at('noneY.npy'), new Int32Array(0), [0]);
  writeNpy(at('oneY.npy'), new Int32Array(N), [N]);
  writeNpy(at('shortY.npy'), labels.slice(1), [N - 1]);
  writeNpy(at('realY.npy'), new Float32Array(N), [N]);
  writeNpy(at('narrow.npy'), data.slice(0, N * 7), [N, 7]);
  writeFileSync(at('quick.json'), JSON.stringify(QUICK));
}

const QUICK = {
  ...{ schemaVersion: 1, kind: 'vectors', encoder: { hidden: 8 } },
  training: { steps: 30, batchSize: 40, warmup: 3, learningRate: 0.02, evaluateEvery: 10 },
};

/** Each command on what the one before it left. */
beforeAll(async () => {
  writeInputs();
  const flags = [
    '--vectors',
    'X.npy',
    '--labels',
    'Y.npy',
    '--dim',
    '4',
    '--curvature',
    '-0.5',
    '--seed',
    '4',
  ];
  outcomes['train'] = await run('train', 'quick.json', ...flags, '--out', 'heads', '--json');
  outcomes['embed'] = await run('embed', 'heads', 'X.npy', '--labels', 'Y.npy', '--out', 'E.npz');
  const built = ['--vectors', 'E.npz', '--space', 'heads/space.json', '--out', 'my.gyro'];
  outcomes['build'] = await run('index', 'build', ...built);
  const query = ['index', 'query', 'my.gyro', '--queries', 'E.npz', '--k', '4', '--out', 'found.npz'];
  outcomes['query'] = await run(...query);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('gyrometric train --vectors', () => {
  it('leaves a model folder and scores before and after, with intervals', () => {
    expect(Object.values(outcomes).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(listing(at('heads'))).toEqual([
      ...['config.json', 'manifest.json', 'metrics.json', 'space.json', 'weights.safetensors'],
    ]);
    const { model, ...metrics } = JSON.parse(outcomes['train'].stdout);
    expect(model).toBe('heads');
    expect(json('heads/metrics.json')).toEqual(metrics);
    expect(metrics).toMatchObject({
      ...{ schemaVersion: 1, kind: 'vectors', seed: 4 },
      data: { vectors: N, columns: COLUMNS, classes: CLASSES, heldOut: 'items', singles: 0 },
    });
    const { train, validation, test } = metrics.data;
    expect(train + validation + test).toBe(N);
    const { rawCosine, rawEuclidean, ensemble, euclidean, hyperbolic } = metrics.retrieval;
    for (const { mapAtR, interval } of [rawCosine, rawEuclidean, ensemble, euclidean, hyperbolic]) {
      expect(interval.mapAtR[0]).toBeLessThanOrEqual(mapAtR);
      expect(interval.mapAtR[1]).toBeGreaterThanOrEqual(mapAtR);
    }
    expect(ensemble.mapAtR).toBeGreaterThan(0.8);
    expect(Math.max(rawCosine.mapAtR, rawEuclidean.mapAtR)).toBeLessThan(0.4);
    expect(metrics.gain.interval[0]).toBeGreaterThan(0.4);
  });

  it('lays flags over the config, and keeps what it used', () => {
    expect(json('heads/config.json')).toMatchObject({
      ...{ kind: 'vectors', seed: 4, encoder: { hidden: 8 } },
      heads: { euclidean: { dim: 4 }, poincare: { dim: 4, curvature: -0.5 } },
      training: { steps: 30, perClass: 5 },
    });
    expect(json('heads/space.json').factors.map(({ space }: { space: object }) => space)).toEqual([
      ...[
        { kind: 'cosine', dim: 4 },
        { kind: 'poincare', dim: 4, curvature: -0.5 },
      ],
    ]);
  });

  it('gives vectors that an index takes, each its own nearest, and neighbours of its class', () => {
    const { vectors, labels, euclidean, poincare } = arrays('E.npz');
    expect([vectors.shape, euclidean.shape, poincare.shape]).toEqual([
      ...[
        [N, 8],
        [N, 4],
        [N, 4],
      ],
    ]);
    expect(labels.data).toEqual(rows().labels);
    const ids = arrays('found.npz')['ids'].data as BigInt64Array;
    let same = 0;
    for (let i = 0; i < N; i++) {
      expect(ids[4 * i]).toBe(BigInt(i));
      for (let r = 1; r < 4; r++) same += Number(ids[4 * i + r]) % CLASSES === i % CLASSES ? 1 : 0;
    }
    expect(same / (3 * N)).toBeGreaterThan(0.9);
  });

  it('takes vectors and labels of one .npz to the same model, and prints a table', async () => {
    const flags = [
      '--vectors',
      'X.npz',
      '--dim',
      '4',
      '--curvature',
      '-0.5',
      '--seed',
      '4',
      '--out',
      'again',
    ];
    const { code, stdout } = await run('train', 'quick.json', ...flags);
    expect(code).toBe(0);
    expect(readFileSync(at('again/weights.safetensors'))).toEqual(
      readFileSync(at('heads/weights.safetensors')),
    );
    expect(stdout).toMatch(/R@1 +R@10 +MAP@R/);
    expect(stdout).toMatch(/^before: cosine +\d/m);
    expect(stdout).toMatch(/^after: both \(ensemble\) +\d/m);
    expect(stdout).toContain('next: gyrometric embed again VECTORS.npy --out E.npz');
    const embedded = await run('embed', 'again', 'X.npz', '--out', 'E2.npz');
    expect([embedded.code, arrays('E2.npz')]).toEqual([0, arrays('E.npz')]);
  });

  it('holds out whole classes on request', async () => {
    const flags = ['--vectors', 'X.npz', '--unseen-classes', '--steps', '20', '--hidden', '0', '--json'];
    const { code, stdout } = await run('train', 'quick.json', ...flags, '--out', 'unseen');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).data).toMatchObject({
      heldOut: 'classes',
      train: 80,
      validation: 40,
      test: 40,
    });
  });

  it('leaves constant columns out and says so', async () => {
    const flags = ['--vectors', 'constant.npy', '--labels', 'Y.npy', '--steps', '10', '--out', 'constant'];
    const { code, stdout } = await run('train', 'quick.json', ...flags);
    expect([code, stdout.includes('1 columns are constant')]).toEqual([0, true]);
  });
});

describe('gyrometric negatives with models of vectors', () => {
  it('compares both heads and their sum on the vectors that are given', async () => {
    const { code, stdout } = await run(
      'negatives',
      'heads',
      '--data',
      'X.npy',
      '--labels',
      'Y.npy',
      '--json',
    );
    expect(code).toBe(0);
    const { arms, blocks, data } = JSON.parse(stdout);
    expect([arms, blocks.items, blocks.classes, data]).toEqual([
      ...[['Euclidean', 'Poincaré', 'mixed'], N, CLASSES, '160 vectors of X.npy'],
    ]);
    const [{ own }, { space }] = blocks.arms;
    expect([own.temperature, space]).toEqual([0.1, { kind: 'poincare', dim: 4, curvature: -0.5 }]);
  });

  it('compares two models and an E.npz by their names, alike where they are the same model', async () => {
    cpSync(at('heads'), at('twin'), { recursive: true });
    const flags = ['--data', 'X.npz', '--model', 'heads', '--no-whole', '--json'];
    const { code, stdout } = await run('negatives', 'heads', 'twin', 'E.npz', ...flags);
    expect(code).toBe(0);
    const { arms, blocks } = JSON.parse(stdout);
    expect(arms.filter((name: string) => /Poincaré/.test(name))).toEqual([
      ...['heads Poincaré', 'twin Poincaré', 'E Poincaré'],
    ]);
    const [a, b] = [arms.indexOf('heads Poincaré'), arms.indexOf('E Poincaré')];
    const pair = blocks.pairs.find(({ arms: [x, y] }: { arms: number[] }) => x === a && y === b);
    expect([pair.hardestDiffer.mean, pair.widestInversion]).toEqual([0, 0]);
  });

  it('refuses them without vectors, without labels, and beside other items', async () => {
    const sentence = async (...args: string[]) => {
      const outcome = await run('negatives', ...args);
      expect(outcome.code).toBe(2);
      return sentenceOf(outcome);
    };
    expect(await sentence('heads')).toMatch(/^negatives heads: expected --data FILE, got "none"/);
    expect(await sentence('heads', '--data', 'X.npy')).toMatch(/--data: expected --labels L.npy/);
    expect(await sentence('heads', '--data', 'nan.npy', '--labels', 'Y.npy')).toMatch(/nan.npy row 3/);
    expect(await sentence('heads', '--data', 'narrow.npy', '--labels', 'Y.npy')).toMatch(/of 8 columns/);
    expect(await sentence('heads', '--data', 'X.npy', '--labels', 'shortY.npy')).toMatch(/shape \(160,\)/);
  });
});

const X = ['--vectors', 'X.npy'];
const Y = ['--labels', 'Y.npy'];

describe('gyrometric config vectors', () => {
  it('prints a config that is complete, and --schema what it may hold', async () => {
    const [config, schema] = await Promise.all([
      run('config', 'vectors'),
      run('config', 'vectors', '--schema', '--json'),
    ]);
    expect([config.code, schema.code, config.stderr, schema.stderr]).toEqual([0, 0, '', '']);
    const printed = JSON.parse(config.stdout);
    expect(parseVectorConfig(printed)).toEqual(printed);
    expect(Object.keys(JSON.parse(schema.stdout).properties)).toEqual(Object.keys(printed));
  });

  it('is what a training starts from: with the same settings, the weights are the same', async () => {
    const printed = JSON.parse((await run('config', 'vectors')).stdout);
    const { encoder, training } = QUICK;
    const changed = { ...printed, encoder, training: { ...printed.training, ...training } };
    writeFileSync(at('ready.json'), JSON.stringify(changed));
    const flags = ['--vectors', 'X.npy', '--labels', 'Y.npy', '--out', 'ready'];
    const same = ['--seed', '4', '--dim', '4', '--curvature', '-0.5'];
    const { code } = await run('train', 'ready.json', ...flags, ...same);
    expect(code).toBe(0);
    const weights = (model: string) => readFileSync(at(`${model}/weights.safetensors`));
    expect(weights('ready').equals(weights('heads'))).toBe(true);
  });
});

describe('gyrometric train --vectors refuses in one sentence, and writes nothing,', () => {
  it.concurrent.each<readonly [flags: readonly string[], sentence: RegExp]>([
    [['--vectors', 'absent.npy', ...Y], /^--vectors: .*exists, got "absent.npy"/],
    [X, /expected --labels Y.npy, got "none"/],
    [[...X, '--labels', 'absent.npy'], /exists, got "absent.npy"/],
    [[...X, '--labels', 'shortY.npy'], /^shortY.npy: expected shape \(160,\), got "\(159\)"/],
    [[...X, '--labels', 'whole.npy'], /^whole.npy: expected shape \(160,\)/],
    [[...X, '--labels', 'realY.npy'], /^realY.npy: expected int64, int32 or uint8/],
    [[...X, '--labels', 'oneY.npy'], /^labels: expected at least two classes, got 1/],
    [['--vectors', 'nan.npy', ...Y], /nan.npy row 3: expected finite .*got NaN/],
    [['--vectors', 'huge.npy', ...Y], /huge.npy row 5: .*range of float32, got Infinity/],
    [['--vectors', 'equal.npy', ...Y], /^vectors: expected vectors that differ/],
    [['--vectors', 'flat.npy', ...Y], /flat.npy: expected float32 or float64 \[n, columns\]/],
    [
      ['--vectors', 'few.npy', '--labels', 'fewY.npy'],
      /^train part: expected two classes, .*got "0 of 6 classes/,
    ],
    [['--vectors', 'none.npy', '--labels', 'noneY.npy'], /^none.npy: expected vectors \[n, columns\]/],
    [[...X, ...Y, '--curvature', '1'], /curvature: expected .*<0, got 1/],
    [[...X, ...Y, '--hidden', '-1'], /^--hidden: expected a whole number >= 0/],
    [[...X, ...Y, '--dim', '1'], /dim: expected .*>=2, got 1/],
    [[...X, ...Y, '--val-share', '0.6', '--test-share', '0.5'], /together below 1, got "0.6 and 0.5"/],
    [[...X, ...Y, '--epochs', '3', '--steps', '3'], /--epochs or --steps, got "both"/],
    [[...X, ...Y, '--epochs', 'many'], /^--epochs: expected a number, got "many"/],
    [[...X, ...Y, '--space', 'sphere'], /^train --vectors: expected no --space/],
    [[...X, ...Y, '--tree', 'edges.tsv'], /expected --vectors, --points or --tree, got "several"/],
    [['quick.json'], /^quick.json: expected --vectors beside a config of vectors/],
    [['--tree', 'edges.tsv', '--hidden', '3'], /^train --tree: expected no --hidden/],
  ])('%j', async (flags, sentence) => {
    const outcome = await run('train', ...flags, '--out', 'refused');
    expect(sentenceOf(outcome)).toMatch(sentence);
    expect(outcome.code).toBe(2);
    expect(listing(folder)).not.toContain('refused');
  });
});

describe('gyrometric embed with a model of vectors', () => {
  it('refuses vectors of another width, rows that are not finite, and images', async () => {
    const narrow = await run('embed', 'heads', 'narrow.npy', '--out', 'made.npz');
    expect(sentenceOf(narrow)).toMatch(
      /^narrow.npy: expected at least one vector of 8 columns, got "160 of 7"/,
    );
    const nan = await run('embed', 'heads', 'nan.npy', '--out', 'made.npz');
    expect(sentenceOf(nan)).toMatch(/nan.npy row 3: expected finite/);
    const flat = await run('embed', 'heads', 'flat.npy', '--out', 'made.npz');
    expect(sentenceOf(flat)).toMatch(/expected float32 or float64 \[n, columns\]/);
    expect([narrow.code, nan.code, flat.code]).toEqual([2, 2, 2]);
    expect(listing(folder)).not.toContain('made.npz');
  });
});
