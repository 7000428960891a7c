import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { type Matrix, matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import type { Group } from '../../../src/symmetry/group.js';
import { cyclicGroup } from '../../../src/symmetry/groups/cyclic.js';
import { dihedralGroup } from '../../../src/symmetry/groups/dihedral.js';
import {
  e3Group,
  motionAndOrderGroup,
  rotationGroup2d,
  se2Group,
  se3Group,
} from '../../../src/symmetry/groups/motions.js';
import { orthogonalGroup2d, orthogonalGroup3d } from '../../../src/symmetry/groups/orthogonal.js';
import { permutationGroup } from '../../../src/symmetry/groups/permutations.js';
import { directProduct, type Pair, trivialGroup } from '../../../src/symmetry/groups/products.js';
import { rotationGroup3d } from '../../../src/symmetry/groups/rotations3d.js';
import { scalingGroup } from '../../../src/symmetry/groups/scaling.js';
import { so2OnVectors } from '../../../src/symmetry/groups/so2.js';
import { translationGroup } from '../../../src/symmetry/groups/translations.js';
import { cloudOf, type GroupCase, itObeysTheLaws } from '../../laws/group.js';
import { moments, POSE, points, posesApart } from '../../laws/poses.js';

const N = 5;
const numbers = (rng: Rng, count: number) => Float64Array.from({ length: count }, () => rng.normal());
const cloud = (dim: number) => (rng: Rng) => cloudOf(rng, N, dim);
const vectors = (dim: number) => (rng: Rng) => cloudOf(rng, dim, dim);
const pointOf = (x: ArrayLike<number>) => matrix(Float64Array.from(x), 1, x.length);

/** Features on which a finite group acts as on itself: (g f)[h] = f[g⁻¹ h]. */
function regular(group: Group<number, Matrix>, order: number): GroupCase<number, Matrix, ArrayLike<number>> {
  return {
    ...{ group, item: cloud(2), feature: (rng) => numbers(rng, order) },
    actOnFeatures: (g, f) => Array.from({ length: order }, (_, h) => f[group.compose(group.inverse(g), h)]),
  };
}

/** Groups whose features are vectors and turn as points do. */
function turning<G>(group: Group<G, Matrix, Matrix>, dim: number): GroupCase<G, Matrix, Matrix> {
  return { group, item: cloud(dim), feature: vectors(dim), actOnFeatures: group.act };
}

/** Groups whose features are one place that moves as points do. */
function moving<G>(group: Group<G, Matrix>, dim: number): GroupCase<G, Matrix, ArrayLike<number>> {
  return {
    ...{ group, item: cloud(dim), feature: (rng) => numbers(rng, dim) },
    actOnFeatures: (g, f) => group.act(g, pointOf(f)).data,
  };
}

/** Motions: the place moves, the vectors only turn. */
function motion<R, F>(
  group: Group<Pair<Float64Array, R>, Matrix, Pair<ArrayLike<number>, F>>,
  turns: GroupCase<R, Matrix, F>,
  dim: number,
): GroupCase<Pair<Float64Array, R>, Matrix, Pair<ArrayLike<number>, F>> {
  return {
    ...{ group, item: turns.item, feature: (rng) => [numbers(rng, dim), turns.feature(rng)] },
    actOnFeatures: ([t, R], [place, f]) => [
      group.act([t, R], pointOf(place)).data,
      turns.actOnFeatures(R, f),
    ],
  };
}

const orders: GroupCase<Int32Array, Matrix, ArrayLike<number>> = {
  ...{ group: permutationGroup(N), item: cloud(2), feature: (rng) => numbers(rng, N) },
  actOnFeatures: (g, f) => Array.from(g, (from) => f[from]),
};
const se3 = motion(se3Group(), turning(rotationGroup3d(), 3), 3);
const trivial: GroupCase<null, Matrix, unknown> = {
  ...{ group: trivialGroup<Matrix>(), item: cloud(2), feature: () => null, actOnFeatures: () => null },
};
const both = <GA, FA, GB, FB>(
  group: Group<Pair<GA, GB>, Matrix, Pair<FA, FB>>,
  a: GroupCase<GA, Matrix, FA>,
  b: GroupCase<GB, Matrix, FB>,
): GroupCase<Pair<GA, GB>, Matrix, Pair<FA, FB>> => ({
  ...{ group, item: a.item, feature: (rng) => [a.feature(rng), b.feature(rng)] },
  actOnFeatures: ([g, h], [f, k]) => [a.actOnFeatures(g, f), b.actOnFeatures(h, k)],
});

const CASES: Readonly<Record<string, GroupCase<never, never, never>>> = Object.fromEntries(
  [
    ...[1, 2, 3, 4, 7].map((n) => regular(cyclicGroup(n), n)),
    ...[1, 2, 3, 4].map((n) => regular(dihedralGroup(n), 2 * n)),
    ...[moving(rotationGroup2d(), 2), moving(translationGroup(2), 2), moving(translationGroup(5), 5)],
    ...[turning(orthogonalGroup2d(), 2), turning(orthogonalGroup3d(), 3), turning(rotationGroup3d(), 3)],
    { ...moving(scalingGroup(), 1), item: cloud(3) },
    ...[motion(se2Group(), moving(rotationGroup2d(), 2), 2), se3],
    motion(e3Group(), turning(orthogonalGroup3d(), 3), 3),
    ...[orders, both(motionAndOrderGroup(N), se3, orders), trivial],
    both(
      directProduct(scalingGroup(), rotationGroup3d()),
      { ...moving(scalingGroup(), 1), item: cloud(3) },
      turning(rotationGroup3d(), 3),
    ),
  ].map((one) => [one.group.name, one as unknown as GroupCase<never, never, never>]),
);

describe.each(Object.entries(CASES))('%s', (_, one) => itObeysTheLaws(one));

describe('ψ at items with symmetries is right up to them', () => {
  const lookingFrom = (n: number) => (x: Matrix) =>
    Array.from({ length: n }, (_, j) => {
      const [c, s] = [Math.cos((2 * Math.PI * j) / n), Math.sin((2 * Math.PI * j) / n)];
      // Rounded, as a tie of two sums must stay a tie.
      const views = Array.from({ length: x.rows }, (_, i) => c * x.data[2 * i] + s * x.data[2 * i + 1]);
      return Number(views.reduce((sum, along) => sum + along ** 4 + along ** 3, 0).toFixed(9));
    });
  const square = points(2, 1, 0, 0, 1, -1, 0, 0, -1);

  /** Rows in an order that no turn changes, as symmetric items are compared as sets. */
  const sorted = (x: Matrix): number[][] =>
    Array.from({ length: x.rows }, (_, i) =>
      Array.from(
        x.data.subarray(i * x.columns, (i + 1) * x.columns),
        (value) => Number(value.toFixed(6)) + 0,
      ),
    ).sort((a, b) => a[0] - b[0] || a[1] - b[1]);

  it('a square cloud under C_4 and C_8: as a set, one pose for the orbit', () => {
    for (const n of [4, 8]) {
      const group = cyclicGroup(n);
      const pose = (x: Matrix) => sorted(group.act(group.inverse(group.fromFeatures(lookingFrom(n)(x))), x));
      for (let g = 0; g < n; g++) expect(pose(group.act(g, square))).toEqual(pose(square));
    }
  });

  it('numbers of which the largest stands twice still have one element: the rest of them decides', () => {
    const group = cyclicGroup(3);
    for (let g = 0; g < 3; g++) {
      const turned = [1, 1, 0].map((_, h, f) => f[(h - g + 3) % 3]);
      expect(group.fromFeatures(turned)).toBe(g + (group.fromFeatures([1, 1, 0]) % 3));
    }
  });

  it('a round item, all of whose points are at the centre, under SO(2), O(2), SO(3), O(3), scaling', () => {
    const centre = (dim: number) => points(dim, ...new Array(3 * dim).fill(0));
    expect(posesApart(rotationGroup2d(), (x) => moments(x, 1).data, centre(2))).toBe(0);
    expect(posesApart(orthogonalGroup2d(), (x) => moments(x, 2), centre(2))).toBe(0);
    expect(posesApart(rotationGroup3d(), (x) => moments(x, 2), centre(3))).toBe(0);
    expect(posesApart(orthogonalGroup3d(), (x) => moments(x, 3), centre(3))).toBe(0);
    expect(posesApart(scalingGroup(), (x) => [Math.hypot(...x.data)], centre(3))).toBe(0);
  });

  it('points on a line through the origin, under SO(3) and O(3)', () => {
    const line = points(3, 1, 2, 3, -0.5, -1, -1.5, 0.2, 0.4, 0.6);
    expect(posesApart(rotationGroup3d(), (x) => moments(x, 2), line)).toBeLessThan(POSE);
    expect(posesApart(orthogonalGroup3d(), (x) => moments(x, 3), line)).toBeLessThan(POSE);
  });

  it('points in a plane under O(3), on a line under O(2)', () => {
    const plane = points(3, 1, 0, 0, 0.5, 2, 0, -0.7, 0.3, 0);
    expect(posesApart(orthogonalGroup3d(), (x) => moments(x, 3), plane)).toBeLessThan(POSE);
    const line = points(2, 1, 2, -0.25, -0.5);
    expect(posesApart(orthogonalGroup2d(), (x) => moments(x, 2), line)).toBeLessThan(POSE);
  });

  it('two equal points, one point and none, under S_N', () => {
    const scores = (x: Matrix) => Array.from({ length: x.rows }, (_, i) => x.data[2 * i]);
    const twins = points(2, 1, 5, 3, 4, 1, 5, 0, 0, 3, 4);
    expect(posesApart(permutationGroup(5), scores, twins)).toBe(0);
    expect(posesApart(permutationGroup(1), scores, points(2, 1, 5))).toBe(0);
    expect(posesApart(permutationGroup(0), scores, points(2))).toBe(0);
  });

  it('two equal points, collinear points and one point, under SE(3) x S_N', () => {
    const features = (x: Matrix): Pair<Pair<ArrayLike<number>, Matrix>, ArrayLike<number>> => {
      const mean = [0, 0, 0];
      for (let at = 0; at < x.data.length; at++) mean[at % 3] += x.data[at] / x.rows;
      const centred = matrix(
        Float64Array.from(x.data, (v, at) => v - mean[at % 3]),
        x.rows,
        3,
      );
      const far = Array.from({ length: x.rows }, (_, i) =>
        Number(Math.hypot(...centred.data.subarray(3 * i, 3 * i + 3)).toFixed(9)),
      );
      // Of a set the plain sum of what is left of the mean is 0, but for rounding.
      return [[mean, matrix(moments(centred, 3).data.subarray(3), 2, 3)], far];
    };
    for (const x of [
      points(3, 0, 0, 0, 0, 0, 0, 3, 1, 0),
      points(3, 0, 0, 0, 1, 1, 1, 4, 4, 4),
      points(3, 1, 2, 3),
    ])
      expect(posesApart(motionAndOrderGroup(x.rows), features, x)).toBeLessThan(POSE);
  });
});

describe('random elements', () => {
  it('of SO(3) are uniform: matrices and angles have the means of Haar measure', () => {
    const group = rotationGroup3d();
    const rng = new Rng(2);
    const count = 20_000;
    const mean = new Float64Array(9);
    let angle = 0;
    for (let i = 0; i < count; i++) {
      const g = group.random(rng);
      for (let k = 0; k < 9; k++) mean[k] += g[k] / count;
      angle += group.distance(g, group.identity) / count;
    }
    // Entries have standard deviation √(1/3) / √count = 0.004, the angle, of density (1 - cos θ) / π, 0.645 / √count.
    for (const value of mean) expect(Math.abs(value)).toBeLessThan(5 * 0.0041);
    expect(Math.abs(angle - (Math.PI / 2 + 2 / Math.PI))).toBeLessThan(5 * 0.0046);
  });

  it('of O(3) mirror half of the time', () => {
    const group = orthogonalGroup3d();
    const rng = new Rng(3);
    let mirrored = 0;
    for (let i = 0; i < 2_000; i++) {
      const [a, b, c, d, e, f, g, h, k] = group.random(rng);
      if (a * (e * k - f * h) - b * (d * k - f * g) + c * (d * h - e * g) < 0) mirrored++;
    }
    // Standard deviation √(2000 / 4) = 22.
    expect(Math.abs(mirrored - 1_000)).toBeLessThan(5 * 22.4);
  });
});

describe('by hand', () => {
  it('a frame of space: (2, 0, 0) and (1, 1, 0) give the identity', () => {
    expect(Array.from(rotationGroup3d().fromFeatures(points(3, 2, 0, 0, 1, 1, 0)))).toEqual([
      ...[1, 0, 0, 0, 1, 0, 0, 0, 1],
    ]);
  });

  it('O(3): a third vector below the plane of the two mirrors it', () => {
    const g = orthogonalGroup3d().fromFeatures(points(3, 2, 0, 0, 1, 1, 0, 5, 5, -1));
    expect(Array.from(g, (value) => value + 0)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, -1]);
  });

  it('scores 2, 7, 2: point 1 comes from place 0, equal ones by position', () => {
    expect(Array.from(permutationGroup(3).fromFeatures([2, 7, 2]))).toEqual([1, 0, 2]);
  });

  it('a half turn in space is π away from the identity', () => {
    const group = rotationGroup3d();
    expect(group.distance(Float64Array.of(-1, 0, 0, 0, -1, 0, 0, 0, 1), group.identity)).toBeCloseTo(
      Math.PI,
      9,
    );
  });
});

describe('bad input', () => {
  it('is refused by name: orders, dimensions, lengths, values that are not finite', () => {
    for (const wrong of [() => cyclicGroup(0), () => dihedralGroup(1.5), () => translationGroup(0)])
      expect(wrong).toThrow(UsageError);
    expect(() => permutationGroup(-1)).toThrow(UsageError);
    expect(() => permutationGroup(3).act(new Int32Array(3), cloudOf(new Rng(1), 4, 2))).toThrow(ShapeError);
    expect(() => permutationGroup(3).fromFeatures([1, Number.NaN, 2])).toThrow(DomainError);
    expect(() => cyclicGroup(3).fromFeatures([1, 2])).toThrow(ShapeError);
    const wide = cloudOf(new Rng(1), 4, 4);
    for (const group of [cyclicGroup(3), dihedralGroup(3), rotationGroup2d(), orthogonalGroup2d()])
      expect(() => group.act(group.identity as never, wide)).toThrow(ShapeError);
    for (const group of [rotationGroup3d(), orthogonalGroup3d()]) {
      expect(() => group.fromFeatures(points(3, 1, 2, 3))).toThrow(ShapeError);
      expect(() => group.fromFeatures(points(3, 1, 2, 3, 1, 1, Number.NaN, 0, 0, 1))).toThrow(/row 1/);
    }
    expect(() =>
      translationGroup(2).act(new Float64Array(2), points(2, 1, Number.POSITIVE_INFINITY)),
    ).toThrow(DomainError);
    expect(() => scalingGroup().fromFeatures([Number.NaN])).toThrow(DomainError);
  });
});

it('rotations of a vector and of a cloud of one point are one action', () => {
  const turned = rotationGroup2d().act(0.7, points(2, 0.3, -2)).data;
  const [right, up] = so2OnVectors.act(0.7, [0.3, -2]);
  expect(turned[0]).toBeCloseTo(right, 14);
  expect(turned[1]).toBeCloseTo(up, 14);
});
