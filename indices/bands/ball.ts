import type { Space } from '../../src/core/space.js';

/** Points of a hyperbolic space as those of the Poincaré ball of the same curvature K = -c, and their distances from 0. */
export interface Ball {
  readonly c: number;
  /** Numbers of a ball point. */
  readonly columns: number;
  /** How far |y - z| may be off because places are rounded to float32. */
  readonly rounding: number;
  /** Of a row of the space; at most 1/√c long. */
  place(row: Float32Array): Float32Array;
  /** Hyperbolic distance from the origin, in the space's unit. */
  radius(row: Float32Array): number;
}

/** @returns undefined for a space that is not hyperbolic, and for products */
export function ballOf(space: Space): Ball | undefined {
  if (space.kind !== 'poincare' && space.kind !== 'lorentz' && space.kind !== 'stereographic')
    return undefined;
  if (!(space.curvature < 0)) return undefined;
  const c = -space.curvature;
  const root = Math.sqrt(c);
  if (space.kind === 'lorentz') {
    return {
      c,
      columns: space.dim,
      rounding: 2 ** -23 / root,
      place(row) {
        const scale = 1 / (1 + Math.hypot(1, root * normOf(row, 1)));
        return row.subarray(1).map((value) => value * scale);
      },
      radius: (row) => Math.asinh(root * normOf(row, 1)) / root,
    };
  }
  return {
    c,
    columns: space.dim,
    rounding: 0,
    place: (row) => row,
    radius: (row) => (2 / root) * Math.atanh(root * normOf(row, 0)),
  };
}

function normOf(row: Float32Array, from: number): number {
  let sum = 0;
  for (let k = from; k < row.length; k++) sum += row[k] * row[k];
  return Math.sqrt(sum);
}
