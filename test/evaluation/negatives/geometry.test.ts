import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { concatColumns, type Matrix64, matrix, row } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import type { NegativesArm } from '../../../src/evaluation/negatives/arms.js';
import { curvatureSweep } from '../../../src/evaluation/negatives/curvatureSweep.js';
import { negativeStatistics } from '../../../src/evaluation/negatives/negativeStatistics.js';
import { orderVerdict } from '../../../src/evaluation/negatives/orderVerdict.js';
import { radiusSpreads } from '../../../src/evaluation/negatives/radii.js';
import { negativesOverTime } from '../../../src/evaluation/negatives/series.js';
import { poincareToLorentz } from '../../../src/geometry/conversions.js';
import { distance } from '../../../src/geometry/distance.js';
import { exp0 } from '../../../src/geometry/poincare.js';
import { FLOAT64 } from '../../laws/tolerance.js';

const N = 160;
const DIM = 5;
const C = 0.3;
const COSINE: Space = { kind: 'cosine', dim: DIM };
const BALL: Space = { kind: 'poincare', dim: DIM, curvature: -C };
const LORENTZ: Space = { kind: 'lorentz', dim: DIM, curvature: -C };
const labels = Int32Array.from({ length: N }, (_, i) => i % 16);
const QUICK = { resamples: 20 };

/** Tangent vectors of the given lengths in random directions, float64. */
function vectors(length: (i: number) => number, seed: number): Matrix64 {
  const rng = new Rng(seed);
  const data = new Float64Array(N * DIM);
  for (let i = 0; i < N; i++) {
    const v = Float64Array.from({ length: DIM }, () => rng.normal());
    const norm = Math.hypot(...v);
    data.set(
      v.map((value) => (length(i) * value) / norm),
      i * DIM,
    );
  }
  return matrix(data, N, DIM);
}

function mapped(of: Matrix64, map: (v: Float64Array) => Float64Array): Matrix64 {
  const rows = Array.from({ length: N }, (_, i) => map(row(of, i)));
  return matrix(Float64Array.from(rows.flatMap((r) => [...r])), N, rows[0].length);
}

const inBall = (of: Matrix64) => mapped(of, (v) => exp0(v, C));
const arm = (
  name: string,
  space: Space,
  points: NegativesArm['matrix'],
  temperature = 0.2,
): NegativesArm => ({
  ...{ name, space, temperature },
  matrix: points,
});

const unit = vectors(() => 1, 1);
const free = vectors((i) => 0.3 + (i % 7) / 4, 1);

describe('points at one distance from the origin', () => {
  const ball = inBall(unit);
  const arms = [
    arm('cosine', COSINE, unit, 0.1),
    arm('ball', BALL, ball),
    arm(
      'hyperboloid',
      LORENTZ,
      mapped(ball, (x) => poincareToLorentz(x, C)),
    ),
    arm('Euclidean', { kind: 'euclidean', dim: DIM }, unit),
    arm('sphere', { kind: 'sphere', dim: DIM, curvature: 1 }, unit),
    arm(
      'longer',
      COSINE,
      mapped(unit, (v) => v.map((value) => 3 * value)),
      0.1,
    ),
  ];

  it('rank every negative alike in every geometry, exactly: only the weights differ', async () => {
    const { summary } = await negativeStatistics(arms, labels, new Rng(2), { ...QUICK, blockSize: 80 });
    expect(summary.pairs).toHaveLength(15);
    for (const pair of summary.pairs) {
      expect(pair.hardestDiffer).toEqual({ mean: 0, interval: [0, 0] });
      expect(pair.sameOrder).toBe(1);
      expect(pair.widestInversion).toBe(0);
      expect(Math.abs(pair.spearman!.mean - 1)).toBeLessThan(FLOAT64);
      expect(pair.overlap.every((share) => share === 1)).toBe(true);
      expect(orderVerdict(summary, pair)).toBe('forced');
    }
    const [flat, curved] = summary.arms;
    // The same negatives look false in both: which are within reach is a matter of order.
    expect(curved.falseNegatives).toEqual(flat.falseNegatives);
    expect(Math.abs(curved.own.effective.mean - flat.own.effective.mean)).toBeGreaterThan(1);
    expect(Math.abs(curved.matched.effective.mean - flat.matched.effective.mean)).toBeGreaterThan(1);
  });

  it('rank alike but for rounding in float32, which is found to be rounding', async () => {
    const single = arms
      .slice(0, 2)
      .map((a) => ({ ...a, matrix: matrix(Float32Array.from(a.matrix.data), N, DIM) }));
    const { summary } = await negativeStatistics(single, labels, new Rng(2), QUICK);
    expect(orderVerdict(summary, summary.pairs[0])).toBe('forced');
    expect(summary.arms[1].radii[0].relative).toBeLessThan(1e-6);
  });

  it('do not rank alike if they are other points, and that is not laid to the geometry', async () => {
    const other = inBall(vectors(() => 1, 9));
    const { summary } = await negativeStatistics(
      [arms[0], arm('other', BALL, other)],
      labels,
      new Rng(2),
      QUICK,
    );
    expect(summary.pairs[0].hardestDiffer.mean).toBeGreaterThan(0.5);
    expect(orderVerdict(summary, summary.pairs[0])).toBe('otherDirections');
  });
});

describe('points of free norms', () => {
  it('may rank in another order, which is told from the theorem', async () => {
    const arms = [arm('cosine', COSINE, free), arm('ball', BALL, inBall(free))];
    const { summary } = await negativeStatistics(arms, labels, new Rng(2), QUICK);
    expect(summary.pairs[0].hardestDiffer.mean).toBeGreaterThan(0.1);
    expect(orderVerdict(summary, summary.pairs[0])).toBe('differs');
    const whole = await negativeStatistics(arms, labels, new Rng(2), { ...QUICK, scope: 'whole' });
    expect(orderVerdict(whole.summary, whole.summary.pairs[0])).toBeUndefined();
  });

  it('keep their order where all is scaled, as in a space and itself', async () => {
    const plane: Space = { kind: 'euclidean', dim: DIM };
    const arms = [
      arm('one', plane, free),
      arm(
        'twice',
        plane,
        mapped(free, (v) => v.map((x) => 2 * x)),
      ),
    ];
    const { summary } = await negativeStatistics(arms, labels, new Rng(2), QUICK);
    expect(orderVerdict(summary, summary.pairs[0])).toBe('sameOrder');
    // Twice as far at one temperature is as far at half of it.
    expect(Math.abs(summary.arms[1].matched.temperature - 0.4)).toBeLessThan(FLOAT64);
    expect(Math.abs(summary.arms[1].matched.mass.mean - summary.arms[0].own.mass.mean)).toBeLessThan(FLOAT64);
  });
});

describe('radiusSpreads', () => {
  it('measure the distance to the origin of each factor, by hand', () => {
    const points = concatColumns([
      matrix(Float64Array.of(3, 4, 0, 10), 2, 2),
      matrix(Float64Array.of(0.5, 0.5), 2, 1),
    ]);
    const space: Space = {
      kind: 'product',
      combine: 'l2',
      factors: [
        { space: { kind: 'euclidean', dim: 2 }, weight: 1 },
        { space: { kind: 'poincare', dim: 1, curvature: -1 }, weight: 1 },
      ],
    };
    const [flat, ball] = radiusSpreads(space, points);
    // Radii 5 and 10; 2 artanh(1/2) = ln 3.
    expect(flat).toEqual({ space: 'euclidean', mean: 7.5, relative: 2.5 / 7.5, counts: true });
    expect(ball.mean).toBeCloseTo(Math.log(3), 12);
    expect(ball.relative).toBe(0);
    expect(radiusSpreads(COSINE, free)[0].counts).toBe(false);
  });
});

describe('curvatureSweep', () => {
  it('finds the order of cosine at length 1 whatever the curvature, and others with the norms kept', async () => {
    const points = await curvatureSweep(
      arm('ball', BALL, inBall(free)),
      labels,
      new Rng(2),
      [0, -0.3, -5],
      QUICK,
    );
    expect(points.map(({ norms, curvature }) => [norms, curvature])).toEqual(
      ['kept', 'unit'].flatMap((norms) => [0, -0.3, -5].map((K) => [norms, K])),
    );
    for (const { norms, againstCosine } of points) {
      if (norms === 'unit') {
        expect(againstCosine!.hardestDiffer.mean).toBe(0);
        expect(againstCosine!.widestInversion).toBe(0);
      } else expect(againstCosine!.hardestDiffer.mean).toBeGreaterThan(0.05);
    }
    // The arm's own curvature with its own norms is the arm.
    expect(points[1].againstArm!.hardestDiffer.mean).toBe(0);
    expect(Math.abs(points[1].matched!.temperature - 0.2)).toBeLessThan(FLOAT64);
    expect(points[2].againstArm!.hardestDiffer.mean).toBeGreaterThan(0);
  });

  it('is the same of a ball and of its hyperboloid', async () => {
    const ball = inBall(free);
    const lifted = arm(
      'hyperboloid',
      LORENTZ,
      mapped(ball, (x) => poincareToLorentz(x, C)),
    );
    const both = await Promise.all(
      [arm('ball', BALL, ball), lifted].map((a) => curvatureSweep(a, labels, new Rng(2), [-1], QUICK)),
    );
    const close = (of: (p: (typeof both)[0][0]) => number) =>
      expect(Math.abs(of(both[0][0]) - of(both[1][0]))).toBeLessThan(FLOAT64);
    close((p) => p.matched!.mass.mean);
    close((p) => p.againstCosine!.hardestDiffer.mean);
  });

  it('leaves out curvatures whose ball has no room for the vectors, and says for how many rows', async () => {
    const long = vectors((i) => (i < 3 ? 30 : 1), 4);
    const [flat, ball] = await curvatureSweep(
      arm('flat', { kind: 'euclidean', dim: DIM }, long),
      ...([labels, new Rng(2), [0, -1], QUICK] as const),
    );
    expect(flat.atRim).toBe(0);
    expect(ball).toMatchObject({ atRim: 3, againstCosine: null, againstArm: null, matched: null });
  });

  it('refuses products, curvatures above 0 and a point at the origin', async () => {
    const sweep = (a: NegativesArm, K = -1) => curvatureSweep(a, labels, new Rng(2), [K], QUICK);
    const product: Space = { kind: 'product', combine: 'sum', factors: [{ space: COSINE, weight: 1 }] };
    await expect(sweep(arm('both', product, free))).rejects.toThrow(UsageError);
    await expect(sweep(arm('ball', BALL, inBall(free)), 1)).rejects.toThrow(DomainError);
    const origin = vectors((i) => (i === 4 ? 0 : 1), 4);
    await expect(sweep(arm('flat', { kind: 'euclidean', dim: DIM }, origin))).rejects.toThrow(
      /row 4: .*origin/,
    );
  });
});

describe('negativesOverTime', () => {
  it('gives the statistics of each time, and how many hardest negatives have changed', async () => {
    const other = vectors(() => 1, 7);
    const at = (points: Matrix64) => [arm('cosine', COSINE, points), arm('ball', BALL, inBall(points))];
    async function* snapshots() {
      yield { time: 0, arms: at(unit) };
      yield { time: 100, arms: at(unit) };
      yield { time: 200, arms: at(other) };
    }
    const moments = await negativesOverTime(snapshots(), labels, new Rng(5), QUICK);
    expect(moments.map(({ time }) => time)).toEqual([0, 100, 200]);
    const alone = await negativeStatistics(at(other), labels, new Rng(5).split('intervals'), QUICK);
    expect(moments[2].summary).toEqual(alone.summary);
    expect(moments[0].changed).toBeNull();
    expect(moments[1].changed).toEqual([0, 0]);
    const [first, second] = moments[2].changed!;
    expect(first).toBeGreaterThan(0.5);
    expect(second).toBe(first);
    // Of independent points the hardest agree by chance alone.
    expect(distance(COSINE, row(unit, 0), row(other, 0))).toBeGreaterThan(0);
  });

  it('refuses other arms than those of the first time', async () => {
    const snapshots = ['a', 'b'].map((name, time) => ({ time, arms: [arm(name, COSINE, unit)] }));
    await expect(negativesOverTime(snapshots, labels, new Rng(5), QUICK)).rejects.toThrow(ShapeError);
  });
});
