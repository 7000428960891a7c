import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { writeNpy } from './inputs.js';
import { gyrometric, listing, PROGRAM, sentenceOf } from './run.js';

const N = 120;
const DIM = 4;
const folder = mkdtempSync(join(tmpdir(), 'gyrometric-negatives-cli-'));
const at = (name: string) => join(folder, name);
const run = (...args: string[]) => gyrometric(args, { cwd: folder });

/** Unit vectors in float64, and the same through exp0 of the ball of curvature -1: tanh(1) of their length. */
function unitVectors(): { flat: Float64Array; ball: Float64Array } {
  const rng = new Rng(3);
  const flat = new Float64Array(N * DIM);
  for (let i = 0; i < N; i++) {
    const v = Float64Array.from({ length: DIM }, () => rng.normal());
    flat.set(
      v.map((value) => value / Math.hypot(...v)),
      i * DIM,
    );
  }
  return { flat, ball: flat.map((value) => Math.tanh(1) * value) };
}

beforeAll(() => {
  const { flat, ball } = unitVectors();
  writeNpy(at('flat.npy'), flat, [N, DIM]);
  writeNpy(at('ball.npy'), ball, [N, DIM]);
  const labels = BigInt64Array.from({ length: N }, (_, i) => 1_000_000_000_000n + BigInt(i % 10));
  writeNpy(at('Y.npy'), labels, [N]);
  writeNpy(at('shortY.npy'), labels.slice(1), [N - 1]);
  writeNpy(at('oneY.npy'), new Int32Array(N), [N]);
  writeNpy(
    at('eachY.npy'),
    Int32Array.from({ length: N }, (_, i) => i),
    [N],
  );
  const broken = flat.slice();
  broken[7 * DIM + 2] = Number.NaN;
  writeNpy(at('nan.npy'), broken, [N, DIM]);
  const zero = flat.slice();
  zero.fill(0, 2 * DIM, 3 * DIM);
  writeNpy(at('zero.npy'), zero, [N, DIM]);
  writeNpy(at('none.npy'), new Float32Array(0), [0, DIM]);
  writeNpy(at('images.npy'), new Uint8Array(N * 12).fill(7), [N, 2, 2, 3]);
  writeNpy(at('fewImages.npy'), new Uint8Array(4 * 4).fill(7), [4, 2, 2]);
  writeNpy(at('floatImages.npy'), new Float32Array(N * 4), [N, 2, 2]);
  writeFileSync(at('cosine.json'), JSON.stringify({ kind: 'cosine', dim: DIM }));
  writeFileSync(at('ball.json'), JSON.stringify({ kind: 'poincare', dim: DIM, curvature: -1 }));
  writeFileSync(at('plane.json'), JSON.stringify({ kind: 'euclidean', dim: DIM }));
  const many = new Rng(5);
  writeNpy(
    at('many.npy'),
    Float32Array.from({ length: 24_000 * 8 }, () => many.normal()),
    [24_000, 8],
  );
  writeNpy(
    at('manyY.npy'),
    Int32Array.from({ length: 24_000 }, (_, i) => i % 400),
    [24_000],
  );
  writeFileSync(at('wide.json'), JSON.stringify({ kind: 'euclidean', dim: 8 }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const FLAT = ['--vectors', 'flat.npy', '--space', 'cosine.json', '--temperature', '0.1'];
const BALL = ['--vectors', 'ball.npy', '--space', 'ball.json', '--temperature', '0.2'];
const Y = ['--labels', 'Y.npy'];

describe('gyrometric negatives on own embeddings', () => {
  it('finds that unit vectors rank alike in both geometries, and says so', async () => {
    const [table, json] = await Promise.all([
      run('negatives', ...FLAT, ...BALL, ...Y, '--block', '60'),
      run('negatives', ...FLAT, ...BALL, ...Y, '--block', '60', '--json'),
    ]);
    expect([table.code, table.stderr]).toEqual([0, '']);
    expect(table.stdout).toContain('120 vectors of flat.npy, 10 classes');
    expect(table.stdout).toMatch(
      /differs for 0\.0% of the anchors, Spearman of all negatives 1\.0000\. It has to be so/,
    );
    const { arms, blocks, whole, orders, sweep, page } = JSON.parse(json.stdout);
    expect(arms).toEqual(['flat cosine', 'ball poincare']);
    expect(orders).toEqual([{ arms: [0, 1], verdict: 'forced' }]);
    for (const summary of [blocks, whole]) {
      expect(summary.pairs[0].hardestDiffer).toEqual({ mean: 0, interval: [0, 0] });
    }
    expect([blocks.depth, blocks.items, whole.negatives]).toEqual([50, N, 108]);
    expect([sweep.arm, sweep.items, page]).toEqual(['ball poincare', N, null]);
    for (const { againstCosine } of sweep.points) expect(againstCosine.hardestDiffer.mean).toBe(0);
  });

  it('gives the same numbers again, and others of intervals for another seed', async () => {
    const [first, again, other] = await Promise.all(
      [[], [], ['--seed', '2']].map((flags) =>
        run('negatives', ...FLAT, ...Y, '--no-whole', '--json', ...flags),
      ),
    );
    expect(again.stdout).toBe(first.stdout);
    const mass = ({ stdout }: { stdout: string }) => JSON.parse(stdout).blocks.arms[0].own.mass;
    expect(mass(other).mean).toBe(mass(first).mean);
    expect(mass(other).interval).not.toEqual(mass(first).interval);
  });

  it('writes a page, with thumbnails in colour if there are images', async () => {
    const flags = [...FLAT, ...BALL, ...Y, '--out', 'made/page.html'];
    const { code, stdout } = await run('negatives', ...flags, '--images', 'images.npy');
    expect([code, stdout.includes('page in made/page.html')]).toEqual([0, true]);
    const html = readFileSync(at('made/page.html'), 'utf8');
    expect(html).toContain('data:image/png;base64');
    expect(html).toContain('class 1000000000003');
    rmSync(at('made'), { recursive: true });
  });

  it('goes on without other curvatures where a point lies at the origin', async () => {
    const flags = ['--vectors', 'zero.npy', '--space', 'plane.json', '--temperature', '1', ...Y, '--json'];
    const { code, stdout, stderr } = await run('negatives', ...flags);
    expect([code, JSON.parse(stdout).sweep]).toEqual([0, null]);
    expect(stderr).toMatch(/^no other curvatures: .*row 2: expected a point off the origin/);
  });

  it('keeps what is done on Ctrl-C: a page of the blocks, and exit code 130', async () => {
    const flags = [
      '--vectors',
      'many.npy',
      '--space',
      'wide.json',
      '--temperature',
      '1',
      '--labels',
      'manyY.npy',
    ];
    const child = spawn(process.execPath, [PROGRAM, 'negatives', ...flags, '--out', 'kept.html'], {
      cwd: folder,
    });
    let [out, notes] = ['', ''];
    child.stderr.on('data', (text) => (notes += text));
    let isInterrupted = false;
    child.stdout.on('data', (text) => {
      out += text;
      // The blocks and the other curvatures are told; next come all items. A second signal would end it at once.
      if (isInterrupted || !/other curvatures/.test(out)) return;
      isInterrupted = child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect([code, /negatives was interrupted/.test(notes)]).toEqual([130, true]);
    expect(out).toContain('page in kept.html');
    const html = readFileSync(at('kept.html'), 'utf8');
    expect([html.includes('at other curvatures'), html.includes('Among all items')]).toEqual([true, false]);
    rmSync(at('kept.html'));
  });

  it('has a help with examples', async () => {
    const { code, stdout } = await run('negatives', '--help');
    expect([code, stdout.includes('gyrometric negatives model --out negatives.html')]).toEqual([0, true]);
  });
});

describe('gyrometric negatives refuses in one sentence, and writes nothing:', () => {
  it.concurrent.each<readonly [flags: readonly string[], code: number, sentence: RegExp]>([
    [[], 2, /^negatives: expected something to look at, got "nothing"/],
    [FLAT, 2, /^negatives --vectors: expected --labels L.npy/],
    [[...FLAT, '--labels', 'shortY.npy'], 2, /^shortY.npy: expected shape \(120,\), got "\(119\)"/],
    [[...FLAT, '--labels', 'absent.npy'], 2, /exists, got "absent.npy"/],
    [[...FLAT, '--labels', 'flat.npy'], 2, /^flat.npy: expected shape \(120,\)/],
    [[...FLAT, '--labels', 'oneY.npy'], 2, /^labels: expected at least two classes, got 1/],
    [[...FLAT, '--labels', 'eachY.npy'], 1, /expected an anchor with a positive and a negative/],
    [
      ['--vectors', 'nan.npy', ...FLAT.slice(2), ...Y],
      1,
      /^--vectors nan.npy row 7: expected finite numbers, got NaN/,
    ],
    [
      ['--vectors', 'zero.npy', ...FLAT.slice(2), ...Y],
      1,
      /^--vectors zero.npy row 2: expected a vector other than zero/,
    ],
    [
      ['--vectors', 'flat.npy', ...BALL.slice(2), ...Y],
      1,
      /^--vectors flat.npy row 0: expected norm < 1, inside the ball/,
    ],
    [['--vectors', 'none.npy', ...FLAT.slice(2), ...Y], 2, /none.npy: expected at least one row/],
    [['--vectors', 'absent.npy', ...FLAT.slice(2), ...Y], 2, /exists, got "absent.npy"/],
    [
      ['--vectors', 'flat.npy', '--space', 'cosine.json', ...Y],
      2,
      /as many --vectors as --space and --temp.*"1, 1 and 0"/,
    ],
    [
      ['--vectors', 'flat.npy', '--space', 'wide.json', '--temperature', '1', ...Y],
      2,
      /expected 8 columns, got 4/,
    ],
    [['--vectors', 'flat.npy', '--space', 'Y.npy', '--temperature', '1', ...Y], 1, /expected JSON/],
    [[...FLAT, ...Y, '--temperature', '0'], 2, /^--temperature: expected a number > 0, got "0"/],
    [[...FLAT, ...Y, '--temperature', 'warm'], 2, /^--temperature: expected a number, got "warm"/],
    [[...FLAT, ...Y, '--images', 'fewImages.npy'], 2, /expected uint8 \[120, height, width\]/],
    [[...FLAT, ...Y, '--images', 'floatImages.npy'], 2, /expected uint8 .*Float32Array/],
    [[...FLAT, ...Y, '--data', 'flat.npy'], 2, /^negatives --data: expected a model folder/],
    [[...FLAT, ...Y, '--depth', '0'], 2, /^--depth: expected a whole number 1\.\.10000/],
    [[...FLAT, ...Y, '--out', 'Y.npy/page.html'], 2, /a path through folders/],
    [
      [...FLAT, ...Y, '--vectors', 'many.npy', '--space', 'wide.json', '--temperature', '1'],
      2,
      /^Y.npy: expected shape/,
    ],
  ])('%j', async (flags, code, sentence) => {
    const outcome = await run(
      'negatives',
      ...flags,
      ...(flags.includes('--out') ? [] : ['--out', 'refused.html']),
    );
    expect(sentenceOf(outcome)).toMatch(sentence);
    expect(outcome.code).toBe(code);
    expect(listing(folder)).not.toContain('refused.html');
  });
});
