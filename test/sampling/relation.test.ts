import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { fused, registerFused } from '../../src/engine/fused.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { loadNative } from '../../src/native/index.js';
import { hostPlanOf, planOf } from '../../src/sampling/plan.js';
import type { BatchRelation, GradedRelation, MultiHotRelation } from '../../src/sampling/relation.js';
import { ROW_PATHS } from '../losses/pairs/paths.js';

beforeAll(async () => {
  await openEngine();
});

const rowsOf = (values: ArrayLike<number>, columns: number) =>
  Array.from({ length: values.length / columns }, (_, i) =>
    Array.from(values).slice(i * columns, (i + 1) * columns),
  );
const dense = (rows: number[][]) => matrix(Float64Array.from(rows.flat()), rows.length, rows[0].length);
const marksOf = (relation: BatchRelation) => {
  const { marks, columns } = hostPlanOf(relation);
  return rowsOf(marks, columns);
};

/** 0 is the root of 1 and 2; 3 and 4 are children of 1; 5 is one of 2. */
const PARENTS = [-1, 0, 0, 1, 1, 2];
const CLASSES = dense([
  [1, 1, 0],
  [1, 0, 0],
  [0, 0, 1],
  [0, 0, 0],
]);

const BY_HAND: Record<string, [BatchRelation, number[][]]> = {
  labels: [
    { kind: 'labels', labels: [7, -2, 7] },
    [
      [0, -1, 1],
      [-1, 0, -1],
      [1, -1, 0],
    ],
  ],
  'labels of references, which are other items': [
    { kind: 'labels', labels: new Int32Array([7, -2]), references: [7, 7, 1] },
    [
      [1, 1, -1],
      [-1, -1, -1],
    ],
  ],
  'pairs, all others negative': [
    { kind: 'pairs', rows: 3, columns: 3, positives: [[0, 2]] },
    [
      [0, -1, 1],
      [-1, 0, -1],
      [-1, -1, 0],
    ],
  ],
  'pairs with their negatives, between different items': [
    { kind: 'pairs', rows: 2, columns: 2, positives: [[0, 0]], negatives: [[1, 1]], same: 'none' },
    [
      [1, 0],
      [0, -1],
    ],
  ],
  'several classes, any shared': [
    { kind: 'multiHot', classes: CLASSES, rule: 'anyShared' },
    [
      [0, 1, -1, -1],
      [1, 0, -1, -1],
      [-1, -1, 0, -1],
      [-1, -1, -1, 0],
    ],
  ],
  'several classes, with more than half shared': [
    {
      kind: 'multiHot',
      classes: CLASSES,
      references: dense([
        [1, 1, 0],
        [1, 1, 1],
      ]),
      rule: { jaccard: 0.6 },
    },
    // Row 0: 2 of 2 and 2 of 3; row 1: 1 of 2 and 1 of 3; row 2: 0 of 3 and 1 of 3.
    [
      [1, 1],
      [-1, -1],
      [-1, -1],
      [-1, -1],
    ],
  ],
  'a tree, siblings and the same node': [
    { kind: 'tree', parents: PARENTS, nodes: [3, 4, 3, 5], positiveWithin: 2 },
    [
      [0, 1, 1, -1],
      [1, 0, 1, -1],
      [1, 1, 0, -1],
      [-1, -1, -1, 0],
    ],
  ],
  'a tree, other references': [
    { kind: 'tree', parents: Int32Array.from(PARENTS), nodes: [3], references: [3, 1, 5], positiveWithin: 0 },
    [[1, -1, -1]],
  ],
  'grades, with those between neither': [
    {
      kind: 'graded',
      similarity: dense([
        [1, 0.5],
        [0.8, 1],
        [0.79, 0.2],
      ]),
      positiveFrom: 0.8,
      negativeBelow: 0.5,
    },
    [
      [1, 0],
      [1, 1],
      [0, -1],
    ],
  ],
  'two views': [
    { kind: 'views', items: 2 },
    [
      [0, -1, 1, -1],
      [-1, 0, -1, 1],
      [1, -1, 0, -1],
      [-1, 1, -1, 0],
    ],
  ],
  'three views of one item, which have no negatives': [
    { kind: 'views', items: 1, views: 3 },
    [
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
    ],
  ],
  'one class alone': [
    { kind: 'labels', labels: [4, 4] },
    [
      [0, 1],
      [1, 0],
    ],
  ],
  'one item': [{ kind: 'labels', labels: [4] }, [[0]]],
};

describe.each(Object.entries(BY_HAND))('a relation by %s', (_, [relation, marks]) => {
  it('has the marks found by hand', () => {
    expect(marksOf(relation)).toEqual(marks);
  });

  it.each(ROW_PATHS)(
    'has the same on tensors, made by rows that are %s, and nothing else stays there',
    (path) => {
      const before = tf.memory().numTensors;
      const registered = fused('rows');
      registerFused('rows', path === 'fused' ? loadNative()?.rows : undefined);
      const { positives, negatives } = planOf(relation);
      registerFused('rows', registered);
      expect(tf.memory().numTensors).toBe(before + 2);
      expect(positives.arraySync()).toEqual(marks.map((row) => row.map((mark) => (mark === 1 ? 1 : 0))));
      expect(negatives.arraySync()).toEqual(marks.map((row) => row.map((mark) => (mark === -1 ? 1 : 0))));
      tf.dispose([positives, negatives]);
    },
  );
});

describe('relations', () => {
  it('say the same of a partition, whatever kind they are', () => {
    const rng = new Rng(3);
    const labels = Int32Array.from({ length: 30 }, () => rng.below(6));
    const same = (i: number, j: number) => labels[i] === labels[j];
    const cells = Array.from({ length: 900 }, (_, at) => [Math.floor(at / 30), at % 30] as [number, number]);
    const oneHot = dense(
      Array.from(labels, (label) => Array.from({ length: 6 }, (_, c) => Number(c === label))),
    );
    const kinds: BatchRelation[] = [
      { kind: 'pairs', rows: 30, columns: 30, positives: cells.filter(([i, j]) => i !== j && same(i, j)) },
      { kind: 'multiHot', classes: oneHot, rule: 'anyShared' },
      { kind: 'multiHot', classes: oneHot, rule: { jaccard: 1 } },
      // A star of classes below the root.
      {
        kind: 'tree',
        parents: [1, -1, 1, 1, 1, 1, 1].map((p, i) => (i === 1 ? -1 : p)),
        nodes: labels.map((l) => (l < 1 ? 0 : l + 1)),
        positiveWithin: 0,
      },
      {
        kind: 'graded',
        similarity: dense(
          rowsOf(
            cells.map(([i, j]) => Number(same(i, j))),
            30,
          ),
        ),
        positiveFrom: 1,
        negativeBelow: 1,
      },
    ];
    for (const kind of kinds) expect(marksOf(kind)).toEqual(marksOf({ kind: 'labels', labels }));
  });

  it('may be of no items', () => {
    expect(hostPlanOf({ kind: 'labels', labels: [] })).toMatchObject({ rows: 0, columns: 0 });
    expect(planOf({ kind: 'labels', labels: [] }).positives.shape).toEqual([0, 0]);
    expect(planOf({ kind: 'pairs', rows: 0, columns: 0, positives: [] }).negatives.shape).toEqual([0, 0]);
  });
});

const graded = (change: Partial<GradedRelation>): GradedRelation => {
  const similarity = dense([[0.1, 0.9]]);
  return { kind: 'graded', similarity, positiveFrom: 0.8, negativeBelow: 0.5, ...change };
};
const multiHot = (change: Partial<MultiHotRelation>): MultiHotRelation => {
  return { kind: 'multiHot', classes: CLASSES, rule: 'anyShared', ...change };
};

const REFUSED: [string, BatchRelation, new (m: string) => Error, RegExp][] = [
  [
    'a label that is NaN',
    { kind: 'labels', labels: [0, Number.NaN] },
    DomainError,
    /labels row 1: .*got NaN/,
  ],
  ['a label between classes', { kind: 'labels', labels: [0.5] }, DomainError, /labels row 0/],
  ['a label beyond int32', { kind: 'labels', labels: [2 ** 31] }, DomainError, /labels row 0/],
  [
    'a reference label',
    { kind: 'labels', labels: [1], references: [1, NaN] },
    DomainError,
    /references row 1/,
  ],
  [
    'a row that is not there',
    { kind: 'pairs', rows: 2, columns: 3, positives: [[2, 0]] },
    UsageError,
    /positives\[0\] row/,
  ],
  [
    'a column that is not there',
    { kind: 'pairs', rows: 2, columns: 3, positives: [], negatives: [[0, 3]] },
    UsageError,
    /negatives\[0\] column/,
  ],
  [
    'a pair of one item',
    { kind: 'pairs', rows: 2, columns: 2, positives: [[1, 1]] },
    UsageError,
    /two different items, got \[1,1\]/,
  ],
  [
    'a pair twice',
    { kind: 'pairs', rows: 1, columns: 2, positives: [[0, 1]], negatives: [[0, 1]] },
    UsageError,
    /both positive and negative/,
  ],
  [
    'one item in two shapes',
    { kind: 'pairs', rows: 1, columns: 2, positives: [], same: 'diagonal' },
    ShapeError,
    /columns/,
  ],
  [
    'half a class',
    multiHot({
      classes: dense([
        [0, 1],
        [0.5, 1],
      ]),
    }),
    DomainError,
    /classes row 1: expected 0 or 1, got 0.5/,
  ],
  ['other classes', multiHot({ references: dense([[0, 1]]) }), ShapeError, /3 columns, got 2/],
  ['a jaccard of 0', multiHot({ rule: { jaccard: 0 } }), DomainError, /jaccard/],
  ['a jaccard of NaN', multiHot({ rule: { jaccard: Number.NaN } }), DomainError, /jaccard/],
  [
    'a node that is not there',
    { kind: 'tree', parents: PARENTS, nodes: [6], positiveWithin: 2 },
    UsageError,
    /nodes row 0/,
  ],
  [
    'half an edge',
    { kind: 'tree', parents: PARENTS, nodes: [1], positiveWithin: 0.5 },
    UsageError,
    /positiveWithin/,
  ],
  [
    'a similarity that is NaN',
    graded({ similarity: dense([[0], [Number.NaN]]) }),
    DomainError,
    /similarity row 1/,
  ],
  ['a similarity above 1', graded({ similarity: dense([[0], [1.5]]) }), DomainError, /similarity row 1/],
  ['crossing thresholds', graded({ negativeBelow: 0.9 }), DomainError, /negativeBelow/],
  ['a threshold that is NaN', graded({ positiveFrom: Number.NaN }), DomainError, /negativeBelow/],
  ['half an item', { kind: 'views', items: 1.5 }, UsageError, /items/],
  ['no view', { kind: 'views', items: 1, views: 0 }, UsageError, /views/],
];

describe('a relation with', () => {
  it.each(REFUSED)('%s is refused', (_, relation, kind, words) => {
    for (const make of [hostPlanOf, planOf]) {
      expect(() => make(relation)).toThrow(kind);
      expect(() => make(relation)).toThrow(words);
    }
  });
});
