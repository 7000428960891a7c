import { beforeAll, describe, expect, it } from 'vitest';
import { queryScores } from '../../src/cli/train/queryScores.js';
import { scoreVectors } from '../../src/cli/train/vectorScores.js';
import { concatColumns, type Matrix32, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { leaveOneOutScores } from '../../src/evaluation/retrieval.js';
import { FLOAT64 } from '../laws/tolerance.js';

const N = 90;
const PLANE: Space = { kind: 'euclidean', dim: 2 };
const rng = new Rng(8);
/** Classes of 1 to 24 items; points near their class's angle on the unit circle. */
const classes = Int32Array.from({ length: N }, (_, i) => (i === 0 ? 9 : Math.floor(Math.sqrt(i / 4))));
const around = (noise: number): Matrix32 => {
  const points = Array.from(classes, (c) => {
    const angle = c + noise * rng.normal();
    return [Math.cos(angle), Math.sin(angle)];
  });
  return matrix(Float32Array.from(points.flat()), N, 2);
};
let raw: Matrix32;
let trained: Matrix32;

beforeAll(() => {
  raw = around(2);
  trained = around(0.2);
});

describe('queryScores', () => {
  it('have the means that evaluation reports, over the queries that can find something', async () => {
    const scores = await queryScores(PLANE, raw, classes);
    const reported = await leaveOneOutScores(PLANE, raw, classes);
    for (const name of ['recallAt1', 'recallAt10', 'mapAtR'] as const) {
      expect(scores[name].length).toBe(N - 1);
      const mean = scores[name].reduce((sum, value) => sum + value, 0) / (N - 1);
      expect(Math.abs(mean - reported[name])).toBeLessThanOrEqual(FLOAT64);
    }
  });
});

describe('scoreVectors', () => {
  const embedded = (): Parameters<typeof scoreVectors>[1] => ({
    heads: ['euclidean', 'poincare'].map((name) => ({ name, space: PLANE, matrix: trained })),
    vectors: concatColumns([trained, trained]),
  });
  const space: Space = {
    kind: 'product',
    combine: 'sum',
    factors: [0, 1].map(() => ({ space: PLANE, weight: 1 })),
  };

  it('compares the ensemble with the better raw arm, query by query', async () => {
    const { queries, retrieval, gain } = await scoreVectors(raw, embedded(), space, classes, new Rng(2));
    expect(queries).toBe(N - 1);
    const { rawCosine, rawEuclidean, ensemble } = retrieval;
    const rival = Math.max(rawCosine!.mapAtR, rawEuclidean!.mapAtR);
    expect(Math.abs(gain.mapAtR - (ensemble!.mapAtR - rival))).toBeLessThanOrEqual(FLOAT64);
    expect(gain.interval[0]).toBeGreaterThan(0);
    // On unit vectors the order by angle is the order by distance.
    expect(rawCosine!.recallAt1).toBe(rawEuclidean!.recallAt1);
  });

  it('leaves cosine out where a vector has no direction', async () => {
    const withZero = matrix(raw.data.slice().fill(0, 4, 6), N, 2);
    const { retrieval, gain } = await scoreVectors(withZero, embedded(), space, classes, new Rng(2));
    expect([retrieval.rawCosine, gain.over]).toEqual([null, 'rawEuclidean']);
  });
});
