import { dot } from '../geometry/vector.js';

/** A function to minimise: its value at x, with the gradient written into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  /** Steps taken. */
  readonly iterations: number;
}

const HISTORY = 8;
/** Armijo's share of the promised descent, and how often a step is halved before the search ends. */
const SUFFICIENT = 1e-4;
const HALVINGS = 30;

interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly scale: number;
}

/**
 * Limited-memory BFGS with backtracking, from `start`, until a step lowers the value by less than `tolerance` of it.
 * @source Nocedal and Wright 2006, "Numerical optimization", algorithms 7.4 and 7.5
 */
export function lbfgs(
  objective: Objective,
  start: Float64Array,
  { iterations, tolerance }: { readonly iterations: number; readonly tolerance: number },
): Minimum {
  let x: Float64Array = Float64Array.from(start);
  let gradient: Float64Array = new Float64Array(x.length);
  let value = objective(x, gradient);
  const corrections: Correction[] = [];
  let taken = 0;
  while (taken < iterations) {
    const way = descentDirection(gradient, corrections);
    const promised = dot(way, gradient);
    if (!(promised < 0)) break;
    const nextGradient = new Float64Array(x.length);
    // Without a curvature estimate the first step must not leap: it is as long as 1 at most.
    let length = corrections.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(-promised));
    let next = moved(x, length, way);
    let nextValue = objective(next, nextGradient);
    for (let k = 0; k < HALVINGS && !(nextValue <= value + SUFFICIENT * length * promised); k++) {
      length /= 2;
      next = moved(x, length, way);
      nextValue = objective(next, nextGradient);
    }
    if (!(nextValue < value)) break;
    const step = next.map((v, i) => v - x[i]);
    const change = nextGradient.map((v, i) => v - gradient[i]);
    const curvature = dot(step, change);
    if (curvature > 0) corrections.push({ step, change, scale: 1 / curvature });
    if (corrections.length > HISTORY) corrections.shift();
    const gain = value - nextValue;
    [x, gradient, value] = [next, nextGradient, nextValue];
    taken++;
    if (gain <= tolerance * value) break;
  }
  return { x, value, iterations: taken };
}

/** The gradient times minus the estimate of the inverse Hessian. */
function descentDirection(gradient: Float64Array, corrections: readonly Correction[]): Float64Array {
  const way = gradient.map((v) => -v);
  const shares = corrections.map(() => 0);
  for (let k = corrections.length - 1; k >= 0; k--) {
    const { step, change, scale } = corrections[k];
    shares[k] = scale * dot(step, way);
    add(way, -shares[k], change);
  }
  const last = corrections.at(-1);
  if (last) {
    const unit = 1 / (last.scale * dot(last.change, last.change));
    for (let i = 0; i < way.length; i++) way[i] *= unit;
  }
  for (let k = 0; k < corrections.length; k++) {
    const { step, change, scale } = corrections[k];
    add(way, shares[k] - scale * dot(change, way), step);
  }
  return way;
}

function add(to: Float64Array, factor: number, v: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * v[i];
}

function moved(x: Float64Array, length: number, way: Float64Array): Float64Array {
  return x.map((v, i) => v + length * way[i]);
}
