import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { writeNpy } from './inputs.js';
import { gyrometric, linesWithoutNotices, sentenceOf } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-distances-'));
const at = (name: string) => join(folder, name);
const run = (line: string) => gyrometric(['distances', ...line.split(' ')], { cwd: folder });
afterAll(() => rmSync(folder, { recursive: true }));

const reference = JSON.parse(readFileSync(new URL('../reference/quality.json', import.meta.url), 'utf8')) as {
  x: number[][];
  z: number[][];
} & Record<string, number>;
writeNpy(at('x.npy'), Float64Array.from(reference.x.flat()), [80, 8]);
writeNpy(at('z.npy'), Float64Array.from(reference.z.flat()), [80, 2]);
const rng = new Rng(1);
const disk = Float32Array.from({ length: 160 }, () => rng.uniform(-0.6, 0.6));
writeNpy(at('disk.npy'), disk, [80, 2]);
writeNpy(at('short.npy'), new Float32Array(158), [79, 2]);
writeNpy(
  at('nan.npy'),
  disk.map((v, i) => (i === 9 ? Number.NaN : v)),
  [80, 2],
);
writeNpy(at('same.npy'), new Float32Array(160), [80, 2]);
writeNpy(at('five.npy'), disk.slice(0, 10), [5, 2]);
writeFileSync(at('ball.json'), JSON.stringify({ kind: 'poincare', dim: 2 }));

/** JSON of a command that ended well, with nothing but progress on stderr. */
async function jsonOf(line: string) {
  const { code, stdout, stderr } = await run(`${line} --json`);
  expect([code, linesWithoutNotices(stderr)]).toEqual([0, []]);
  return JSON.parse(stdout);
}

describe('gyrometric distances', () => {
  it('prints the quantities of the contract, as scikit-learn and scipy have them', async () => {
    const found = await jsonOf('x.npy z.npy');
    for (const name of [
      ...['rawStress', 'kruskalStress1', 'scaledStress1', 'sammon', 'shepardSpearman', 'shepardPearson'],
      ...['worstCaseDistortion', 'averageDistortion'],
    ]) {
      expect(Math.abs(found[name] - reference[name]), name).toBeLessThanOrEqual(
        1e-9 * Math.max(1, reference[name]),
      );
    }
    expect(found.knnRecall).toBeCloseTo(reference['knnRecall10'], 12);
    expect(found).toMatchObject({ n: 80, k: 10, sampled: false, bounds: { rows: 80, dim: 2 } });
    expect(found.bounds.reachableStress1).toBeLessThanOrEqual(found.bounds.scaledStress1);
    expect(found.bounds.packing.distortion).toBeLessThanOrEqual(found.worstCaseDistortion);
    expect(found.verdict[0]).toMatch(/of the 10 nearest inputs are among the 10 nearest codes/);
  }, 30_000);

  it('says it in words, with a table', async () => {
    const { code, stdout } = await run('x.npy z.npy --k 5');
    expect(code).toBe(0);
    expect(stdout).toMatch(/of the 5 nearest inputs are among the 5 nearest codes/);
    expect(stdout).toMatch(/^trustworthiness +0\.\d+/m);
    expect(stdout).toMatch(/^largest expansion .* rows \d+ and \d+$/m);
    expect(stdout).toMatch(/scaling \(MDS\) reaches a stress of/);
  }, 30_000);

  it('measures codes in the space that it is given, and writes a page', async () => {
    const ball = await jsonOf('x.npy disk.npy --space ball.json --out page.html');
    const flat = await jsonOf('x.npy disk.npy --no-bounds');
    expect(ball.rawStress).not.toBe(flat.rawStress);
    expect(ball.trustworthiness).toBeGreaterThan(0.3);
    // The packing argument is one of Euclidean space.
    expect(ball.bounds).not.toHaveProperty('packing');
    expect(flat).not.toHaveProperty('bounds');
    const page = readFileSync(at('page.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    expect(page).toContain('Hyperbolic codes in the Poincaré disk');
  }, 30_000);

  it('compares a sample with intervals, the same for the same seed', async () => {
    const one = await jsonOf('x.npy z.npy --sample 30 --seed 5 --no-bounds');
    expect(one).toMatchObject({ sampled: true, anchors: 30, n: 80 });
    const [low, high] = one.intervals.trustworthiness;
    expect(low).toBeLessThan(one.trustworthiness);
    expect(high).toBeGreaterThan(one.trustworthiness);
    expect(await jsonOf('x.npy z.npy --sample 30 --seed 5 --no-bounds')).toEqual(one);
  }, 30_000);

  it('has null where nothing is defined: codes that all coincide', async () => {
    const found = await jsonOf('x.npy same.npy --no-bounds');
    expect(found).toMatchObject({ shepardSpearman: null, worstCaseDistortion: null, scaledStress1: 1 });
    expect(found.verdict.join(' ')).toMatch(/differ as inputs and have one code/);
  }, 30_000);

  it.each([
    ['absent.npy z.npy', 2, /^distances: expected a file that exists, got "absent.npy"/],
    ['x.npy short.npy', 2, /^short.npy: expected 80 rows, as x.npy has, got 79/],
    ['x.npy nan.npy', 1, /^nan.npy row 4: expected finite numbers, got NaN; remove or repair that row/],
    ['same.npy z.npy', 1, /expected an input distance > 0, got "none"/],
    ['five.npy five.npy', 2, /^--k: expected less than half of the 5 rows, got 10; lower --k/],
    ['x.npy z.npy --k 40', 2, /^--k: expected less than half of the 80 rows, got 40/],
    ['x.npy z.npy --space ball.json', 1, /^z.npy row \d+: expected norm < 1, inside the ball/],
    ['x.npy z.npy --sample 1', 2, /^--sample: expected a whole number >= 2/],
    ['x.npy', 2, /missing required argument 'codes'/],
  ])('refuses %s in one sentence', async (words, code, sentence) => {
    const outcome = await run(words);
    expect(sentenceOf(outcome)).toMatch(sentence);
    expect(outcome.code).toBe(code);
  });
});
