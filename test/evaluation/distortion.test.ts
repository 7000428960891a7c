import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { pearson, ranks, spearman } from '../../src/evaluation/correlation.js';
import { pairsOf, shepardReport } from '../../src/evaluation/distortion.js';
import { neighborhoodReport } from '../../src/evaluation/neighborhoods.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import { REFERENCE_TOLERANCE, randomMatrix, readReference } from './support.js';

interface Quality {
  readonly x: number[][];
  readonly z: number[][];
  readonly trustworthiness: Record<string, number>;
  readonly continuity: Record<string, number>;
  readonly knnRecall10: number;
  readonly [quantity: string]: unknown;
}

function within(rows: readonly number[][]): Matrix64 {
  const points = matrix(Float64Array.from(rows.flat()), rows.length, rows[0].length);
  return distanceMatrix({ kind: 'euclidean', dim: rows[0].length }, points, points);
}

describe('quality.json (scikit-learn and scipy)', () => {
  const reference = readReference('quality') as Quality;
  const inputs = within(reference.x);
  const codes = within(reference.z);
  const close = (got: number, expected: number, what: string) =>
    expect(Math.abs(got - expected), what).toBeLessThanOrEqual(
      REFERENCE_TOLERANCE * Math.max(1, Math.abs(expected)),
    );

  it('has our stresses, correlations and distortions', () => {
    const report = shepardReport(pairsOf(inputs), pairsOf(codes));
    for (const [key, value] of Object.entries(report)) {
      const name = { spearman: 'shepardSpearman', pearson: 'shepardPearson' }[key] ?? key;
      close(value, reference[name] as number, name);
    }
  });

  it('has our trustworthiness, continuity and neighbour recall', () => {
    for (const k of [5, 10]) {
      const report = neighborhoodReport(inputs, codes, k);
      close(report.trustworthiness, reference.trustworthiness[k], `trustworthiness ${k}`);
      close(report.continuity, reference.continuity[k], `continuity ${k}`);
      if (k === 10) close(report.knnRecall, reference.knnRecall10, 'knnRecall');
    }
  });
});

describe('shepardReport', () => {
  it('is perfect for a scaled copy, but for the stress without scaling', () => {
    const report = shepardReport([1, 2, 4], [0.5, 1, 2]);
    expect(report.scaledStress1).toBe(0);
    expect(report.worstCaseDistortion).toBe(1);
    expect(report.kruskalStress1).toBe(0.5);
    expect(report.averageDistortion).toBe(0.5);
    expect(report.spearman).toBeCloseTo(1, 15);
  });

  it('does not change its scaled stress with the unit of the code, and never exceeds the plain one', () => {
    const distances = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), {
      minLength: 5,
      maxLength: 5,
    });
    fc.assert(
      fc.property(distances, distances, fc.double({ min: 0.1, max: 10, noNaN: true }), (a, b, unit) => {
        const plain = shepardReport(a, b);
        expect(plain.scaledStress1).toBeLessThanOrEqual(plain.kruskalStress1 + 1e-12);
        const other = shepardReport(
          a,
          b.map((value) => unit * value),
        );
        expect(other.scaledStress1).toBeCloseTo(plain.scaledStress1, 12);
        expect(other.worstCaseDistortion / plain.worstCaseDistortion).toBeCloseTo(1, 12);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('says Infinity where one side of a pair is 0, and nothing where both are', () => {
    expect(shepardReport([1, 2], [0, 2]).worstCaseDistortion).toBe(Number.POSITIVE_INFINITY);
    expect(shepardReport([0, 2], [1, 2]).averageDistortion).toBe(Number.POSITIVE_INFINITY);
    expect(shepardReport([0, 2, 1], [0, 2, 1])).toMatchObject({ sammon: 0, worstCaseDistortion: 1 });
  });

  it('gives a collapsed code full stress and no correlation', () => {
    const report = shepardReport([1, 2, 3], [0, 0, 0]);
    expect(report.scaledStress1).toBe(1);
    expect(report.spearman).toBeNaN();
  });

  it('refuses NaN, negative distances, equal inputs and other lengths', () => {
    expect(() => shepardReport([1, Number.NaN], [1, 1])).toThrow(DomainError);
    expect(() => shepardReport([1, 2], [1, -1])).toThrow(/pair 1/);
    expect(() => shepardReport([0, 0], [1, 1])).toThrow(DomainError);
    expect(() => shepardReport([1], [1, 2])).toThrow(ShapeError);
    expect(() => pairsOf(matrix(new Float64Array(2), 1, 2))).toThrow(ShapeError);
  });
});

describe('neighborhoodReport', () => {
  it('is 1 for the same distances in another unit', () => {
    const points = randomMatrix(25, 3, new Rng(1));
    const D = distanceMatrix({ kind: 'euclidean', dim: 3 }, points, points);
    const doubled = matrix(
      D.data.map((d) => 2 * d),
      25,
      25,
    );
    expect(neighborhoodReport(D, doubled, 6)).toEqual({ trustworthiness: 1, continuity: 1, knnRecall: 1 });
  });

  it('exchanges trustworthiness and continuity with its arguments', () => {
    const [a, b] = [2, 3].map((seed) => {
      const points = randomMatrix(20, 2, new Rng(seed));
      return distanceMatrix({ kind: 'euclidean', dim: 2 }, points, points);
    });
    const there = neighborhoodReport(a, b, 4);
    const back = neighborhoodReport(b, a, 4);
    expect([back.continuity, back.trustworthiness]).toEqual([there.trustworthiness, there.continuity]);
    expect(back.knnRecall).toBe(there.knnRecall);
  });

  it('refuses k of half the items or more, and matrices of two sizes', () => {
    const D = matrix(new Float64Array(100), 10, 10);
    expect(() => neighborhoodReport(D, D, 5)).toThrow(UsageError);
    expect(() => neighborhoodReport(D, D, 4)).not.toThrow();
    expect(() => neighborhoodReport(D, matrix(new Float64Array(81), 9, 9), 4)).toThrow(ShapeError);
  });
});

describe('correlation', () => {
  it('shares ranks among ties', () => {
    expect(Array.from(ranks([3, 1, 3, 2, 3]))).toEqual([4, 1, 4, 2, 4]);
    expect(Array.from(ranks([]))).toEqual([]);
  });

  it('is by hand -1, 0.5 and 1', () => {
    expect(pearson([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 15);
    // Ranks 1 2 3 and 2 1 3: 1 - 6·2 / (3·8).
    expect(spearman([10, 20, 30], [2, 1, 9])).toBeCloseTo(0.5, 15);
    expect(spearman([1, 2, 3], [1, 10, 1000])).toBeCloseTo(1, 15);
  });

  it('is undefined for a constant', () => {
    expect(pearson([1, 1], [1, 2])).toBeNaN();
  });
});
