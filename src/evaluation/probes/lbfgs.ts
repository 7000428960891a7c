import { DomainError, expectation } from '../../core/errors.js';

/** A smooth function to be made small: fills `gradient` and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface DescentOptions {
  /** Most steps. Default 200. */
  readonly iterations?: number;
  /** The largest part of the gradient at which it ends. Default 1e-5. */
  readonly tolerance?: number;
}

export interface Descent {
  readonly x: Float64Array;
  readonly value: number;
  /** Largest part of the gradient there. */
  readonly slope: number;
  readonly iterations: number;
}

const MEMORY = 10;
/** Armijo's condition asks for this share of the decrease that the slope promises. */
const ENOUGH = 1e-4;

/**
 * Minimises by L-BFGS with backtracking from `start`. Ends where the gradient is small, after so many steps, or where
 * float64 tells no decrease.
 * @throws DomainError when the value at the start is not finite
 * @source Nocedal and Wright 2006, "Numerical optimization", algorithms 7.4, 7.5 and 3.1
 */
export function lbfgs(
  objective: Objective,
  start: Float64Array,
  { iterations = 200, tolerance = 1e-5 }: DescentOptions = {},
): Descent {
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  if (!Number.isFinite(value)) {
    throw new DomainError(expectation('lbfgs', 'a finite value at the start', value, 'check the data'));
  }
  const pairs: Pair[] = [];
  let done = 0;
  for (; done < iterations && largest(gradient) > tolerance; done++) {
    const direction = twoLoops(gradient, pairs);
    const slope = dot(direction, gradient);
    const next = new Float64Array(x.length);
    const nextGradient = new Float64Array(x.length);
    // Before anything is known of the curvature the gradient's own length says nothing.
    let step = pairs.length > 0 ? 1 : 1 / Math.max(1, Math.sqrt(-slope));
    let nextValue = Number.POSITIVE_INFINITY;
    for (let halving = 0; halving < 50; halving++, step /= 2) {
      for (let i = 0; i < x.length; i++) next[i] = x[i] + step * direction[i];
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + ENOUGH * step * slope) break;
    }
    if (!(nextValue < value)) break;
    const s = next.map((v, i) => v - x[i]);
    const y = nextGradient.map((v, i) => v - gradient[i]);
    const curvature = dot(s, y);
    // Without a curvature above 0 the pair would spoil the model of the function.
    if (curvature > 0) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > MEMORY) pairs.shift();
    [x, gradient, value] = [next, nextGradient, nextValue];
  }
  return { x, value, slope: largest(gradient), iterations: done };
}

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/** - H g, H the inverse Hessian that the pairs tell. */
function twoLoops(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.map((v) => -v);
  const alphas = new Array<number>(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    alphas[k] = pairs[k].rho * dot(pairs[k].s, q);
    addScaled(q, pairs[k].y, -alphas[k]);
  }
  const last = pairs[pairs.length - 1];
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  pairs.forEach(({ s, y, rho }, k) => {
    addScaled(q, s, alphas[k] - rho * dot(y, q));
  });
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(a: Float64Array, b: Float64Array, scale: number): void {
  for (let i = 0; i < a.length; i++) a[i] += scale * b[i];
}

function largest(a: Float64Array): number {
  let most = 0;
  for (const v of a) most = Math.max(most, Math.abs(v));
  return most;
}
