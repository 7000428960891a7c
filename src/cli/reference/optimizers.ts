import { type Matrix64, matrix, row } from '../../core/matrix.js';
import { type Manifold, manifoldOf } from '../../geometry/manifold.js';
import { distGradient } from '../../geometry/poincare.js';
import {
  type DescentOptions,
  riemannianAdamStep,
  riemannianSgdStep,
} from '../../geometry/riemannianDescent.js';
import { scale } from '../../geometry/vector.js';
import type { Recompute } from './compare.js';
import { matrixAt, numberAt } from './inputs.js';
import type { JsonObject } from './leaves.js';

// geometry.json, `optimizers`: points of the ball pulled to targets, the loss Σ dist². The peer retracts to first order.

interface Moment {
  /** Before the step. */
  readonly loss: number;
  /** Behind it. */
  readonly points: Matrix64;
}

type Stepper = (points: Matrix64, gradient: Matrix64) => Matrix64;

const STEPPERS: Readonly<Record<string, (manifold: Manifold, given: JsonObject) => Stepper>> = {
  RiemannianAdam: (manifold, given) =>
    stepper((points, gradient, state: Parameters<typeof riemannianAdamStep>[3]) =>
      riemannianAdamStep(manifold, points, gradient, state, peerOptions(given)),
    ),
  RiemannianSGD: (manifold, given) =>
    stepper((points, gradient, state: Parameters<typeof riemannianSgdStep>[3]) =>
      riemannianSgdStep(manifold, points, gradient, state, {
        ...peerOptions(given),
        momentum: numberAt(given, 'momentum'),
        momentumStart: 'euclideanGradient',
      }),
    ),
};

/** Loss and points of each step, of every optimiser of a file; each is run once. */
export function trajectories(): Recompute {
  const done = new Map<JsonObject, readonly Moment[]>();
  return ({ key, owners }) => {
    const [, given, step] = owners;
    const name = given['optimizer'];
    const steps = given['steps'];
    if (typeof name !== 'string' || !Object.hasOwn(STEPPERS, name) || !Array.isArray(steps)) return undefined;
    if (!done.has(given)) done.set(given, trajectory(given, name, steps.length));
    const moment = done.get(given)?.[steps.indexOf(step)];
    if (key === 'loss') return moment && [moment.loss];
    return key === 'p' ? moment?.points.data : undefined;
  };
}

function trajectory(given: JsonObject, name: string, steps: number): Moment[] {
  const c = numberAt(given, 'c');
  const target = matrixAt(given, 'target');
  const manifold = manifoldOf({ kind: 'poincare', dim: target.columns, curvature: -c });
  const next = STEPPERS[name](manifold, given);
  const moments: Moment[] = [];
  let points = matrixAt(given, 'start');
  for (let t = 0; t < steps; t++) {
    let loss = 0;
    const gradient = matrix(new Float64Array(points.data.length), points.rows, points.columns);
    for (let i = 0; i < points.rows; i++) {
      const [x, y] = [row(points, i), row(target, i)];
      const d = manifold.dist(x, y);
      loss += d * d;
      gradient.data.set(scale(2 * d, distGradient(x, y, c)), i * points.columns);
    }
    points = next(points, gradient);
    moments.push({ loss, points });
  }
  return moments;
}

function peerOptions(given: JsonObject): DescentOptions {
  return { learningRate: numberAt(given, 'lr'), retraction: 'firstOrder' };
}

/** Keeps the state from step to step. */
function stepper<State>(
  step: (
    points: Matrix64,
    gradient: Matrix64,
    state: State | undefined,
  ) => { points: Matrix64; state: State },
): Stepper {
  let state: State | undefined;
  return (points, gradient) => {
    const next = step(points, gradient, state);
    state = next.state;
    return next.points;
  };
}
