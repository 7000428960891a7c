import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Matrix32, matrix } from '../../../src/core/matrix.js';
import { clusterAgreement } from '../../../src/evaluation/probes/clusterAgreement.js';
import { minimize } from '../../../src/evaluation/probes/lbfgs.js';
import { classify, logisticRegression } from '../../../src/evaluation/probes/logisticRegression.js';
import { neighborVote } from '../../../src/evaluation/probes/neighborVote.js';

interface Fixture {
  readonly rows: number[][];
  readonly labels: number[];
  readonly queries: number[][];
  readonly inverse: number;
  readonly weights: number[][];
  readonly offsets: number[];
  readonly classified: number[];
  readonly voted: number[];
  readonly clusters: number[];
  readonly agreement: number[];
}

const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'sklearn.json'), 'utf8')) as Fixture;
const dense = (rows: number[][]): Matrix32 =>
  matrix(Float32Array.from(rows.flat()), rows.length, rows[0].length);

/** Rows are float32 here, and both end where a gradient is small, not zero. */
const FITTED = 1e-5;

describe('logistic regression', () => {
  it('finds the weights that scikit-learn does', () => {
    const { rows, labels, inverse, weights, offsets, queries, classified } = fixture;
    const found = logisticRegression(dense(rows), labels, inverse, { tolerance: 1e-9, iterations: 1000 });
    const worst = weights.flat().map((w, i) => Math.abs(w - found.weights[i]));
    expect(Math.max(...worst)).toBeLessThan(FITTED);
    // Offsets of all classes may move together: none of the probabilities changes.
    const shift = offsets[0] - found.offsets[0];
    offsets.forEach((offset, c) => {
      expect(Math.abs(offset - shift - found.offsets[c])).toBeLessThan(FITTED);
    });
    expect(Array.from(classify(found, dense(queries)))).toEqual(classified);
  });

  it('refuses no rows, labels of another length and a penalty of nothing', () => {
    const one = dense([[1, 2]]);
    expect(() => logisticRegression(matrix(new Float32Array(0), 0, 2), [], 1)).toThrow(/at least one/);
    expect(() => logisticRegression(one, [1, 2], 1)).toThrow(/labels/);
    expect(() => logisticRegression(one, [1], 0)).toThrow(/inverse/);
    expect(() => logisticRegression(dense([[1, Number.NaN]]), [1], 1)).toThrow(/rows/);
  });
});

describe('minimize', () => {
  it('ends at the minimum of a narrow valley', () => {
    const found = minimize(
      ([x, y], gradient) => {
        gradient.set([2 * (x - 3), 2000 * (y + 1)]);
        return (x - 3) ** 2 + 1000 * (y + 1) ** 2;
      },
      new Float64Array(2),
      { tolerance: 1e-9 },
    );
    expect(Math.abs(found[0] - 3) + Math.abs(found[1] + 1)).toBeLessThan(1e-8);
  });
});

describe('neighbor vote', () => {
  it('gives the labels that scikit-learn does', async () => {
    const { rows, labels, queries, voted } = fixture;
    expect(Array.from(await neighborVote(dense(queries), dense(rows), labels, 5))).toEqual(voted);
  });

  it('takes the smaller of two labels that are as frequent', async () => {
    const rows = dense([[0], [1], [10], [11]]);
    expect(Array.from(await neighborVote(dense([[5.6]]), rows, [7, 7, 3, 3], 4))).toEqual([3]);
  });
});

describe('cluster agreement', () => {
  it('has the homogeneity, completeness and V that scikit-learn has', () => {
    const { labels, clusters, agreement } = fixture;
    const found = clusterAgreement(labels, clusters);
    [found.homogeneity, found.completeness, found.vMeasure].forEach((value, i) => {
      expect(value).toBeCloseTo(agreement[i], 12);
    });
  });

  it('has a purity that can be counted by hand', () => {
    // Cluster 0 holds labels 1, 1, 2, cluster 1 holds 2, 2, 3: two of three are right in each.
    expect(clusterAgreement([1, 1, 2, 2, 2, 3], [0, 0, 0, 1, 1, 1]).purity).toBeCloseTo(4 / 6, 12);
  });

  it('is 1 for the same grouping under other names', () => {
    const found = clusterAgreement([1, 1, 2, 2], [5, 5, 4, 4]);
    expect(Object.values(found)).toEqual([1, 1, 1, 1]);
  });
});
