import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openIndex } from '../../indices/index.js';
import { runQuickstart } from '../../src/cli/quickstart/run.js';
import { parseNpz } from '../../src/core/npz.js';
import type { Metrics } from '../../src/core/records.js';
import { loadMnist } from '../../src/data/mnist.js';
import { firstImages } from '../../src/data/split.js';
import { type Engine, openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { parseModelConfig } from '../../src/model/config.js';
import { openModel } from '../../src/model/openModel.js';

/** Few enough digits and steps for a test; the real sizes are the quickstart's own. */
const small = (kind: 'polarCnn' | 'plainCnn') =>
  parseModelConfig({
    schemaVersion: 1,
    seed: 5,
    encoder: { kind, channels: [4, 6, 8, 8] },
    heads: { euclidean: { dim: 8 }, poincare: { dim: 8 } },
    training: { steps: 12, perClass: 3, reportEvery: 4, warmup: 2 },
  });

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-flow-'));
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(name: string): Promise<Metrics> {
  return runQuickstart({
    engine,
    config: small('polarCnn'),
    baseline: small('plainCnn'),
    train: firstImages(loadMnist('train'), 400),
    test: firstImages(loadMnist('test'), 64),
    out: join(folder, name),
    onPhase: () => () => {},
  });
}

const withoutSeconds = ({ seconds: _, ...rest }: Metrics) => rest;

describe('the whole job on a few digits', () => {
  it('leaves model, index, embeddings, metrics and report that fit together, and no tensors', async () => {
    const before = tf.memory().numTensors;
    const metrics = await run('first');
    expect(tf.memory().numTensors).toBe(before);
    const out = join(folder, 'first');
    expect(readdirSync(out).sort()).toEqual([
      'embeddings.npz',
      'index.gyro',
      'metrics.json',
      'model',
      'report.html',
    ]);
    expect(JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'))).toEqual(metrics);

    const arrays = parseNpz(readFileSync(join(out, 'embeddings.npz')), 'embeddings');
    expect(Object.keys(arrays).sort()).toEqual(['euclidean', 'ids', 'labels', 'poincare', 'vectors']);
    expect(arrays['vectors'].shape).toEqual([64, 16]);

    const index = await openIndex(join(out, 'index.gyro'));
    expect(index.size).toBe(64);
    const first = await index.search((arrays['vectors'].data as Float32Array).slice(0, 16), 1);
    expect(first.ids[0]).toBe(0n);
    index.close();

    const report = readFileSync(join(out, 'report.html'), 'utf8').replaceAll(/data:[^"]*/g, '');
    expect(report).toContain('<svg');
    expect(/.{20}(NaN|undefined).{20}/.exec(report)?.[0]).toBeUndefined();
  });

  it('the same seed gives the same metrics but for seconds', async () => {
    const [a, b] = [await run('a'), await run('b')];
    expect(withoutSeconds(b)).toEqual(withoutSeconds(a));
  });

  it('the model opened from disk embeds as the model in memory did', async () => {
    const arrays = parseNpz(readFileSync(join(folder, 'first', 'embeddings.npz')), 'embeddings');
    const model = openModel(join(folder, 'first', 'model'));
    const upright = await model.embed(
      Float32Array.from(loadMnist('test').pixels.subarray(0, 784), (v) => v / 255),
    );
    expect(upright.vectors.columns).toBe(arrays['vectors'].shape[1]);
    expect(model.space).toEqual(
      JSON.parse(readFileSync(join(folder, 'first', 'model', 'space.json'), 'utf8')),
    );
    model.dispose();
  });
});
