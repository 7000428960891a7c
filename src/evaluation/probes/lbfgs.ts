/** A smooth function and its gradient, which is written into `gradient`. */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimizeOptions {
  /** Most steps. Default 300. */
  readonly iterations?: number;
  /** Ends where no entry of the gradient is larger. Default 1e-5. */
  readonly tolerance?: number;
  /** Pairs of steps and changes of gradient that stand for the curvature. Default 10. */
  readonly memory?: number;
}

/**
 * Minimum of a convex smooth function by limited-memory BFGS; a step is halved until it lowers the function enough (Armijo).
 * @param start where it begins; stays as it is @returns where it ends, also where the iterations ran out
 * @source Nocedal and Wright 2006, "Numerical optimization", algorithms 7.4 and 7.5
 */
export function minimize(
  f: Differentiable,
  start: Float64Array,
  { iterations = 300, tolerance = 1e-5, memory = 10 }: MinimizeOptions = {},
): Float64Array {
  let x = Float64Array.from(start);
  let gradient = new Float64Array(x.length);
  let value = f(x, gradient);
  const pairs: Pair[] = [];
  for (let k = 0; k < iterations && largest(gradient) > tolerance; k++) {
    const direction = twoLoops(gradient, pairs);
    const slope = dot(direction, gradient);
    let step = pairs.length === 0 ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
    let next = x;
    const nextGradient = new Float64Array(x.length);
    let nextValue = Number.NaN;
    for (let halvings = 0; halvings < HALVINGS; halvings++, step /= 2) {
      next = x.map((v, i) => v + step * direction[i]);
      nextValue = f(next, nextGradient);
      if (nextValue <= value + ENOUGH * step * slope) break;
    }
    // Rounding leaves nothing to gain.
    if (!(nextValue < value)) break;
    const s = next.map((v, i) => v - x[i]);
    const y = nextGradient.map((v, i) => v - gradient[i]);
    const curvature = dot(s, y);
    if (curvature > 0) pairs.push({ s, y, curvature });
    if (pairs.length > memory) pairs.shift();
    [x, gradient, value] = [next, nextGradient, nextValue];
  }
  return x;
}

/** Share of the decrease that the slope promises. */
const ENOUGH = 1e-4;
const HALVINGS = 40;

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly curvature: number;
}

/** Minus the approximate inverse Hessian times the gradient. */
function twoLoops(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.map((g) => -g);
  const shares = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, curvature } = pairs[k];
    shares[k] = dot(s, q) / curvature;
    for (let i = 0; i < q.length; i++) q[i] -= shares[k] * y[i];
  }
  const last = pairs[pairs.length - 1];
  const scale = last ? last.curvature / dot(last.y, last.y) : 1;
  for (let i = 0; i < q.length; i++) q[i] *= scale;
  pairs.forEach(({ s, y, curvature }, k) => {
    const back = shares[k] - dot(y, q) / curvature;
    for (let i = 0; i < q.length; i++) q[i] += back * s[i];
  });
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const largest = (x: Float64Array): number => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
