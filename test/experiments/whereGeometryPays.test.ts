import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../experiments/experiment.js';
import { type Cell, chosenValues, rangeOfSettings } from '../../experiments/where-geometry-pays/cells.js';
import { measure } from '../../experiments/where-geometry-pays/measure.js';
import { fitProductCodes } from '../../experiments/where-geometry-pays/productCodes.js';
import type { Settings } from '../../experiments/where-geometry-pays/settings.js';
import { SPACES, spaceOf, treeArmOf } from '../../experiments/where-geometry-pays/spaces.js';
import { measuredOf, numbersFor, rowsOf } from '../../experiments/where-geometry-pays/table.js';
import { splitClasses } from '../../experiments/where-geometry-pays/task.js';
import { edgesBetween, type WordTree } from '../../experiments/wordTree.js';
import {
  type CodedTree,
  codeChart,
  columnsOf,
  matrix,
  openEngine,
  parseTreeConfig,
  Rng,
  scoreTreeCodes,
  trainTree,
  treeDistance,
  treeOf,
} from '../../src/index.js';
import { FLOAT64 } from '../laws/tolerance.js';

/** A root with 4 branches of 3 nodes each, six words below each of the 12; vectors near a centre of their node. */
function tinyTask(): WordTree {
  const parents = Int32Array.from({ length: 17 }, (_, i) =>
    i === 0 ? -1 : i <= 4 ? 0 : 1 + Math.floor((i - 5) / 3),
  );
  const tree = treeOf(
    Array.from(parents, (_, i) => `node ${i}`),
    parents,
  );
  const rng = new Rng(4);
  const centres = Array.from(parents, () => Array.from({ length: 8 }, () => rng.normal()));
  const nodes = Int32Array.from({ length: 72 }, (_, i) => 5 + Math.floor(i / 6));
  const data = Float32Array.from(
    Array.from(nodes, (n) => centres[n].map((x) => x + 0.3 * rng.normal())).flat(),
  );
  return {
    tree,
    between: edgesBetween(tree),
    vectors: matrix(data, 72, 8),
    nodes,
    edges: new Int32Array(72).fill(1),
  };
}

const SIZE = {
  words: 72,
  seeds: 1,
  dims: [3],
  spaces: ['euclidean', 'hyperbolic+star', 'euclidean-hyperbolic'],
  steps: 4,
  codes: {
    trees: { tiny: [2, 3] },
    spaces: ['euclidean', 'hyperbolic+star', 'euclidean-hyperbolic'],
    steps: 20,
    starts: ['auto'],
  },
  reference: 3,
} as const;
const SETTINGS: Settings = {
  wordnet: '3.1',
  words: 72,
  root: '',
  roots: { tiny: '' },
  wordsPerNode: 1,
  split: { wordsPerClass: 4, test: 0.5, validation: 0.34 },
  training: {
    hidden: 8,
    learningRate: 0.01,
    weightDecay: 0,
    warmup: 2,
    classesPerBatch: 4,
    perClass: 3,
    positiveWithin: [0, 2],
  },
  temperatures: { angles: [0.1, 0.2], euclidean: [0.5, 1], hyperbolic: [0.2, 0.5] },
  placement: { start: 'auto', weightDecay: 0, learningRates: [0.01, 0.02] },
  neighbors: [1, 3],
  small: SIZE,
  full: SIZE,
};

describe('a cell of the map', () => {
  const task = tinyTask();
  const out = mkdtempSync(join(tmpdir(), 'where-geometry-pays-'));
  const kept = new Map<string, unknown>();
  let worked = 0;
  const slice = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    if (!kept.has(key)) {
      worked++;
      // What a slice gives is kept as JSON.
      kept.set(key, JSON.parse(JSON.stringify(await work())));
    }
    return kept.get(key) as T;
  };
  const measured = () =>
    measure({ trees: { tiny: task.tree }, words: task }, SETTINGS, {
      scale: 'small',
      seed: 1,
      config: SETTINGS,
      slice,
      out,
    });
  let rows: Row[] = [];

  beforeAll(async () => {
    await openEngine();
    rows = await measured();
  });
  afterAll(() => rmSync(out, { recursive: true }));

  it.each([
    ['flat d3 euclidean', 'mapAtR'],
    ['hierarchical d3 hyperbolic+star', 'amidSteps'],
    ['onto codes d3 hyperbolic+star', 'steps'],
    ['codes of tiny d3 euclidean-hyperbolic', 'distortion'],
    ['codes of tiny d3 hyperbolic+star - euclidean', 'spearman'],
    ['codes of words d3 hyperbolic+star - euclidean', 'neighborMap'],
    ['flat d3 euclidean again - euclidean', 'recallAt1'],
    ['flat range by setting', 'mapAtR'],
    ['principal components d3 cosine', 'steps'],
    ['raw vectors d8 cosine', 'mapAtR'],
    ['best possible', 'steps'],
  ])('has a finite row for %s, %s, within its interval', (arm, metric) => {
    const found = rows.find((r) => r.arm === arm && r.metric === metric) as Row;
    expect(Number.isFinite(found.mean)).toBe(true);
    expect(found.low).toBeLessThanOrEqual(found.mean);
    expect(found.high).toBeGreaterThanOrEqual(found.mean);
  });

  it('puts words at their synset, in the best case', () => {
    expect(rows.find(({ arm }) => arm === 'best possible')?.mean).toBe(0);
  });

  it('goes on from what is kept, with the same rows', async () => {
    const before = worked;
    expect(await measured()).toEqual(rows);
    expect(worked).toBe(before);
  });

  it('draws a figure of its own', () => {
    expect(readFileSync(join(out, 'figure.svg'), 'utf8')).toContain('hyperbolic+star');
  });

  it('splits whole classes, all of those that are large enough', () => {
    const { train, validation, test } = splitClasses(task, SETTINGS.split, 1);
    const classes = [train, validation, test].map((words) => new Set(words.map((word) => task.nodes[word])));
    expect(classes.map(({ size }) => size)).toEqual([4, 2, 6]);
    expect(new Set(classes.flatMap((c) => [...c])).size).toBe(12);
  });
});

describe('the spaces of the map', () => {
  it.each(SPACES.flatMap((name) => [5, 10].map((dim) => [name, dim] as const)))(
    'take %s in %i columns, made of as many outputs of a head',
    (name, dim) => {
      const space = spaceOf(name, dim)!;
      expect(columnsOf(space)).toBe(dim);
      expect(codeChart(space).outputs).toBe(dim);
    },
  );

  it('are left out where there are too few numbers for what they are', () => {
    const fits = (dim: number) => SPACES.filter((name) => spaceOf(name, dim));
    expect(fits(2)).toEqual(['euclidean', 'euclidean+star', 'cosine', 'hyperbolic']);
    expect(fits(4)).toEqual([...SPACES]);
    expect(treeArmOf('cosine+star')).toEqual({ name: 'cosine+star', space: 'sphere', star: true });
    expect(treeArmOf('cosine-hyperbolic')).toBeUndefined();
  });
});

describe('codes of a product', () => {
  it('keep edges better than the hyperbolic numbers they begin with', async () => {
    const { tree } = tinyTask();
    const score = ({ space, vectors }: Pick<CodedTree, 'space' | 'vectors'>) =>
      scoreTreeCodes(space, vectors, tree.parents, treeDistance(tree), new Rng(1)).distortion;
    const both = await fitProductCodes(tree, { dim: 4, steps: 200, seed: 1 });
    expect(columnsOf(both.space)).toBe(4);
    const json = { schemaVersion: 1, kind: 'tree', dim: 2, star: false, heldOut: true };
    const { codes } = await trainTree(tree, parseTreeConfig({ ...json, training: { steps: 200 } }));
    expect(score(both)).toBeLessThan(0.8 * score(codes));
  });
});

describe('the table', () => {
  const tried = (validation: number, ...test: number[]) => ({
    validation: { mapAtR: validation },
    test: { mapAtR: test },
  });
  const cell = (space: string, dim: number, ...seeds: Cell['seeds']): Cell => ({
    loss: 'flat',
    space,
    dim,
    seeds,
  });

  it('takes the setting that validation classes choose, in each seed', () => {
    const one = cell(
      'euclidean',
      2,
      [tried(0.1, 1, 2), tried(0.3, 3, 4)],
      [tried(0.5, 5, 6), tried(0.4, 7, 8)],
    );
    expect(chosenValues(one, 'mapAtR')).toEqual({
      values: Float64Array.of(3, 4, 5, 6),
      seeds: Int32Array.of(0, 0, 1, 1),
    });
    expect(rangeOfSettings(one, 'mapAtR')).toBe(2);
  });

  it('takes the number of neighbours with the setting, and fewer steps for better', () => {
    const amid = (a: number, b: number) => ({
      validation: { steps: 9, amid1: a, amid5: b },
      test: { steps: [9], amid1: [a + 1], amid5: [b + 1] },
    });
    expect([...chosenValues(cell('euclidean', 2, [amid(6, 5), amid(7, 4)]), 'amidSteps').values]).toEqual([
      5,
    ]);
  });

  it('finds how many numbers are as good, along the logarithm', () => {
    expect(numbersFor('mapAtR', 0.5, [2, 8], [0.4, 0.6])).toBeCloseTo(4, 12);
    expect(numbersFor('steps', 5, [2, 8], [6, 4])).toBeCloseTo(4, 12);
    expect(numbersFor('mapAtR', 0.3, [2, 8], [0.4, 0.6])).toBe(2);
    expect(numbersFor('mapAtR', 0.7, [2, 8], [0.4, 0.6])).toBeUndefined();
  });

  it('tells bytes and differences with intervals of paired samples', () => {
    const values = [0.1, 0.3, 0.2, 0.5];
    const shifted = (by: number) => [tried(0, ...values.map((v) => v + by))];
    const cells = [
      cell('euclidean', 2, shifted(0)),
      cell('euclidean', 8, shifted(0.2)),
      cell('cosine', 2, shifted(0.1)),
      cell('cosine', 8, shifted(0.3)),
    ];
    const rows = rowsOf(measuredOf(cells, new Rng(1)), 8);
    const difference = rows.find(({ arm }) => arm === 'flat d2 cosine - euclidean')!;
    // The arms differ by the same in all classes, so that no sample says anything else.
    for (const value of [difference.mean, difference.low, difference.high]) {
      expect(Math.abs(value - 0.1)).toBeLessThanOrEqual(FLOAT64);
    }
    const bytes = rows.find(({ metric }) => metric === 'bytes for mapAtR of d8 euclidean')!;
    expect(bytes.arm).toBe('flat cosine');
    // Half way between 2 and 8 numbers on a logarithmic scale.
    expect(bytes.mean).toBeCloseTo(16, 9);
    expect(bytes.high).toBeCloseTo(16, 9);
  });
});
