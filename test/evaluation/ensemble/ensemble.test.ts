import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { row } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { columnsOf, type Space } from '../../../src/core/space.js';
import { learnWeights } from '../../../src/evaluation/ensemble/learnWeights.js';
import {
  distanceSpreads,
  type EnsembleMember,
  ensembleOf,
} from '../../../src/evaluation/ensemble/members.js';
import { fusedQueries, queryScores } from '../../../src/evaluation/ensemble/queryScores.js';
import { reciprocalRankFusion } from '../../../src/evaluation/ensemble/rankFusion.js';
import { rankScores } from '../../../src/evaluation/rankScores.js';
import { distance } from '../../../src/geometry/distance.js';
import { FLOAT64 } from '../../laws/tolerance.js';
import { clustered, labelsOf, SPACES } from './members.js';

const LABELS = labelsOf(60, 6);
const MEMBERS = SPACES.map((space, m) => clustered(space, LABELS, 0.8, 10 + m));
const between = ({ space, vectors }: EnsembleMember, i: number, j: number) =>
  distance(space, row(vectors, i), row(vectors, j));
const every = Int32Array.from(LABELS.keys());

describe('ensembleOf', () => {
  it('is the weighted sum of distances of any number of spaces, without those of weight 0', () => {
    for (const weights of [
      [1, 2, 3],
      [0.5, 0, 4],
      [0, 7, 0],
    ]) {
      const { space, vectors } = ensembleOf(MEMBERS, weights);
      expect(vectors.columns).toBe(columnsOf(space));
      expect(space.factors.length).toBe(weights.filter((weight) => weight > 0).length);
      for (const [i, j] of [
        [0, 1],
        [5, 5],
        [59, 30],
      ]) {
        const sum = MEMBERS.reduce((total, member, m) => total + weights[m] * between(member, i, j), 0);
        expect(Math.abs(distance(space, row(vectors, i), row(vectors, j)) - sum)).toBeLessThan(FLOAT64 * 10);
      }
    }
  });

  it('takes ensembles as members, whose factors it takes over', () => {
    const inner = ensembleOf(MEMBERS.slice(1), [2, 3]);
    const outer = ensembleOf([MEMBERS[0], inner], [5, 0.5]);
    expect(outer).toEqual(ensembleOf(MEMBERS, [5, 1, 1.5]));
    const root: Space = { ...inner.space, combine: 'l2' };
    const kept = ensembleOf([{ ...inner, space: root }], [2]).space;
    expect(kept.factors).toEqual([{ space: root, weight: 2 }]);
  });

  it('refuses members and weights that do not fit', () => {
    expect(() => ensembleOf([], [])).toThrow(ShapeError);
    expect(() => ensembleOf(MEMBERS, [1, 2])).toThrow(ShapeError);
    expect(() => ensembleOf(MEMBERS, [0, 0, 0])).toThrow(DomainError);
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => ensembleOf(MEMBERS, [1, bad, 1])).toThrow(DomainError);
    const narrow = { ...MEMBERS[0], space: SPACES[1] };
    expect(() => ensembleOf([narrow], [1])).toThrow(ShapeError);
    const short = clustered(SPACES[0], LABELS.subarray(1), 1, 1);
    expect(() => ensembleOf([MEMBERS[0], short], [1, 1])).toThrow(ShapeError);
  });
});

describe('distanceSpreads', () => {
  it('are standard deviations over all pairs of different items', () => {
    const spreads = distanceSpreads(MEMBERS, new Rng(1));
    for (const [m, member] of MEMBERS.entries()) {
      const all: number[] = [];
      for (const i of every) for (const j of every) if (i !== j) all.push(between(member, i, j));
      const mean = all.reduce((a, b) => a + b, 0) / all.length;
      const variance = all.reduce((sum, d) => sum + (d - mean) ** 2, 0) / all.length;
      expect(spreads[m]).toBeCloseTo(Math.sqrt(variance), 9);
    }
  });

  it('look at no more items than they are told, and refuse distances that are all the same', () => {
    const [few] = distanceSpreads([MEMBERS[0]], new Rng(1), 5);
    expect(few).toBeGreaterThan(0);
    const equal = clustered(SPACES[1], new Int32Array(9), 0, 3);
    expect(() => distanceSpreads([MEMBERS[0], equal].slice(1), new Rng(1))).toThrow(DomainError);
    expect(() => distanceSpreads(MEMBERS, new Rng(1), 1)).toThrow(UsageError);
  });
});

describe('reciprocalRankFusion', () => {
  it('is 1 / (60 + rank) summed, ties by smaller reference, by hand', () => {
    const a = Int32Array.of(7, 3, 5, 1, 0, -1);
    const b = Int32Array.of(3, 7, 9, 0, 1, 2);
    // 7 and 3: 1/61 + 1/62 both; 5 and 9: 1/63 both. Then 0 and 1 alike, 2 after them.
    expect([...reciprocalRankFusion([a, b], 3)]).toEqual([3, 7, 5, 0, 1, 2]);
    // The first table alone decides where the other has no weight.
    expect([...reciprocalRankFusion([a, b], 3, { weights: [1, 0] })]).toEqual([7, 3, 5, 1, 0, -1]);
    // With constant 0, rank 1 in one table (1) beats rank 2 in both (1/2 + 1/3 < 1).
    const c = Int32Array.of(4, 8, 6);
    const d = Int32Array.of(5, 6, 8);
    expect([...reciprocalRankFusion([c, d], 3, { constant: 0 })]).toEqual([4, 5, 6]);
    expect([...reciprocalRankFusion([c, d], 3)]).toEqual([6, 8, 4]);
  });

  it('refuses tables that do not belong together, and options out of range', () => {
    const a = Int32Array.of(1, 2, 3);
    expect(() => reciprocalRankFusion([], 3)).toThrow(ShapeError);
    expect(() => reciprocalRankFusion([a], 2)).toThrow(ShapeError);
    expect(() => reciprocalRankFusion([a, Int32Array.of(1)], 1)).toThrow(ShapeError);
    expect(() => reciprocalRankFusion([a], 0)).toThrow(UsageError);
    expect(() => reciprocalRankFusion([a], 3, { constant: -1 })).toThrow(DomainError);
    expect(() => reciprocalRankFusion([a], 3, { weights: [0] })).toThrow(DomainError);
    expect(() => reciprocalRankFusion([a], 3, { weights: [Number.NaN] })).toThrow(DomainError);
    expect(() => reciprocalRankFusion([a], 3, { weights: [1, 1] })).toThrow(ShapeError);
  });
});

describe('queryScores', () => {
  it.each(['recallAt1', 'mapAtR'] as const)(
    'has the mean %s of rankScores of the product space',
    async (score) => {
      const weights = [1, 0.7, 2];
      const { space, vectors } = ensembleOf(MEMBERS, weights);
      const scores = queryScores(fusedQueries(MEMBERS, every, LABELS), weights, score);
      const report = await rankScores(space, vectors, LABELS, { recallAt: [1] });
      const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
      expect(mean).toBeCloseTo(score === 'recallAt1' ? report.recallAt[1] : report.mapAtR!, 9);
      expect(mean).toBeGreaterThan(0.2);
      expect(mean).toBeLessThan(1);
    },
  );

  it.each(['recallAt1', 'mapAtR'] as const)(
    'counts a stranger at the distance of a friend first: %s',
    (score) => {
      const labels = Int32Array.of(0, 0, 1);
      const same = clustered(SPACES[0], new Int32Array(3), 0, 5);
      const fused = fusedQueries([same], Int32Array.of(0), labels);
      expect(queryScores(fused, [1], score)[0]).toBe(0);
    },
  );
});

describe('learnWeights', () => {
  const noise = clustered(SPACES[2], LABELS, 50, 77);

  it('gives noise a quarter of the say of a good member at most, and is never below equal spreads or the best member on its own items', () => {
    for (const score of ['recallAt1', 'mapAtR'] as const) {
      const all = [...MEMBERS.slice(0, 2), noise];
      const learned = learnWeights(all, LABELS, new Rng(3), { score });
      const { weights, single, best, balanced, intervals } = learned;
      const spreads = distanceSpreads(all, new Rng(3).split('spreads'));
      const [first, second, third] = weights.map((weight, m) => weight * spreads[m]);
      expect(third).toBeLessThanOrEqual(Math.max(first, second) / 4);
      expect(best).toBe(single[0] >= single[1] ? 0 : 1);
      expect(learned.score).toBeGreaterThanOrEqual(balanced);
      expect(learned.score).toBeGreaterThanOrEqual(single[best]);
      const gain = learned.score - single[best];
      expect(intervals.gain[0]).toBeLessThanOrEqual(gain);
      expect(intervals.gain[1]).toBeGreaterThanOrEqual(gain);
      expect(intervals.score[0]).toBeLessThanOrEqual(learned.score);
      expect(learned.queries).toBe(60);
    }
  });

  it('finds with two members the best point of its grid', () => {
    const two = MEMBERS.slice(0, 2);
    const grid = [0, 0.25, 1, 4];
    const learned = learnWeights(two, LABELS, new Rng(4), { score: 'mapAtR', grid, rounds: 9 });
    const fused = fusedQueries(two, every, LABELS);
    const unit = distanceSpreads(two, new Rng(4).split('spreads')).map((spread) => 1 / spread);
    const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
    const all = grid.flatMap((a) =>
      grid
        .filter((b) => a + b > 0)
        .map((b) => mean(queryScores(fused, [a * unit[0], b * unit[1]], 'mapAtR'))),
    );
    expect(learned.score).toBe(Math.max(...all));
  });

  it('is the same for the same seed, and draws queries where there are too many pairs', () => {
    const of = (mostPairs: number) => learnWeights(MEMBERS, LABELS, new Rng(5), { mostPairs });
    expect(of(60 * 12).queries).toBe(12);
    expect(of(60 * 12)).toEqual(of(60 * 12));
  });

  it('has wider intervals over few clusters than over queries', () => {
    const width = (clusters?: ArrayLike<number>) => {
      const { intervals } = learnWeights(MEMBERS, LABELS, new Rng(6), clusters ? { clusters } : {});
      return intervals.score[1] - intervals.score[0];
    };
    expect(width(LABELS.map((label) => Math.floor(label / 2)))).toBeGreaterThan(width());
  });

  it('refuses what cannot be learned from', () => {
    const of =
      (labels: ArrayLike<number>, options = {}, members: readonly EnsembleMember[] = MEMBERS) =>
      () =>
        learnWeights(members, labels, new Rng(1), options);
    expect(of(LABELS.subarray(1))).toThrow(ShapeError);
    expect(of(new Int32Array(60))).toThrow(DomainError);
    expect(of(every)).toThrow(DomainError);
    expect(of(LABELS, { grid: [0, 2] })).toThrow(UsageError);
    expect(of(LABELS, { grid: [1, -1] })).toThrow(DomainError);
    expect(of(LABELS, { rounds: 0 })).toThrow(UsageError);
    const broken = { ...MEMBERS[1], vectors: { ...MEMBERS[1].vectors, data: new Float32Array(180).fill(9) } };
    expect(of(LABELS, {}, [MEMBERS[0], broken])).toThrow(/member 1 row 0/);
  });
});
