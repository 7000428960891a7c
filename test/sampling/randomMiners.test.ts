import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../src/core/errors.js';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { distanceWeightedMiner, negativeWeights } from '../../src/sampling/miners/distanceWeighted.js';
import { uniformHistogramMiner } from '../../src/sampling/miners/uniformHistogram.js';
import { FLOAT64 } from '../laws/tolerance.js';

interface Fixture {
  readonly labels: number[];
  readonly onUnitSphere: {
    dim: number;
    distances: number[][];
    weights: { cutoff: number; nonZeroLossCutoff: number; weights: number[][] }[];
  }[];
}
const PEER: Fixture = JSON.parse(readFileSync(new URL('./miners.json', import.meta.url), 'utf8'));
const dense = (rows: number[][]) => matrix(Float64Array.from(rows.flat()), rows.length, rows[0].length);
const counted = (values: Iterable<number>) => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

describe('weights of negatives', () => {
  it.each(PEER.onUnitSphere)('are those of the peer for rows of norm 1 in $dim columns', (given) => {
    const { dim, distances } = given;
    for (const { weights, ...cutoffs } of given.weights) {
      const ours = negativeWeights(
        dense(distances),
        { kind: 'labels', labels: PEER.labels },
        { space: { kind: 'chord', dim }, ...cutoffs },
      );
      weights.flat().forEach((weight, at) => {
        expect(Math.abs(ours.data[at] - weight)).toBeLessThan(FLOAT64);
      });
    }
  });

  it('are 1 / q of the space, by hand in the hyperbolic plane', () => {
    const distances = dense([[0.1, 0.2, 1, 2, 3]]);
    const { data } = negativeWeights(
      distances,
      { kind: 'labels', labels: [0], references: [0, 1, 1, 1, 1] },
      { space: { kind: 'poincare', dim: 2, curvature: -1 }, cutoff: 0.5, nonZeroLossCutoff: 3 },
    );
    // 0.2 counts as 0.5, and 3 is not below 3.
    const inverse = [0, 1 / Math.sinh(0.5), 1 / Math.sinh(1), 1 / Math.sinh(2), 0];
    const total = inverse.reduce((a, b) => a + b);
    inverse.forEach((value, j) => {
      expect(data[j]).toBeCloseTo(value / total, 12);
    });
  });

  it('sum to 1 where volumes differ by more than numbers hold, and to 0 where no negative counts', () => {
    const relation = { kind: 'labels', labels: [0, 0], references: [1, 1] } as const;
    const options = { space: { kind: 'lorentz', dim: 200, curvature: -1 }, nonZeroLossCutoff: 100 } as const;
    const { data } = negativeWeights(
      dense([
        [5, 50],
        [100, 200],
      ]),
      relation,
      options,
    );
    expect([...data]).toEqual([1, 0, 0, 0]);
  });

  it('refuse cutoffs that are not above 0', () => {
    const refuse = (cutoffs: object) => () =>
      negativeWeights(
        dense([[1]]),
        { kind: 'labels', labels: [0], references: [1] },
        { space: { kind: 'euclidean', dim: 2 }, ...cutoffs },
      );
    expect(refuse({ cutoff: 0 })).toThrow(DomainError);
    expect(refuse({ nonZeroLossCutoff: Number.NaN })).toThrow(DomainError);
  });
});

describe('the distance-weighted miner', () => {
  const space = { kind: 'euclidean', dim: 2 } as const;

  it('draws negatives by their weights and positives evenly', () => {
    const relation = { kind: 'labels', labels: [0], references: [0, 0, 1, 1, 1] } as const;
    const distances = dense([[0.3, 0.9, 0.6, 1.2, 1.5]]);
    const options = { space, cutoff: 0.1 };
    const { data } = negativeWeights(distances, relation, options);
    const draws = 20000;
    const mined = distanceWeightedMiner(distances, relation, {
      ...options,
      rng: new Rng(2),
      perAnchor: draws,
    });
    expect(mined.anchors).toHaveLength(draws);
    const negatives = counted(mined.negatives);
    // Binomial: five standard deviations, at most 5 * sqrt(draws / 4).
    const spread = 5 * Math.sqrt(draws / 4);
    for (const j of [2, 3, 4]) {
      expect(Math.abs((negatives.get(j) ?? 0) - draws * data[j])).toBeLessThan(spread);
    }
    expect(negatives.has(4)).toBe(false);
    expect(Math.abs((counted(mined.positives).get(0) ?? 0) - draws / 2)).toBeLessThan(spread);
  });

  it('has as many triplets an anchor as its class has items', () => {
    const n = 9;
    const distances = matrix(new Float64Array(n * n).fill(1), n, n);
    const labels = [0, 0, 0, 0, 1, 1, 1, 2, 1];
    const mined = distanceWeightedMiner(distances, { kind: 'labels', labels }, { space, rng: new Rng(1) });
    const counts = counted(mined.anchors);
    expect([...counts]).toEqual([0, 1, 2, 3, 4, 5, 6, 8].map((i) => [i, 4]));
    const other = { kind: 'labels', labels: labels.slice(0, 2), references: labels } as const;
    const rows = matrix(new Float64Array(2 * n).fill(1), 2, n);
    expect(distanceWeightedMiner(rows, other, { space, rng: new Rng(1) }).anchors).toHaveLength(8);
  });

  it('leaves anchors out whose negatives are all too far', () => {
    const distances = dense([
      [0, 1, 9],
      [1, 0, 1],
      [9, 1, 0],
    ]);
    const mined = distanceWeightedMiner(
      distances,
      { kind: 'labels', labels: [0, 0, 1] },
      { space, rng: new Rng(1) },
    );
    expect([...mined.anchors]).toEqual([1, 1]);
  });

  it('is the same from the same seed and another from another', () => {
    const [{ distances, dim }] = PEER.onUnitSphere;
    const mine = (seed: number) =>
      distanceWeightedMiner(
        dense(distances),
        { kind: 'labels', labels: PEER.labels },
        { space: { kind: 'chord', dim }, rng: new Rng(seed) },
      );
    expect(mine(4)).toEqual(mine(4));
    expect(mine(4)).not.toEqual(mine(5));
  });

  it('refuses to draw no triplet', () => {
    const draw = () =>
      distanceWeightedMiner(
        dense([[0]]),
        { kind: 'labels', labels: [0] },
        { space, rng: new Rng(1), perAnchor: 0 },
      );
    expect(draw).toThrow(UsageError);
  });
});

describe('the uniform histogram miner', () => {
  const relation = { kind: 'labels', labels: [0], references: [0, 0, 0, 0, 0, 1, 1] } as const;
  const distances = dense([[0, 0.1, 0.2, 1, 0.95, 5, 5]]);

  it('draws as many pairs from each bin that is not empty, nearest first', () => {
    const options = { bins: 4, posPerBin: 300, negPerBin: 7, rng: new Rng(3) };
    const { positives, negatives } = uniformHistogramMiner(distances, relation, options);
    expect(positives[1]).toHaveLength(600);
    expect([...positives[1].slice(0, 300)].every((j) => j <= 2)).toBe(true);
    // The upper end, 1, is in the last bin.
    expect([...positives[1].slice(300)].every((j) => j === 3 || j === 4)).toBe(true);
    // Binomial with p = 1/3: standard deviation 8.2; five of them.
    for (const j of [0, 1, 2]) expect(Math.abs(counted(positives[1]).get(j)! - 100)).toBeLessThan(41);
    // One distance alone is one bin.
    expect(negatives[1]).toHaveLength(7);
    expect(new Set([...negatives[1]])).toEqual(new Set([5, 6]));
  });

  it('is the same from the same seed and another from another', () => {
    const mine = (seed: number) => uniformHistogramMiner(distances, relation, { rng: new Rng(seed) });
    expect(mine(4)).toEqual(mine(4));
    expect(mine(4)).not.toEqual(mine(5));
  });

  it('refuses counts that are none', () => {
    for (const counts of [{ bins: 0 }, { posPerBin: 0.5 }, { negPerBin: Number.NaN }]) {
      expect(() => uniformHistogramMiner(distances, relation, { rng: new Rng(1), ...counts })).toThrow(
        UsageError,
      );
    }
  });
});
