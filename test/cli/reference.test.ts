import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compareLeaves, EXACT, type Row } from '../../src/cli/reference/compare.js';
import { compareFile } from '../../src/cli/reference/compareFile.js';
import { type JsonObject, type Leaf, leavesOf } from '../../src/cli/reference/leaves.js';
import { DomainError } from '../../src/core/errors.js';
import { gyrometric, linesWithoutNotices, ROOT, sentenceOf } from './run.js';

const REFERENCE = join(ROOT, 'test', 'reference');
const COMPUTED = ['accuracy', 'geometry', 'losses', 'quality', 'so3'];
const FILES = [...COMPUTED, 'miners'];
const read = (name: string): JsonObject => JSON.parse(readFileSync(join(REFERENCE, `${name}.json`), 'utf8'));
const program = join(ROOT, 'dist', 'src', 'cli', 'reference', 'main.js');
const run = (...args: string[]) => gyrometric(args, { program });

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-reference-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of `folder`, at most in a folder of its own. */
function write(name: string, value: unknown): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

/** A copy of the file in which the first number of the value at `at` ("cases[1].dist") went through `change`. */
function changed(file: JsonObject, at: string, change: (value: number) => number | null): JsonObject {
  const copy = structuredClone(file);
  const keys = at.split(/[.[\]]+/).filter(Boolean);
  type Nested = Record<string, unknown>;
  let owner = copy as Nested;
  for (const key of keys.slice(0, -1)) owner = owner[key] as Nested;
  let key = keys[keys.length - 1];
  while (Array.isArray(owner[key])) {
    owner = owner[key] as unknown as Nested;
    key = '0';
  }
  owner[key] = change(owner[key] as number);
  return copy;
}

const statusOf = (rows: readonly Row[], quantity: string) =>
  rows.find((row) => row.quantity === quantity)?.status;
const failed = (rows: readonly Row[]) =>
  rows.filter(({ status }) => status === 'fail').map((row) => row.quantity);

describe.each(FILES)('%s.json', (name) => {
  it('has no quantity that fails, and counts every number', async () => {
    const rows = await compareFile(`${name}.json`, read(name));
    expect(failed(rows)).toEqual([]);
    for (const { status, maxRel, tolerance } of rows) {
      if (status === 'pass') expect(maxRel).toBeLessThanOrEqual(tolerance ?? Number.NaN);
    }
    expect(rows.every(({ count }) => count > 0)).toBe(true);
  });
});

/** All named losses go the same way, and each changed number costs a computation of the whole file: two of them do. */
function shortened(file: JsonObject): JsonObject {
  const labelled = file['labelled'];
  return Array.isArray(labelled) ? { ...file, labelled: labelled.slice(0, 2) } : file;
}

describe.each(COMPUTED)('%s.json', (name) => {
  it('fails where one number is wrong, in its row and in no other', async () => {
    const path = `${name}.json`;
    const file = shortened(read(name));
    const rows = await compareFile(path, file);
    const leaves = leavesOf(file, { inputs: [], lists: ['grads'] });
    const passed = rows.filter(({ status }) => status === 'pass');
    expect(passed.length).toBeGreaterThan(0);
    for (const row of passed) {
      const { at, expected } = leaves.findLast(({ quantity }) => quantity === row.quantity)!;
      // Ten times what the tolerance of any quantity lets pass.
      const step = 10 * row.tolerance! * Math.max(1, ...expected.map(Math.abs));
      const wrong = await compareFile(
        path,
        changed(file, at, (value) => value + step),
      );
      expect(failed(wrong)).toEqual([row.quantity]);
      expect(wrong.find(({ status }) => status === 'fail')?.reason).toContain(`${at}, number 0:`);
      expect(wrong).toHaveLength(rows.length);
    }
  });
});

describe('what is compared', () => {
  it('is all of accuracy.json, geometry.json, quality.json and so3.json', async () => {
    const skipped = async (name: string) => {
      const rows = await compareFile(`${name}.json`, read(name));
      return rows.filter(({ status }) => status === 'skip').map(({ quantity }) => quantity);
    };
    expect(await skipped('accuracy')).toEqual([]);
    expect(await skipped('quality')).toEqual([]);
    expect(await skipped('geometry')).toEqual([]);
    expect(await skipped('so3')).toEqual([]);
    // Degrees above the tables are skipped, not failed.
    const above = await compareFile('so3.json', { ...read('so3'), sphericalHarmonics: { 21: [[1]] } });
    expect(statusOf(above, 'sphericalHarmonics.21')).toBe('skip');
  });

  it('is each step of each optimiser, those of one that is not known apart', async () => {
    const file = read('geometry');
    const [adam] = file['optimizers'] as JsonObject[];
    const steps = (adam['steps'] as JsonObject[]).slice(0, 3);
    const other = { ...adam, optimizer: 'SomeOther' };
    const rows = await compareFile('geometry.json', { optimizers: [{ ...adam, steps }, other] });
    expect(rows.map(({ quantity, count, status }) => [quantity, count, status])).toEqual([
      ['optimizers.RiemannianAdam.steps.loss', 3, 'pass'],
      ['optimizers.RiemannianAdam.steps.p', 54, 'pass'],
      ['optimizers.SomeOther.steps.loss', 8, 'skip'],
      ['optimizers.SomeOther.steps.p', 144, 'skip'],
    ]);
  });

  it('has cases of any number and size', async () => {
    const cases = (read('geometry')['cases'] as JsonObject[]).slice(0, 1).map((reference) => {
      const rows = (key: string) => (reference[key] as unknown[]).slice(0, 2);
      return {
        c: reference['c'],
        x: rows('x'),
        y: rows('y'),
        dist: rows('dist'),
        gradDistY: rows('gradDistY'),
      };
    });
    const rows = await compareFile('geometry.json', { cases });
    expect(rows.map(({ quantity, count, status }) => [quantity, count, status])).toEqual([
      ['dist', 2, 'pass'],
      ['gradDistY', 10, 'pass'],
    ]);
  });

  it('leaves an item without another of its class out of `result`, but counts it as a miss in recallAtK', async () => {
    const rows = await compareFile('accuracy.json', {
      embeddings: [[0], [1], [10], [30]],
      labels: [0, 0, 0, 1],
      result: { precision_at_1: 1, r_precision: 1, mean_average_precision: 1, mean_reciprocal_rank: 1 },
      recallAtK: { 1: 0.75, 2: 0.75, 40: 0.75 },
    });
    expect(rows.map(({ status }) => status)).toEqual(new Array(7).fill('pass'));
  });

  it('lets a peer in float32 decide near ties, but only those, and not what comes from float64', async () => {
    // Row 0 has its class at 1 + gap and another class at 1.
    const rowsAt = (gap: number) =>
      compareFile('accuracy.json', {
        embeddings: [[0], [1], [-1 - gap]],
        labels: [0, 1, 0],
        result: { precision_at_1: 1 },
        recallAtK: { 1: 2 / 3 },
      });
    const near = await rowsAt(1e-8);
    expect(near.map(({ quantity, status }) => [quantity, status])).toEqual([
      ['result.precision_at_1', 'pass'],
      ['recallAtK.1', 'fail'],
    ]);
    expect(near[0].tolerance).toBeCloseTo(0.5, 6);
    expect(statusOf(await rowsAt(1e-3), 'result.precision_at_1')).toBe('fail');
  });

  it('is known by its contents under another name, and all skips where nothing is known', async () => {
    const { x, z, rawStress } = read('quality');
    const renamed = await compareFile('other.json', { x, z, rawStress, trustworthiness: {} });
    expect(statusOf(renamed, 'rawStress')).toBe('pass');
    const foreign = await compareFile('other.json', {
      peer: 'someone',
      areas: [
        [1, 2],
        [3, 4],
      ],
      more: { a: 1 },
    });
    expect(foreign).toEqual([
      { file: 'other.json', quantity: 'areas', count: 4, status: 'skip' },
      { file: 'other.json', quantity: 'more.a', count: 1, status: 'skip' },
    ]);
  });
});

describe('compareLeaves', () => {
  const leaf = (quantity: string, expected: number[]): Leaf => {
    return { quantity, at: quantity, key: quantity, index: 0, owners: [{}], expected };
  };
  const compare = (expected: number[], got: number[] | undefined, tolerance = EXACT) =>
    compareLeaves(
      'f',
      [leaf('q', expected)],
      () => got,
      () => tolerance,
    )[0];

  it('takes deviations relative to max(1, |ref|)', () => {
    expect(compare([0.001, 1000], [0.001 + 9e-10, 1000 + 9e-7]).status).toBe('pass');
    expect(compare([0.001, 1000], [0.001 + 2e-9, 1000]).status).toBe('fail');
    expect(compare([0.001, 1000], [0.001, 1000 + 2e-6]).status).toBe('fail');
  });

  it('takes deviations relative to the largest |ref| where the tolerance says so', () => {
    const gradient = { value: 1e-4, relativeTo: 'largest' } as const;
    expect(compare([0.001, -0.1], [0.001 + 9e-6, -0.1], gradient).status).toBe('pass');
    expect(compare([0.001, -0.1], [0.001 + 2e-5, -0.1], gradient).status).toBe('fail');
    expect(compare([0, 0], [0, 0], gradient).status).toBe('pass');
    expect(compare([0, 0], [0, 1e-9], gradient).status).toBe('fail');
  });

  it('fails for NaN on either side, for other counts, and where our mathematics refuses', () => {
    expect(compare([1, Number.NaN, 2], [1, 1, 2])).toMatchObject({ status: 'fail', maxRel: Number.NaN });
    expect(compare([1, 1, 2], [1, Number.NaN, 2]).reason).toBe('q, number 1: expected 1, got NaN');
    expect(compare([1, 1], [1]).status).toBe('fail');
    const refuse = () => {
      throw new DomainError('outside');
    };
    const [row] = compareLeaves('f', [leaf('q', [1])], refuse, () => EXACT);
    expect(row).toMatchObject({ status: 'fail', reason: 'q: outside' });
  });

  it('adds the cases of a quantity up: a fail beats a skip beats a pass', () => {
    const answers: (number[] | undefined)[] = [[1], undefined, [Number.NaN], [5], [1]];
    const next = () => answers.shift();
    const leaves = (n: number) => Array.from({ length: n }, () => leaf('q', [1]));
    expect(compareLeaves('f', leaves(2), next, () => EXACT)[0]).toMatchObject({ count: 2, status: 'skip' });
    const [row] = compareLeaves('f', leaves(3), next, () => EXACT);
    expect(row).toMatchObject({ count: 3, maxAbs: Number.NaN, reason: 'q, number 0: expected 1, got NaN' });
  });

  it('skips what is empty', () => {
    expect(compare([], []).status).toBe('skip');
  });
});

describe('npm run reference', () => {
  const geometry = join(REFERENCE, 'geometry.json');

  it('prints a row a quantity and a sum, and exits with 1 for skips only if strict', async () => {
    const { code, stdout, stderr } = await run();
    const lines = stdout.trimEnd().split('\n');
    const rows = lines.slice(0, -1).map((line) => line.split('\t'));
    expect(code).toBe(0);
    expect(linesWithoutNotices(stderr)).toEqual([]);
    for (const [file, , count, maxAbs, maxRel, tolerance, status, ...more] of rows) {
      expect(more).toEqual([]);
      expect(FILES).toContain(file.replace('.json', ''));
      expect(count).toMatch(/^\d+$/);
      if (status === 'skip') expect([maxAbs, maxRel, tolerance]).toEqual(['-', '-', '-']);
      else expect(Number(maxRel)).toBeLessThanOrEqual(Number(tolerance));
    }
    const count = (wanted: string) => rows.filter((row) => row[6] === wanted).length;
    expect(lines.at(-1)).toBe(`${count('pass')} passed, 0 failed, ${count('skip')} skipped`);
    const unknown = write('unknown/other.json', { areas: [1] });
    expect((await run(unknown)).code).toBe(0);
    expect((await run(unknown, '--strict')).code).toBe(1);
    expect(await run(geometry, '--strict')).toMatchObject({ code: 0, stderr: '' });
  });

  it('exits with 1 for a wrong number in a folder, and says on stderr where it is', async () => {
    copyFileSync(join(REFERENCE, 'quality.json'), write('wrong/quality.json', ''));
    write(
      'wrong/geometry.json',
      changed(read('geometry'), 'cases[2].lorentz.dist', (value) => value * 1.001),
    );
    const { code, stdout, stderr } = await run(join(folder, 'wrong'));
    expect(code).toBe(1);
    expect(stdout.match(/^.*\tfail$/gm)).toEqual([
      expect.stringMatching(/^geometry\.json\tlorentz\.dist\t24\t/),
    ]);
    expect(stdout).toMatch(/ 1 failed, 0 skipped\n$/);
    expect(stderr).toMatch(
      /^fail geometry\.json lorentz\.dist: cases\[2\]\.lorentz\.dist, number 0: expected /,
    );
  });

  it('prints one JSON document with the same rows, and NaN as null', async () => {
    const text = readFileSync(geometry, 'utf8').replace(/"delta": [\d.]+/, '"delta": NaN');
    const { code, stdout } = await run(write('nan/geometry.json', text), '--json');
    const { rows, ...counts } = JSON.parse(stdout) as { rows: Row[] };
    expect(code).toBe(1);
    expect(counts).toMatchObject({ passed: rows.length - 1, failed: 1, skipped: 0 });
    expect(failed(rows)).toEqual(['deltaHyperbolicity.delta']);
    expect(rows.find(({ status }) => status === 'fail')).toMatchObject({ maxAbs: null, count: 1 });
  });

  it.each([
    ['a path that is not there', () => [join(folder, 'none')], 'exists'],
    ['an unknown flag', () => [geometry, '--tolerance'], 'unknown option'],
    ['two paths', () => [geometry, geometry], 'too many arguments'],
    ['a folder without .json files', () => [write('empty/notes.txt', '').replace('notes.txt', '')], 'none'],
    ['a file that is no JSON', () => [write('a/geometry.json', '{"cases": [')], 'expected JSON'],
    ['a file that is no object', () => [write('b/geometry.json', [1])], 'expected a JSON object'],
    ['a case without points', () => [write('c/geometry.json', { cases: [{ c: 1, dist0: [1] }] })], 'input x'],
  ])('exits with 2 and one sentence for %s', async (_, args, words) => {
    const outcome = await run(...args());
    expect(outcome.code).toBe(2);
    expect(sentenceOf(outcome)).toContain(words);
  });
});
