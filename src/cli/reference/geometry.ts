import { distanceMatrix } from '../../geometry/distance.js';
import * as gyro from '../../geometry/gyrovector.js';
import { gromovHyperbolicity } from '../../geometry/hyperbolicity.js';
import * as lorentz from '../../geometry/lorentz.js';
import * as ball from '../../geometry/poincare.js';
import { norm } from '../../geometry/vector.js';
import { EXACT, type Recompute, type Tolerance } from './compare.js';
import type { Format } from './format.js';
import { matrixAt, numberAt, numbersAt, rowsAt } from './inputs.js';
import type { JsonObject } from './leaves.js';
import { trajectories } from './optimizers.js';

/** geometry.json: the Poincaré ball and the hyperboloid of curvature -c, points in rows, optimisers, and Gromov's δ. */
export const geometry: Format = {
  shape: {
    inputs: [
      ...['c', 'x', 'y', 'u', 'v', 'matrix', 'weights', 'points'],
      ...['lr', 'momentum', 'start', 'target'],
    ],
  },
  prepare: async () => recomputeWith(trajectories()),
  toleranceOf: ({ quantity }) => (quantity.startsWith('optimizers.RiemannianSGD.') ? AT_THE_RIM : EXACT),
};

/**
 * An exception from EXACT: the peer's momentum throws points onto the rim of its ball, and its parallel transport there
 * divides by (1 - c|x|²)² ~ 1e-10 what cancels to 1e-16. Its trajectories are off by up to 2.5e-6 from those computed
 * with 60 digits (50 seeds), ours by 4e-12 (three of them); test/geometry/riemannianDescent.test.ts holds ours to 1e-9.
 */
const AT_THE_RIM: Tolerance = { value: 1e-5, relativeTo: 'each' };

type Point = readonly number[];
type Values = number | Float64Array;
/** The numbers of one quantity of one case, row-major. */
type Formula = (given: JsonObject, c: number) => ArrayLike<number>;

/** A formula for each row: f(row i of the first key, row i of the second, ..., c). */
function byRow(keys: readonly string[], f: (points: readonly Point[], c: number) => Values): Formula {
  return (given, c) => {
    const [first, ...others] = keys.map((key) => rowsAt(given, key));
    return first.flatMap((row, i) => {
      const values = f([row, ...others.map((rows) => rows[i] ?? [])], c);
      return typeof values === 'number' ? values : Array.from(values);
    });
  };
}

const onX = (f: (x: Point, c: number) => Values) => byRow(['x'], ([x], c) => f(x, c));
const onPair = (a: string, b: string, f: (x: Point, y: Point, c: number) => Values) =>
  byRow([a, b], ([x, y], c) => f(x, y, c));
const onThree = (w: string, f: (x: Point, y: Point, u: Point, c: number) => Values) =>
  byRow(['x', 'y', w], ([x, y, u], c) => f(x, y, u, c));

const BALL: Readonly<Record<string, Formula>> = {
  mobiusAdd: onPair('x', 'y', ball.mobiusAdd),
  dist: onPair('x', 'y', ball.dist),
  dist0: onX(ball.dist0),
  distMatrix: (given, c) => {
    const x = matrixAt(given, 'x');
    return distanceMatrix({ kind: 'poincare', dim: x.columns, curvature: -c }, x, matrixAt(given, 'y')).data;
  },
  expmap: onPair('x', 'u', ball.exp),
  logmap: onPair('x', 'y', ball.log),
  expmap0: byRow(['u'], ([u], c) => ball.exp0(u, c)),
  logmap0: onX(ball.log0),
  mobiusMatvec: (given, c) => {
    const M = matrixAt(given, 'matrix');
    return rowsAt(given, 'x').flatMap((x) => Array.from(gyro.mobiusMatvec(M, x, c)));
  },
  mobiusScalarMul: onX((x, c) => gyro.mobiusScalarMul(0.7, x, c)),
  transp: onThree('u', gyro.transport),
  transp0: onPair('x', 'u', gyro.transport0),
  lambda_x: onX(ball.conformalFactor),
  egrad2rgrad: onPair('x', 'u', ball.egrad2rgrad),
  gyration: onThree('u', gyro.gyration),
  midpoint: (given, c) => gyro.midpoint(matrixAt(given, 'x'), numbersAt(given, 'weights'), c),
  geodesicHalf: onPair('x', 'y', (x, y, c) => gyro.geodesic(0.5, x, y, c)),
  // The plane goes through y and has the normal u. The peer's unsigned distance has no side.
  dist2planePoint: onThree('u', (x, y, u, c) => Math.abs(gyro.distanceToHyperplane(x, y, u, c))),
  // The peer's "scaled" multiplies by the length of the normal.
  dist2planeSigned: onThree('u', (x, y, u, c) => gyro.distanceToHyperplane(x, y, u, c) * norm(u)),
  // Of the sum over rows, in which row i of x meets row i of y alone.
  gradDistX: onPair('x', 'y', ball.distGradient),
  gradDistY: onPair('y', 'x', ball.distGradient),
};

const HYPERBOLOID: Readonly<Record<string, Formula>> = {
  dist: onPair('x', 'y', lorentz.dist),
  inner: onPair('x', 'y', (x, y) => lorentz.inner(x, y)),
  expmap: onPair('x', 'v', lorentz.exp),
  logmap: onPair('x', 'y', lorentz.log),
  transp: onThree('v', lorentz.transport),
};

function hyperbolicity(given: JsonObject) {
  const points = matrixAt(given, 'points');
  return gromovHyperbolicity(distanceMatrix({ kind: 'euclidean', dim: points.columns }, points, points));
}

function recomputeWith(trajectory: Recompute): Recompute {
  return (leaf) => {
    const { quantity, key, owners } = leaf;
    const given = owners[owners.length - 1];
    if (quantity === 'deltaHyperbolicity.delta') return [hyperbolicity(given).delta];
    if (quantity === 'deltaHyperbolicity.diameter') return [hyperbolicity(given).diameter];
    if (quantity.startsWith('optimizers.')) return trajectory(leaf);
    const [, reference] = owners;
    if (quantity === key && Object.hasOwn(BALL, key)) return BALL[key](given, numberAt(reference, 'c'));
    if (quantity === `lorentz.${key}` && Object.hasOwn(HYPERBOLOID, key)) {
      return HYPERBOLOID[key](given, numberAt(reference, 'c'));
    }
    return undefined;
  };
}
