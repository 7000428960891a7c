import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNpz } from '../../src/core/npz.js';
import { gyrometric, listing, type Outcome, sentenceOf } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-tree-cli-'));
const at = (name: string) => join(folder, name);
const run = (...args: string[]) => gyrometric(args, { cwd: folder });
const train = (...args: string[]) => run('train', '--tree', ...args, '--out', 'refused');
const arrays = (name: string) => parseNpz(readFileSync(at(name)), name);
const QUICK = { schemaVersion: 1, kind: 'tree', training: { steps: 150 } };
const N = 121;
const outcomes: Record<string, Outcome> = {};

/** Each command on what the one before it left: a tree of 121 nodes with three children each. */
beforeAll(async () => {
  const edges = Array.from({ length: N - 1 }, (_, i) => `node ${i + 1}\tnode ${Math.floor(i / 3)}\n`);
  writeFileSync(at('edges.tsv'), edges.join(''));
  writeFileSync(at('quick.json'), JSON.stringify(QUICK));
  const tree = ['train', 'quick.json', '--tree', 'edges.tsv'];
  outcomes['train'] = await run(...tree, '--dim', '3', '--seed', '4', '--out', 'codes', '--json');
  const built = ['--vectors', 'codes/embeddings.npz', '--space', 'codes/space.json', '--out', 'tree.gyro'];
  outcomes['build'] = await run('index', 'build', ...built);
  const query = ['index', 'query', 'tree.gyro', '--queries', 'codes/embeddings.npz', '--k', '6', '--out'];
  outcomes['query'] = await run(...query, 'found.npz');
  outcomes['exact'] = await run(...query, 'exact.npz', '--exact');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('gyrometric train --tree', () => {
  it('leaves all that an index takes, and scores', () => {
    expect(Object.values(outcomes).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(listing(at('codes'))).toEqual([
      ...['config.json', 'embeddings.npz', 'manifest.json', 'metrics.json', 'nodes.tsv', 'report.html'],
      ...['space.json', 'weights.safetensors'],
    ]);
    const metrics = JSON.parse(outcomes['train'].stdout);
    expect(metrics).toMatchObject({ kind: 'tree', seed: 4, nodes: N, depth: 4, heldOut: true });
    expect(metrics.scores.distortion).toBeLessThan(0.15);
    expect(JSON.parse(readFileSync(at('codes/metrics.json'), 'utf8'))).toEqual(
      Object.fromEntries(Object.entries(metrics).filter(([key]) => key !== 'model')),
    );
    expect(JSON.parse(readFileSync(at('codes/config.json'), 'utf8'))).toMatchObject({
      ...{ dim: 3, space: 'hyperbolic', star: true, training: { steps: 150, nodes: N } },
    });
  });

  it('gives an index whose graph finds the nearest nodes that comparing with all of them finds', () => {
    const [found, exact] = [arrays('found.npz'), arrays('exact.npz')];
    expect(found['ids'].data).toEqual(exact['ids'].data);
    // A node's parent or child is among its first neighbours, itself left out, for nearly all.
    const near = Array.from({ length: N }, (_, i) =>
      Array.from((exact['ids'].data as BigInt64Array).subarray(6 * i, 6 * i + 6), Number).some(
        (j) => j === Math.floor((i - 1) / 3) || Math.floor((j - 1) / 3) === i,
      ),
    );
    expect(near.filter(Boolean).length).toBeGreaterThan(0.9 * N);
  });

  it('gives the same codes for the same seed', async () => {
    const again = await run(
      ...['train', 'quick.json', '--tree', 'edges.tsv', '--dim', '3', '--seed', '4', '--out', 'again'],
    );
    expect(again.code).toBe(0);
    expect(readFileSync(at('again/embeddings.npz'))).toEqual(readFileSync(at('codes/embeddings.npz')));
    expect(again.stdout).toContain('next: gyrometric index build --vectors again/embeddings.npz');
  });

  it('compares spaces of as many numbers when asked to', async () => {
    const compared = await run(
      ...[
        'train',
        'quick.json',
        '--tree',
        'edges.tsv',
        '--dim',
        '2',
        '--compare',
        '--json',
        '--out',
        'compared',
      ],
    );
    const { arms } = JSON.parse(compared.stdout);
    expect(arms.map(({ name }: { name: string }) => name)).toEqual([
      ...['euclidean', 'euclidean+star', 'sphere', 'hyperbolic', 'hyperbolic+star'],
    ]);
    expect(readFileSync(at('compared/report.html'), 'utf8')).toContain('Other spaces with as many numbers');
  }, 60_000);

  it('joins several roots and cuts further parents on request, and says so', async () => {
    writeFileSync(at('wild.tsv'), 'a\tx\nb\ty\na\ty\nc\tx\n');
    const { code, stderr } = await run('train', '--tree', 'wild.tsv', '--first-parent', '--out', 'wild');
    expect(code).toBe(0);
    expect(stderr).toContain('2 roots, joined under one more node, "(root)"');
    expect(stderr).toContain('1 nodes keep the first of several parents, as "a" does');
    expect(readFileSync(at('wild/nodes.tsv'), 'utf8')).toContain('0\ta\t1\n');
  });

  it.each([
    ['a file that is not there', [], 'none.tsv', undefined, 2, '--tree'],
    ['an empty file', [], 'bad.tsv', '', 1, 'at least one edge'],
    ['a line without a tab', [], 'bad.tsv', 'a b\n', 1, 'bad.tsv line 1'],
    ['a cycle', [], 'bad.tsv', 'a\tb\nb\ta\n', 1, 'bad.tsv line 1'],
    ['a second parent', [], 'bad.tsv', 'a\tb\na\tc\n', 1, '--first-parent'],
    ['a dim of 0', ['--dim', '0'], 'edges.tsv', undefined, 2, '--dim'],
    ['an offset and nothing else', ['--dim', '1', '--star'], 'edges.tsv', undefined, 2, '--dim'],
    ['an unknown space', ['--space', 'torus'], 'edges.tsv', undefined, 2, 'space'],
    ['--resume', ['--resume'], 'edges.tsv', undefined, 2, '--resume'],
  ])('refuses %s in one sentence and writes nothing', async (_, flags, file, content, code, named) => {
    if (content !== undefined) writeFileSync(at(file), content);
    const outcome = await train(file, ...flags);
    expect(outcome.code).toBe(code);
    expect(sentenceOf(outcome)).toContain(named);
    expect(listing(folder)).not.toContain('refused');
  });

  it('refuses neither a config nor a tree, a network config, and a folder with other files', async () => {
    expect(sentenceOf(await run('train', '--out', 'refused'))).toContain(
      'a config file, --tree, --vectors or --points',
    );
    writeFileSync(at('network.json'), '{"schemaVersion":1,"encoder":{}}');
    expect(
      sentenceOf(await run('train', 'network.json', '--tree', 'edges.tsv', '--out', 'refused')),
    ).toContain('network.json: kind');
    expect(sentenceOf(await run('train', '--tree', 'edges.tsv', '--out', '.'))).toContain('other files');
  });

  it('explains itself with an example', async () => {
    const { code, stdout } = await run('train', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('gyrometric train --tree taxonomy.tsv --dim 3 --out codes');
  });
});
