import { requireLength } from '../core/checks.js';

/** x·y. @throws ShapeError unless both have the same length */
export function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  requireLength(y.length, x.length, 'dot');
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * y[k];
  return sum;
}

export function norm(x: ArrayLike<number>): number {
  return Math.sqrt(dot(x, x));
}

/** a x + b y. */
export function combine(a: number, x: ArrayLike<number>, b: number, y: ArrayLike<number>): Float64Array {
  requireLength(y.length, x.length, 'combine');
  const sum = new Float64Array(x.length);
  for (let k = 0; k < x.length; k++) sum[k] = a * x[k] + b * y[k];
  return sum;
}

export function scale(a: number, x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => a * value);
}

/** (x_k y_k). @throws ShapeError unless both have the same length */
export function pointwise(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  requireLength(y.length, x.length, 'pointwise');
  return Float64Array.from(x, (value, k) => value * y[k]);
}
