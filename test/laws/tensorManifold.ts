import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as tf from '../../src/engine/tf.js';
import type { Manifold as Twin } from '../../src/geometry/manifold.js';
import type { Manifold } from '../../src/manifolds/manifold.js';
import { leakedTensors } from './gradient.js';

/**
 * Many rows on one manifold in float32: points x, y, z, tangent vectors u, v at x and w at the origin. `growth` is what
 * rounding is multiplied with in each row, `unit` the manifold's scale of length, `twin` the same space in float64.
 */
export interface TensorScene {
  readonly manifold: Manifold;
  readonly twin: Twin;
  readonly rows: Readonly<Record<'x' | 'y' | 'z' | 'u' | 'v' | 'w', Float32Array>>;
  readonly growth: readonly number[];
  readonly unit: number;
}

type Rows = Readonly<Record<keyof TensorScene['rows'], tf.Tensor2D>>;

/** The few dozen operations of a map, each rounded to 2^-24. */
const ROUNDINGS = 50 * 2 ** -24;

interface Check {
  /** Every |a - b| within the row's rounding, relative to the largest of |b|, `size` and the unit. */
  near(a: tf.Tensor, b: tf.Tensor, size?: tf.Tensor): void;
  /** Every row of tangent vectors at x shorter than the row's rounding, relative to the larger of `size` and the unit. */
  short(x: tf.Tensor2D, off: tf.Tensor2D, size?: tf.Tensor): void;
}

/** The laws of test/laws/manifold.ts and those of the further maps, on tensors; lengths are compared as there. */
export function tensorManifoldLaws(
  scenes: fc.Arbitrary<TensorScene>,
  parameters: fc.Parameters<[TensorScene]>,
): void {
  const check = (title: string, law: (manifold: Manifold, rows: Rows, check: Check) => void) =>
    it(title, () => {
      fc.assert(
        fc.property(scenes, (scene) => {
          tf.tidy(() => law(scene.manifold, tensorsOf(scene), checkOf(scene)));
        }),
        parameters,
      );
    });

  check('exp undoes log', (m, { x, y }, { near }) => {
    near(m.dist(m.exp(x, m.log(x, y)), y), tf.zeros([x.shape[0]]));
  });
  check('log undoes exp', (m, { x, y }, { short }) => {
    const v = m.log(x, y);
    short(x, tf.sub(m.log(x, m.exp(x, v)), v));
  });
  check('the distance is the length of the logarithm, the same both ways', (m, { x, y }, { near }) => {
    near(lengths(m, x, m.log(x, y)), m.dist(x, y));
    near(lengths(m, y, m.log(y, x)), m.dist(x, y));
  });
  check('transport keeps inner products, and back it brings the same vector', (m, { x, y, u, v }, c) => {
    const [a, b] = [m.transport(x, y, u), m.transport(x, y, v)];
    c.near(rowsOf(m.inner(y, a, b)), rowsOf(m.inner(x, u, v)), lengthsOfBoth(m, x, u, v));
    c.short(x, tf.sub(m.transport(y, x, a), u), lengths(m, x, u));
  });
  check('transport turns the way to y into the way on from y', (m, { x, y }, { short }) => {
    short(y, tf.add(m.transport(x, y, m.log(x, y)), m.log(y, x)));
  });
  check('a geodesic begins at x and is half way at a half', (m, { x, y }, { near }) => {
    const v = m.log(x, y);
    const middle = m.exp(x, tf.mul(v, 0.5));
    const half = tf.mul(m.dist(x, y), 0.5);
    near(m.dist(m.exp(x, tf.mul(v, 0)), x), tf.zeros([x.shape[0]]));
    near(m.dist(x, middle), half);
    near(m.dist(middle, y), half);
  });
  check('the distance is symmetric, 0 at equal points, and no detour is shorter', (m, { x, y, z }, c) => {
    expect(Array.from(m.dist(x, x).dataSync()).every((d) => d === 0)).toBe(true);
    c.near(m.dist(x, y), m.dist(y, x));
    const detour = tf.add(m.dist(x, y), m.dist(y, z));
    c.near(tf.relu(tf.sub(m.dist(x, z), detour)), tf.zeros([x.shape[0]]), detour);
  });
  check('pairwise distances are those of the rows', (m, { x, y }, { near }) => {
    const n = x.shape[0];
    const pairs = m.pairwise(x, y);
    for (const shift of [0, 1]) {
      const turned = (t: tf.Tensor) => tf.concat([tf.slice(t, [shift]), tf.slice(t, [0], [shift])]);
      const diagonal = pairs.arraySync().map((row, i) => row[(i + shift) % n]);
      near(tf.tensor1d(diagonal), m.dist(x, turned(y) as tf.Tensor2D));
    }
  });
  check('exp0 and log0 are exp and log at the origin, and undo each other', (m, { y, w }, c) => {
    const origin = tf.tile(m.origin(), [y.shape[0], 1]) as tf.Tensor2D;
    c.near(m.dist(m.exp0(w), m.exp(origin, w)), tf.zeros([y.shape[0]]));
    c.short(origin, tf.sub(m.log0(y), m.log(origin, y)));
    c.short(origin, tf.sub(m.log0(m.exp0(w)), w));
    c.near(m.dist(m.exp0(m.log0(y)), y), tf.zeros([y.shape[0]]));
    c.near(m.dist(origin, m.exp0(w)), lengths(m, origin, w));
  });
  check('project leaves points, and projectTangent tangent vectors, where they are', (m, { x, u }, c) => {
    c.near(m.dist(m.project(x), x), tf.zeros([x.shape[0]]));
    const size = lengths(m, x, u);
    c.short(x, tf.sub(m.projectTangent(x, u), u), size);
    const ambient = tf.add(u, tf.mul(x, tf.max(size)));
    const tangent = m.projectTangent(x, ambient as tf.Tensor2D);
    c.short(x, tf.sub(m.projectTangent(x, tangent), tangent), lengths(m, x, tangent));
  });
  check('the Riemannian gradient g is tangent and has <g, v> = dF(v)', (m, { x, u, v }, { near, short }) => {
    // Any covector may be the Euclidean gradient, also one that is not tangent.
    const euclidean: tf.Tensor2D = tf.add(u, x);
    const gradient = m.egrad2rgrad(x, euclidean);
    near(rowsOf(m.inner(x, gradient, v)), tf.sum(tf.mul(euclidean, v), 1), lengthsOfBoth(m, x, gradient, v));
    short(x, tf.sub(m.projectTangent(x, gradient), gradient), lengths(m, x, gradient));
  });
  check('the gradient of the distance is the unit vector away from the other point', (m, { x, y }, c) => {
    for (const distances of [
      (p: tf.Tensor) => tf.sum(m.dist(p as tf.Tensor2D, y)),
      (p: tf.Tensor) => tf.sum(tf.mul(m.pairwise(p as tf.Tensor2D, y), tf.eye(x.shape[0]))),
    ]) {
      const gradient = m.egrad2rgrad(x, tf.grad(distances)(x) as tf.Tensor2D);
      const away = tf.div(m.log(x, y), tf.reshape(m.dist(x, y), [-1, 1]));
      c.short(x, tf.add(gradient, away));
    }
  });

  it('every map agrees with its float64 twin', () => {
    fc.assert(
      fc.property(scenes, (scene) => tf.tidy(() => agreesWithTwin(scene))),
      parameters,
    );
  });
  it('no map leaves tensors behind', async () => {
    const [scene] = fc.sample(scenes, { seed: 1, numRuns: 1 });
    const m = scene.manifold;
    const { x, y, u, v, w } = tensorsOf(scene);
    const left = await leakedTensors(() => [
      ...[m.dist(x, y), m.pairwise(x, y), m.inner(x, u, v), m.exp(x, u), m.log(x, y), m.exp0(w), m.log0(x)],
      ...[m.transport(x, y, u), m.project(x), m.projectTangent(x, u), m.egrad2rgrad(x, u), m.origin()],
    ]);
    expect(left).toBe(0);
  });
}

/** Riemannian lengths, [n]. */
function lengths(m: Manifold, x: tf.Tensor2D, u: tf.Tensor2D): tf.Tensor1D {
  return tf.sqrt(rowsOf(m.inner(x, u, u)));
}

function rowsOf(column: tf.Tensor2D): tf.Tensor1D {
  return tf.reshape(column, [-1]);
}

/** Products of the lengths of two tangent vectors, [n]: what the rounding of an inner product goes with. */
function lengthsOfBoth(m: Manifold, x: tf.Tensor2D, u: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor {
  return tf.mul(lengths(m, x, u), lengths(m, x, v));
}

function tensorsOf({ manifold, rows, growth }: TensorScene): Rows {
  const entries = Object.entries(rows).map(([name, data]) => [
    name,
    tf.tensor2d(data, [growth.length, manifold.columns]),
  ]);
  return Object.fromEntries(entries) as Rows;
}

function checkOf({ manifold, growth, unit }: TensorScene): Check {
  const near: Check['near'] = (a, b, size) => {
    const [got, wanted, sizes] = [a, b, size].map((t) => t?.dataSync());
    growth.forEach((g, i) => {
      const tolerance = ROUNDINGS * g * Math.max(unit, Math.abs(wanted![i]), sizes?.[i] ?? 0);
      if (!(Math.abs(got![i] - wanted![i]) <= tolerance))
        expect.fail(`row ${i}: got ${got![i]}, not ${wanted![i]} within ${tolerance}; unit ${unit}`);
    });
  };
  return {
    near,
    short: (x, off, size) => near(lengths(manifold, x, off), tf.zeros([growth.length]), size),
  };
}

/** Points by their distance, tangent vectors by the length of the difference, both measured by the twin. */
function agreesWithTwin(scene: TensorScene): void {
  const { manifold: m, twin, rows, growth, unit } = scene;
  const { x, y, u, v, w } = tensorsOf(scene);
  const row = (name: keyof TensorScene['rows'], i: number) =>
    rows[name].subarray(i * m.columns, (i + 1) * m.columns);
  const compare = (what: string, t: tf.Tensor, errorOf: (got: number[], i: number) => number) => {
    const values = t.dataSync();
    const width = values.length / growth.length;
    growth.forEach((g, i) => {
      const error = errorOf(Array.from(values.subarray(i * width, (i + 1) * width)), i);
      if (!(error <= ROUNDINGS * g)) expect.fail(`${what}, row ${i}: off by ${error} > ${ROUNDINGS * g}`);
    });
  };
  const point = (exact: Float64Array, got: number[]) => twin.dist(exact, got) / unit;
  const tangent = (at: ArrayLike<number>, exact: Float64Array, got: number[]) =>
    twin.norm(
      at,
      exact.map((value, k) => got[k] - value),
    ) / Math.max(unit, twin.norm(at, exact));
  const number = (exact: number, [got]: number[]) => Math.abs(got - exact) / Math.max(unit, Math.abs(exact));

  const origin = twin.origin();
  compare('dist', m.dist(x, y), (got, i) => number(twin.dist(row('x', i), row('y', i)), got));
  compare('exp', m.exp(x, u), (got, i) => point(twin.exp(row('x', i), row('u', i)), got));
  compare('log', m.log(x, y), (got, i) => tangent(row('x', i), twin.log(row('x', i), row('y', i)), got));
  compare('exp0', m.exp0(w), (got, i) => point(twin.exp(origin, row('w', i)), got));
  compare('log0', m.log0(y), (got, i) => tangent(origin, twin.log(origin, row('y', i)), got));
  compare('transport', m.transport(x, y, u), (got, i) =>
    tangent(row('y', i), twin.transport(row('x', i), row('y', i), row('u', i)), got),
  );
  compare('egrad2rgrad', m.egrad2rgrad(x, v), (got, i) =>
    tangent(row('x', i), twin.egrad2rgrad(row('x', i), row('v', i)), got),
  );
  compare('inner', m.inner(x, u, u), (got, i) =>
    number(twin.norm(row('x', i), row('u', i)), [Math.sqrt(got[0])]),
  );
}
