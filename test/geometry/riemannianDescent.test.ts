import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix, row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { manifoldOf } from '../../src/geometry/manifold.js';
import { distGradient } from '../../src/geometry/poincare.js';
import {
  type AdamOptions,
  type AdamState,
  retract,
  riemannianAdamStep,
  riemannianSgdStep,
  type SgdOptions,
  type SgdState,
  squaredLengths,
} from '../../src/geometry/riemannianDescent.js';
import { wrappedNormal } from '../../src/geometry/sampling.js';
import { FLOAT64 } from '../laws/tolerance.js';
import { SPACES } from './spaces.js';

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const rowsOf = (rows: number[][]): Matrix64 =>
  matrix(Float64Array.from(rows.flat()), rows.length, rows[0].length);
const farthest = (a: ArrayLike<number>, b: readonly number[]) =>
  Math.max(...b.map((value, i) => Math.abs(a[i] - value) / Math.max(1, Math.abs(value))));

const BALL = SPACES['poincare'];

/** Points near the origin of the space, and Euclidean gradients there. */
function scene(space: Space, n = 4) {
  const rng = new Rng(11);
  const manifold = manifoldOf(space);
  const spread = () =>
    wrappedNormal(space, manifold.origin(), new Float64Array(manifold.dimension).fill(0.3), n, rng);
  const gradient = matrix(
    Float64Array.from({ length: n * manifold.columns }, () => rng.normal()),
    n,
    manifold.columns,
  );
  return { manifold, points: spread(), targets: spread(), gradient };
}

interface Case {
  readonly space: Space;
  readonly adam?: AdamOptions;
  readonly sgd?: SgdOptions;
  readonly start: number[][];
  readonly gradients: number[][][];
  readonly points: number[][][];
}

describe('steps from given gradients', () => {
  const { cases } = read('fixtures/geooptDescent.json') as { cases: Case[] };

  it.each(
    cases.map((each) => [`${each.space.kind} ${JSON.stringify(each.adam ?? each.sgd)}`, each] as const),
  )('are those of geoopt: %s', (_, { space, adam, sgd, start, gradients, points }) => {
    const manifold = manifoldOf(space);
    let at = rowsOf(start);
    let state: AdamState | SgdState | undefined;
    for (const [t, rows] of gradients.entries()) {
      const next = adam
        ? riemannianAdamStep(manifold, at, rowsOf(rows), state as AdamState | undefined, adam)
        : riemannianSgdStep(manifold, at, rowsOf(rows), state as SgdState | undefined, sgd!);
      [at, state] = [next.points, next.state];
      expect(farthest(at.data, points[t].flat())).toBeLessThan(FLOAT64);
    }
  });
});

describe('momentum on the rim', () => {
  const { optimizers } = read('../reference/geometry.json');
  const { trajectories } = read('fixtures/descentAtTheRim.json') as {
    trajectories: { loss: number[]; p: number[][][] }[];
  };

  it.each([
    [1, 0],
    [3, 1],
  ])('follows the trajectory of 60 digits, where the peer of optimizers[%i] loses nine', (index, which) => {
    const { c, lr, momentum, start, target } = optimizers[index];
    const manifold = manifoldOf({ kind: 'poincare', dim: 3, curvature: -c });
    const options: SgdOptions = {
      ...{ learningRate: lr, momentum, retraction: 'firstOrder', momentumStart: 'euclideanGradient' },
    };
    let points: Matrix64 = rowsOf(start);
    let state: SgdState | undefined;
    let atRim = 0;
    for (const [t, expected] of trajectories[which].loss.entries()) {
      let loss = 0;
      const gradient = points.data.slice();
      for (let i = 0; i < points.rows; i++) {
        const d = manifold.dist(row(points, i), target[i]);
        loss += d * d;
        gradient.set(
          distGradient(row(points, i), target[i], c).map((value) => 2 * d * value),
          3 * i,
        );
      }
      expect(farthest([loss], [expected])).toBeLessThan(FLOAT64);
      const next = riemannianSgdStep(manifold, points, { ...points, data: gradient }, state, options);
      [points, state] = [next.points, next.state];
      expect(farthest(points.data, trajectories[which].p[t].flat())).toBeLessThan(FLOAT64);
      for (let i = 0; i < points.rows; i++) {
        if (Math.sqrt(c) * Math.hypot(...row(points, i)) > 1 - 1.0001e-5) atRim++;
      }
    }
    expect(atRim).toBeGreaterThan(0);
  });
});

describe.each(Object.entries(SPACES))('%s', (kind, space) => {
  it('has a first step of Adam as long as the learning rate, whatever the gradient', () => {
    const { manifold, points, gradient } = scene(space);
    const { points: moved } = riemannianAdamStep(manifold, points, gradient, undefined, {
      learningRate: 0.01,
      epsilon: 1e-30,
    });
    // Each factor and each Euclidean value goes that far.
    const parts = kind === 'product' || kind === 'euclidean' ? Math.sqrt(3) : 1;
    for (let i = 0; i < points.rows; i++) {
      expect(manifold.dist(row(points, i), row(moved, i))).toBeCloseTo(0.01 * parts, 12);
    }
  });

  it('has steps of SGD along the geodesic, as long as the Riemannian gradient times the learning rate', () => {
    const { manifold, points, gradient } = scene(space);
    const { points: moved } = riemannianSgdStep(manifold, points, gradient, undefined, { learningRate: 0.1 });
    for (let i = 0; i < points.rows; i++) {
      const g = manifold.egrad2rgrad(row(points, i), row(gradient, i));
      const went = manifold.log(row(points, i), row(moved, i));
      expect(
        farthest(
          went,
          Array.from(g, (value) => -0.1 * value),
        ),
      ).toBeLessThan(FLOAT64);
    }
  });

  it('retracts to first order: off the geodesic by the square of the step', () => {
    const { manifold, points, gradient } = scene(space, 1);
    const [x, g] = [row(points, 0), manifold.egrad2rgrad(row(points, 0), row(gradient, 0))];
    const off = (t: number) => {
      const step = g.map((value) => t * value);
      return manifold.dist(
        retract(manifold, x, step),
        retract(manifold, x, step, { retraction: 'firstOrder' }),
      );
    };
    if (kind === 'euclidean') expect(off(0.01)).toBe(0);
    else expect(off(0.01)).toBeLessThan(off(0.02) / 3.5);
    expect(off(0.01)).toBeLessThan(1e-3);
  });

  it.each(['adam', 'sgd'] as const)('brings points to their targets by %s', (rule) => {
    const { manifold, targets, ...start } = scene(space);
    let { points } = start;
    let state: AdamState | SgdState | undefined;
    const farthestPair = () =>
      Math.max(
        ...targets.data
          .subarray(0, targets.rows)
          .map((_, i) => manifold.dist(row(points, i), row(targets, i))),
      );
    expect(farthestPair()).toBeGreaterThan(0.2);
    for (let t = 0; t < 400; t++) {
      const learningRate = rule === 'adam' ? 0.05 * 0.98 ** t : 0.1;
      const gradient = pulls(space, points, targets);
      const next =
        rule === 'adam'
          ? riemannianAdamStep(manifold, points, gradient, state as AdamState | undefined, {
              ...{ learningRate, beta2: 0.9 },
            })
          : riemannianSgdStep(manifold, points, gradient, state as SgdState | undefined, {
              ...{ learningRate, momentum: 0.5 },
            });
      [points, state] = [next.points, next.state];
    }
    expect(farthestPair()).toBeLessThan(1e-3);
  });

  it('keeps a momentum that is tangent, and points on the manifold, over thirty steps', () => {
    const { manifold, targets, ...start } = scene(space);
    let { points } = start;
    let state: SgdState | undefined;
    for (let t = 0; t < 30; t++) {
      const options = { learningRate: 0.05, momentum: 0.9 };
      const next = riemannianSgdStep(manifold, points, pulls(space, points, targets), state, options);
      [points, state] = [next.points, next.state];
    }
    for (let i = 0; i < points.rows; i++) {
      const [x, m] = [row(points, i), row(state!.momentum, i)];
      // Of vectors that are not tangent, log of exp is another: what is normal to the manifold is lost.
      const again = manifold.log(
        x,
        manifold.exp(
          x,
          m.map((value) => 1e-2 * value),
        ),
      );
      expect(
        farthest(
          again,
          Array.from(m, (value) => 1e-2 * value),
        ),
      ).toBeLessThan(FLOAT64);
    }
  });
});

/** Euclidean gradient of dist(x, y)² / 2 in x, the one whose Riemannian gradient is -log(x, y). */
function pull(space: Space, x: Float64Array, y: Float64Array): number[] {
  if (space.kind === 'product') {
    let from = 0;
    return space.factors.flatMap(({ space: factor, weight }) => {
      const range = [from, from + manifoldOf(factor).columns] as const;
      from = range[1];
      return pull(factor, x.slice(...range), y.slice(...range)).map((value) => weight * value);
    });
  }
  const manifold = manifoldOf(space);
  const lambda = manifold.norm(
    x,
    Float64Array.from(x, (_, k) => Number(k === 0)),
  );
  const factor = { poincare: lambda ** 2, stereographic: lambda ** 2 }[space.kind as string] ?? 1;
  const isTime = (k: number) => space.kind === 'lorentz' && k === 0;
  return Array.from(manifold.log(x, y), (value, k) => (isTime(k) ? value : -factor * value));
}

function pulls(space: Space, points: Matrix64, targets: Matrix64): Matrix64 {
  const rows = Array.from({ length: points.rows }, (_, i) => pull(space, row(points, i), row(targets, i)));
  return rowsOf(rows);
}

describe('riemannianAdamStep', () => {
  it('is Adam itself in flat space, value by value', () => {
    const { manifold, points, gradient } = scene({ kind: 'euclidean', dim: 3 });
    let at = points;
    let state: AdamState | undefined;
    const [m, v] = [new Float64Array(12), new Float64Array(12)];
    const x = points.data.slice();
    for (let t = 1; t <= 5; t++) {
      const g = gradient.data.map((value, k) => value * Math.sin(t + k));
      const next = riemannianAdamStep(manifold, at, { ...gradient, data: g }, state, { learningRate: 0.1 });
      [at, state] = [next.points, next.state];
      for (let k = 0; k < 12; k++) {
        m[k] = 0.9 * m[k] + 0.1 * g[k];
        v[k] = 0.999 * v[k] + 0.001 * g[k] ** 2;
        x[k] -= (0.1 * (m[k] / (1 - 0.9 ** t))) / (Math.sqrt(v[k] / (1 - 0.999 ** t)) + 1e-8);
      }
    }
    expect(farthest(at.data, Array.from(x))).toBeLessThan(FLOAT64);
  });

  it('does not see how the columns of a ball are turned', () => {
    const { manifold, points, gradient } = scene(BALL);
    const turn = ({ data, ...shape }: Matrix64) => ({
      ...shape,
      data: data.map((_, i) => {
        const [a, b] = [data[i - (i % 3)], data[i - (i % 3) + 1]];
        return [0.6 * a - 0.8 * b, 0.8 * a + 0.6 * b, data[i]][i % 3];
      }),
    });
    const options = { learningRate: 0.1 };
    const plain = riemannianAdamStep(manifold, points, gradient, undefined, options).points;
    const turned = riemannianAdamStep(manifold, turn(points), turn(gradient), undefined, options).points;
    expect(farthest(turned.data, Array.from(turn(plain).data))).toBeLessThan(FLOAT64);
  });

  it('keeps the largest second moment with amsgrad: after one large gradient all steps stay small', () => {
    const { manifold, points, gradient } = scene(BALL);
    const lengthOfLast = (amsgrad: boolean) => {
      let at = points;
      let before = points;
      let state: AdamState | undefined;
      for (let t = 0; t < 8; t++) {
        const g = { ...gradient, data: gradient.data.map((value) => (t === 0 ? 100 : 1) * value) };
        const options = { learningRate: 0.01, beta1: 0, beta2: 0.5, amsgrad };
        const next = riemannianAdamStep(manifold, at, g, state, options);
        [before, at, state] = [at, next.points, next.state];
      }
      return manifold.dist(row(before, 0), row(at, 0));
    };
    expect(lengthOfLast(true)).toBeLessThan(lengthOfLast(false) / 5);
  });
});

describe('squaredLengths', () => {
  it('are of values, of vectors and of factors, by hand', () => {
    expect([...squaredLengths(SPACES['euclidean'], [0, 0, 0], [1, 2, 3])]).toEqual([1, 4, 9]);
    // At the origin of a ball a vector is twice as long: 4 (1 + 4 + 4) = 36.
    expect([...squaredLengths(BALL, [0, 0, 0], [1, 2, 2])]).toEqual([36, 36, 36]);
    const x = [0, 0, 0, 0, 1, 5];
    const u = [1, 2, 3, 4, 0, 2];
    const expected = [40, 40, 12.5, 12.5, 12.5, 4];
    expect(farthest(squaredLengths(SPACES['product'], x, u), expected)).toBeLessThan(FLOAT64);
  });
});

describe('what is refused', () => {
  const { manifold, points, gradient } = scene(BALL);
  const sgd = (options: SgdOptions, g = gradient) =>
    riemannianSgdStep(manifold, points, g, undefined, options);
  const adam = (options: AdamOptions) => riemannianAdamStep(manifold, points, gradient, undefined, options);

  it.each([
    ['a learning rate < 0', () => sgd({ learningRate: -1 }), DomainError],
    ['a learning rate that is NaN', () => adam({ learningRate: Number.NaN }), DomainError],
    ['an L2 penalty < 0', () => sgd({ learningRate: 1, l2: -1 }), DomainError],
    ['a momentum of 1', () => sgd({ learningRate: 1, momentum: 1 }), DomainError],
    ['a dampening of 1', () => sgd({ learningRate: 1, momentum: 0.5, dampening: 1 }), DomainError],
    ['nesterov without momentum', () => sgd({ learningRate: 1, nesterov: true }), UsageError],
    [
      'nesterov with dampening',
      () => sgd({ learningRate: 1, nesterov: true, momentum: 0.5, dampening: 0.1 }),
      UsageError,
    ],
    ['beta1 of 1', () => adam({ learningRate: 1, beta1: 1 }), DomainError],
    ['beta2 of NaN', () => adam({ learningRate: 1, beta2: Number.NaN }), DomainError],
    ['epsilon of 0', () => adam({ learningRate: 1, epsilon: 0 }), DomainError],
    ['a margin of 0', () => sgd({ learningRate: 1, margin: 0 }), DomainError],
    [
      'a point off its sphere',
      () =>
        riemannianSgdStep(
          manifoldOf({ kind: 'sphere', dim: 3, curvature: 1 }),
          matrix(Float64Array.of(5, 0, 0), 1, 3),
          matrix(Float64Array.of(0, 1, 0), 1, 3),
          undefined,
          { learningRate: 1 },
        ),
      DomainError,
    ],
    [
      'a gradient of other rows',
      () => sgd({ learningRate: 1 }, matrix(new Float64Array(3), 1, 3)),
      ShapeError,
    ],
  ])('%s', (_, work, error) => {
    expect(work).toThrow(error);
  });

  it('a gradient that is not finite, naming its row', () => {
    const data = gradient.data.slice();
    data[7] = Number.NaN;
    expect(() => sgd({ learningRate: 1 }, { ...gradient, data })).toThrow(/gradient row 2/);
  });
});
