import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { angularMiner } from '../../src/sampling/miners/angular.js';
import { batchEasyHardMiner, batchHardMiner } from '../../src/sampling/miners/batchEasyHard.js';
import type { Distances } from '../../src/sampling/miners/compared.js';
import { distanceWeightedMiner } from '../../src/sampling/miners/distanceWeighted.js';
import { hdcMiner } from '../../src/sampling/miners/hardAware.js';
import { multiSimilarityMiner } from '../../src/sampling/miners/multiSimilarity.js';
import { packagedTripletsMiner } from '../../src/sampling/miners/packagedTriplets.js';
import { pairMarginMiner } from '../../src/sampling/miners/pairMargin.js';
import { tripletMarginMiner } from '../../src/sampling/miners/tripletMargin.js';
import type { Tuples } from '../../src/sampling/miners/tuples.js';
import { uniformHistogramMiner } from '../../src/sampling/miners/uniformHistogram.js';
import type { BatchRelation } from '../../src/sampling/relation.js';

beforeAll(async () => {
  await openEngine();
});

interface Fixture {
  readonly labels: number[];
  readonly references: number[];
  readonly spaces: Record<
    string,
    { distances: number[][]; cases: { miner: string; options: object; tuples: string[] }[] }
  >;
  readonly onUnitSphere: {
    distances: number[][];
    toReferences: number[][];
    amongReferences: number[][];
    angles: { angle: number; tuples: string; toReferences: string }[];
  }[];
}
const PEER: Fixture = JSON.parse(readFileSync(new URL('./miners.json', import.meta.url), 'utf8'));

/** Sets as the fixture has them. */
const written = (tuples: Tuples) => setsOf(tuples).map((set) => set.join(' '));

const dense = (rows: number[][]): Matrix64 =>
  matrix(Float64Array.from(rows.flat()), rows.length, rows[0]?.length ?? 0);

type Miner = (distances: Distances, relation: BatchRelation, options: object) => Tuples;
const DETERMINISTIC: Record<string, Miner> = {
  tripletMargin: tripletMarginMiner,
  pairMargin: pairMarginMiner,
  multiSimilarity: multiSimilarityMiner,
  batchHard: batchHardMiner,
  batchEasyHard: batchEasyHardMiner,
  hdc: hdcMiner,
  angular: angularMiner,
};
const RANDOM: Record<string, Miner> = {
  uniformHistogram: (d, relation, options) =>
    uniformHistogramMiner(d, relation, { rng: new Rng(1), ...options }),
  distanceWeighted: (d, relation, options) =>
    distanceWeightedMiner(d, relation, { rng: new Rng(1), space: { kind: 'euclidean', dim: 3 }, ...options }),
};
const ALL = { ...DETERMINISTIC, ...RANDOM };

/** Sets as flat sorted lists: the triplets, or positive and negative pairs. */
function setsOf(tuples: Tuples): number[][] {
  const sets: (readonly Int32Array[])[] =
    tuples.kind === 'pairs'
      ? [tuples.positives, tuples.negatives]
      : [[tuples.anchors, tuples.positives, tuples.negatives]];
  return sets.map((columns) =>
    Array.from(columns[0], (_, k) => columns.map((column) => column[k]))
      .sort((a, b) => a.reduce((order, value, i) => order || value - b[i], 0))
      .flat(),
  );
}

describe.each(Object.entries(PEER.spaces))('on distances of %s', (name, { distances, cases }) => {
  const relation: BatchRelation = {
    kind: 'labels',
    labels: PEER.labels,
    ...(name === 'toReferences' ? { references: PEER.references } : {}),
  };

  it.each(cases.map((c) => [c.miner, JSON.stringify(c.options), c] as const))(
    'the %s miner with %s chooses what the peer chooses',
    (miner, _, { options, tuples }) => {
      expect(written(DETERMINISTIC[miner](dense(distances), relation, options))).toEqual(tuples);
    },
  );
});

describe.each(PEER.onUnitSphere)(
  'on rows of norm 1',
  ({ distances, toReferences, amongReferences, angles }) => {
    const { labels, references } = PEER;
    it.each(angles)('the angular miner at $angle degrees chooses what the peer chooses', (given) => {
      const { angle } = given;
      const own = angularMiner(dense(distances), { kind: 'labels', labels }, { angle });
      expect(written(own)).toEqual([given.tuples]);
      const referenceDistances = dense(amongReferences);
      const others = angularMiner(
        dense(toReferences),
        { kind: 'labels', labels, references },
        { angle, referenceDistances },
      );
      expect(written(others)).toEqual([given.toReferences]);
    });
  },
);

describe('the angular miner', () => {
  const relation: BatchRelation = { kind: 'labels', labels: [0, 0, 1] };
  const equilateral = dense([
    [0, 1, 1],
    [1, 0, 1],
    [1, 1, 0],
  ]);
  const isChosen = (angle: number, curvature: number) =>
    angularMiner(equilateral, relation, { angle, curvature }).anchors.length > 0;

  it('sees half the angle of an equilateral triangle, in any curvature', () => {
    // Half the corner A of a triangle of sides 1: by the law of cosines, cos A = 1/2, cosh 1 / (1 + cosh 1), cos 1 / (1 + cos 1).
    const corner: [number, number][] = [
      [0, 1 / 2],
      [-1, Math.cosh(1) / (1 + Math.cosh(1))],
      [1, Math.cos(1) / (1 + Math.cos(1))],
    ];
    for (const [curvature, cosine] of corner) {
      const half = (Math.acos(cosine) * 90) / Math.PI;
      expect(isChosen(half - 1e-9, curvature)).toBe(true);
      expect(isChosen(half + 1e-9, curvature)).toBe(false);
    }
  });

  it('sees a right angle from between a and p, and none where a and p are one point', () => {
    const between = dense([
      [0, 2, 1],
      [2, 0, 1],
      [1, 1, 0],
    ]);
    expect(angularMiner(between, relation, { angle: 89.999 }).anchors).toHaveLength(2);
    const together = dense([
      [0, 0, 1],
      [0, 0, 1],
      [1, 1, 0],
    ]);
    expect(angularMiner(together, relation, { angle: 0.001 }).anchors).toHaveLength(0);
    expect(
      angularMiner(
        dense([
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ]),
        relation,
      ).anchors,
    ).toHaveLength(0);
  });

  it('refuses angles that are none, and references whose distances it does not know', () => {
    for (const angle of [0, 90, Number.NaN]) {
      expect(() => angularMiner(equilateral, relation, { angle })).toThrow(DomainError);
    }
    const other: BatchRelation = { kind: 'labels', labels: [0, 0, 1], references: [0, 1, 2] };
    expect(() => angularMiner(equilateral, other)).toThrow(ShapeError);
    expect(() => angularMiner(equilateral, other)).toThrow(/expected \[3, 3\], got "none"/);
    expect(() => angularMiner(equilateral, relation, { curvature: 100 })).toThrow(/distances row 0/);
  });
});

describe('the miner of packaged triplets', () => {
  it('takes every third row, and whole triplets only', () => {
    expect(setsOf(packagedTripletsMiner(6))).toEqual([[0, 1, 2, 3, 4, 5]]);
    expect(setsOf(packagedTripletsMiner(0))).toEqual([[]]);
    expect(() => packagedTripletsMiner(4)).toThrow(ShapeError);
  });
});

describe('the hdc miner', () => {
  const relation: BatchRelation = { kind: 'labels', labels: [0, 1], references: [0, 0, 1, 1] };
  const distances = dense([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);

  it('keeps the hardest share, and goes on from an earlier stage', () => {
    const first = hdcMiner(distances, relation, { share: 0.6 });
    expect(first.positives.map((list) => [...list])).toEqual([
      [0, 1, 1],
      [1, 2, 3],
    ]);
    expect(first.negatives.map((list) => [...list])).toEqual([
      [0, 0, 1],
      [2, 3, 0],
    ]);
    const second = hdcMiner(distances, relation, { share: 0.3, from: first });
    expect(second.positives.map((list) => [...list])).toEqual([[1], [3]]);
    expect(second.negatives.map((list) => [...list])).toEqual([[0], [2]]);
  });

  it('refuses shares that are none and tuples of another batch', () => {
    for (const share of [0, 1.1, Number.NaN]) {
      expect(() => hdcMiner(distances, relation, { share })).toThrow(DomainError);
    }
    const from = hdcMiner(
      dense([[0, 1, 1, 1, 1]]),
      { kind: 'labels', labels: [0], references: [1, 1, 1, 1, 1] },
      { share: 1 },
    );
    expect(() => hdcMiner(distances, relation, { from })).toThrow(UsageError);
  });
});

describe.each(Object.entries(ALL))('the %s miner', (name, mine) => {
  const rng = new Rng(9);
  const n = 9;
  const points = Array.from({ length: n }, () => [rng.normal(), rng.normal(), rng.normal()]);
  const D = dense(points.map((p) => points.map((q) => Math.hypot(...p.map((v, k) => v - q[k])))));
  const empty = (tuples: Tuples) => setsOf(tuples).every((set) => set.length === 0);

  it('finds no triplet and no pair with a missing side in one class alone', () => {
    const tuples = mine(D, { kind: 'labels', labels: new Int32Array(n) }, {});
    if (tuples.kind === 'triplets' || name === 'multiSimilarity') expect(empty(tuples)).toBe(true);
    else expect(tuples.negatives.map((list) => list.length)).toEqual([0, 0]);
  });

  it('finds no positive where every class has one item', () => {
    const tuples = mine(D, { kind: 'labels', labels: Int32Array.from({ length: n }, (_, i) => i) }, {});
    expect(tuples.kind === 'pairs' ? tuples.positives[0] : tuples.positives).toHaveLength(0);
  });

  it('leaves an item alone in its class out as anchor of positives', () => {
    const tuples = mine(D, { kind: 'labels', labels: [0, 0, 0, 1, 1, 1, 2, 1, 0] }, {});
    const anchors = tuples.kind === 'pairs' ? tuples.positives[0] : tuples.anchors;
    expect([...anchors]).not.toContain(6);
  });

  it('finds nothing in no items', () => {
    expect(empty(mine(matrix(new Float64Array(), 0, 0), { kind: 'labels', labels: [] }, {}))).toBe(true);
  });

  it('finds the same in a tensor as in its numbers', () => {
    const labels = [0, 0, 0, 1, 1, 1, 2, 2, 2];
    const rounded = { ...D, data: Float32Array.from(D.data) };
    const tensor = tf.tensor2d(rounded.data, [n, n]);
    expect(mine(tensor, { kind: 'labels', labels }, {})).toEqual(
      mine(rounded, { kind: 'labels', labels }, {}),
    );
    tensor.dispose();
  });

  it('gives positives and negatives of the relation only, whatever its kind', () => {
    const parents = [-1, 0, 0, 1, 1, 2, 2, 2, 3];
    const relation: BatchRelation = { kind: 'tree', parents, nodes: [...parents.keys()], positiveWithin: 2 };
    const tuples = mine(D, relation, {});
    const near = (i: number, j: number) => {
      const path = (v: number): number[] => (v < 0 ? [] : [...path(parents[v]), v]);
      const [a, b] = [path(i), path(j)];
      return a.length + b.length - 2 * a.filter((v) => b.includes(v)).length <= 2;
    };
    const check = (anchors: Int32Array, others: Int32Array, wanted: boolean) =>
      anchors.forEach((i, k) => {
        expect(i).not.toBe(others[k]);
        expect(near(i, others[k])).toBe(wanted);
      });
    const triplets = tuples.kind === 'triplets';
    check(
      triplets ? tuples.anchors : tuples.positives[0],
      triplets ? tuples.positives : tuples.positives[1],
      true,
    );
    check(
      triplets ? tuples.anchors : tuples.negatives[0],
      triplets ? tuples.negatives : tuples.negatives[1],
      false,
    );
  });

  it('refuses distances of another shape and those that are not finite, by row', () => {
    const labels = new Int32Array(n);
    expect(() => mine(D, { kind: 'labels', labels: labels.subarray(1) }, {})).toThrow(ShapeError);
    expect(() => mine(D, { kind: 'labels', labels, references: [0] }, {})).toThrow(/expected \[9, 1\]/);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const damaged = { ...D, data: D.data.slice() };
      damaged.data[4 * n + 2] = bad;
      expect(() => mine(damaged, { kind: 'labels', labels }, {})).toThrow(DomainError);
      expect(() => mine(damaged, { kind: 'labels', labels }, {})).toThrow(/distances row 4/);
    }
  });
});

describe('options of miners', () => {
  const D = dense([
    [0, 1],
    [1, 0],
  ]);
  const relation: BatchRelation = { kind: 'labels', labels: [0, 1] };

  it('are refused where they are no margin, share, strategy or range', () => {
    expect(() => tripletMarginMiner(D, relation, { margin: Number.NaN })).toThrow(DomainError);
    expect(() => tripletMarginMiner(D, relation, { type: 'soft' as 'hard' })).toThrow(UsageError);
    expect(() => pairMarginMiner(D, relation, { posMargin: Number.NaN })).toThrow(DomainError);
    expect(() => pairMarginMiner(D, relation, { zero: Number.POSITIVE_INFINITY })).toThrow(DomainError);
    expect(() => multiSimilarityMiner(D, relation, { epsilon: Number.NaN })).toThrow(DomainError);
    expect(() => batchHardMiner(D, relation, { allowedPosRange: [1, 0] })).toThrow(DomainError);
    expect(() => batchHardMiner(D, relation, { allowedNegRange: [0, Number.NaN] })).toThrow(DomainError);
    expect(() => batchEasyHardMiner(D, relation, { posStrategy: 'soft' as 'hard' })).toThrow(UsageError);
    for (const [posStrategy, negStrategy] of [
      ['semihard', 'semihard'],
      ['all', 'semihard'],
      ['semihard', 'all'],
    ] as const) {
      expect(() => batchEasyHardMiner(D, relation, { posStrategy, negStrategy })).toThrow(
        /"semihard" beside/,
      );
    }
  });
});
