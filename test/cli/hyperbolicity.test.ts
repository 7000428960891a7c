import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { writeNpy } from './inputs.js';
import { gyrometric, linesWithoutNotices, sentenceOf } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-hyperbolicity-'));
const at = (name: string) => join(folder, name);
const run = (line: string) => gyrometric(line.split(' '), { cwd: folder });
afterAll(() => rmSync(folder, { recursive: true }));

const rng = new Rng(1);
const normal = (length: number) => Float64Array.from({ length }, () => rng.normal());
writeNpy(at('square.npy'), Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1), [4, 2]);
writeNpy(at('line.npy'), Float32Array.of(0, 1, 2, 4), [4, 1]);
writeNpy(at('many.npy'), normal(2 * 3100), [3100, 2]);
writeNpy(at('nan.npy'), Float32Array.of(0, 1, Number.NaN, 2), [2, 2]);
writeNpy(at('flat.npy'), new Float32Array(4), [4]);
writeNpy(at('whole.npy'), new Int32Array(4), [2, 2]);
writeNpy(at('empty.npy'), new Float32Array(0), [0, 2]);
writeFileSync(at('ball.json'), JSON.stringify({ kind: 'poincare', dim: 2 }));
writeFileSync(at('inner.json'), JSON.stringify({ kind: 'innerProduct', dim: 2 }));

describe('gyrometric hyperbolicity', () => {
  it('prints the quantities of the contract as JSON', async () => {
    const { code, stdout, stderr } = await run('hyperbolicity square.npy --json');
    expect([code, linesWithoutNotices(stderr)]).toEqual([0, []]);
    const found = JSON.parse(stdout);
    const keys = ['delta', 'diameter', 'deltaRel', 'interval', 'deltaFourPoint', 'suggestedCurvature'];
    expect(Object.keys(found).slice(0, 6)).toEqual(keys);
    expect(found).toMatchObject({ n: 4, sampled: false, subsets: null, quadruples: null });
    // By hand: delta √2 - 1, diameter √2.
    expect(found.deltaRel).toBeCloseTo(2 - Math.SQRT2, 14);
    expect(found.suggestedCurvature).toBeCloseTo(-((0.144 / (2 - Math.SQRT2)) ** 2), 14);
  });

  it('says in words that a tree has no finite curvature, as null in JSON', async () => {
    const words = await run('hyperbolicity line.npy');
    expect(words.stdout).toMatch(/^curvature +none {2}no finite one fits$/m);
    expect(words.stdout).toContain('4 rows, euclidean distances.');
    const json = await run('hyperbolicity line.npy --json');
    expect(JSON.parse(json.stdout)).toMatchObject({ delta: 0, deltaRel: 0, suggestedCurvature: null });
  });

  it('measures in the space that it is given', async () => {
    writeNpy(at('disk.npy'), Float64Array.of(0, 0, 0.5, 0), [2, 2]);
    const { stdout } = await run('hyperbolicity disk.npy --space ball.json --json');
    // By hand: 2 artanh(1/2) = ln 3.
    expect(JSON.parse(stdout).diameter).toBeCloseTo(Math.log(3), 12);
  });

  it('reports how a hyperbolic factor uses its radius, and only such', async () => {
    writeNpy(at('radii.npy'), Float64Array.of(0, 0, 0.5, 0), [2, 2]);
    const json = JSON.parse((await run('hyperbolicity radii.npy --space ball.json --json')).stdout);
    expect(json.saturation).toHaveLength(1);
    expect(json.saturation[0]).toMatchObject({ column: 0, crowded: 0.5, blurred: 0 });
    expect(json.saturation[0].radius[4]).toBeCloseTo(Math.log(3), 12);
    const words = await run('hyperbolicity radii.npy --space ball.json');
    expect(words.stdout).toContain('Radius of the poincare factor from column 0 on');
    expect(JSON.parse((await run('hyperbolicity square.npy --json')).stdout)).not.toHaveProperty(
      'saturation',
    );
  });

  it('says when it sampled, and repeats with the seed', async () => {
    const [words, one, same] = [
      await run('hyperbolicity many.npy'),
      await run('hyperbolicity many.npy --seed 5 --json'),
      await run('hyperbolicity many.npy --seed 5 --json'),
    ];
    expect(words.stdout).toContain('the largest of random subsets');
    expect(words.stdout).toMatch(/in 95 % of 20 random subsets of 1500 rows\.\n3100 rows/);
    expect(JSON.parse(one.stdout)).toMatchObject({ n: 3100, sampled: true, quadruples: 1_000_000 });
    expect(same.stdout).toBe(one.stdout);
  }, 60_000);

  it.each([
    ['absent.npy', 2, /^hyperbolicity: expected a file that exists, got "absent.npy"/],
    ['ball.json', 1, /^hyperbolicity ball.json: expected a .npy file/],
    [
      'flat.npy',
      2,
      /^hyperbolicity flat.npy: expected float32 or float64 \[n, columns\], got "Float32Array \[4\]"/,
    ],
    ['whole.npy', 2, /^hyperbolicity whole.npy: .* got "Int32Array \[2, 2\]"/],
    ['empty.npy', 2, /^empty.npy: expected at least one row and column, got "0 x 2"/],
    ['nan.npy', 1, /^nan.npy row 1: expected finite numbers, got NaN; remove or repair that row/],
    [
      'square.npy --space ball.json',
      1,
      /^square.npy row 1: expected norm < 1, inside the ball, got "norm 1"/,
    ],
    ['line.npy --space ball.json', 2, /^line.npy: expected 2 columns, got 1/],
    ['square.npy --space inner.json', 2, /expected a space of distances, got "innerProduct"/],
    ['square.npy --seed -1', 2, /^--seed: expected a whole number/],
    ['square.npy --colour', 2, /unknown option '--colour'/],
  ])('refuses %s in one sentence', async (words, code, sentence) => {
    const outcome = await run(`hyperbolicity ${words}`);
    expect(sentenceOf(outcome)).toMatch(sentence);
    expect(outcome.code).toBe(code);
  });
});
