import type { Space } from '../core/space.js';

/** Points of one call, valid in `space`: [n, columnsOf(space)] and [m, columnsOf(space)] float32, row-major. */
export interface FusedPairCall {
  /** euclidean, cosine, sphere, poincare, lorentz or stereographic. */
  readonly space: Space;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** all: each row of x to each row of y, [n, m] pairs; rows: row i to row i, n = m pairs. */
  readonly layout: 'all' | 'rows';
}

/**
 * Distances and their closed-form derivatives outside of the tensor engine, on the host's memory. `dy` has a value a
 * pair; `points` and `direction` hold the rows of x and then those of y.
 */
export interface FusedPairs {
  distances(call: FusedPairCall): Float32Array;
  /** Derivatives of Σ dy d: to the points, and to the curvature where `learned`. */
  gradients(
    call: FusedPairCall,
    dy: Float32Array,
    learned: boolean,
  ): { readonly points: Float32Array; readonly curvature: number };
  /** Derivatives of Σ direction · gradients(dy).points: to the points and to dy. */
  second(
    call: FusedPairCall,
    dy: Float32Array,
    direction: Float32Array,
  ): { readonly points: Float32Array; readonly dy: Float32Array };
}

let registered: FusedPairs | undefined;

/** The fused kernels, or undefined where distances are made of tensors: without the addon, in a browser, on WebGPU. */
export function fusedPairs(): FusedPairs | undefined {
  return registered;
}

/** Called by openEngine: only where a tensor's values can be read synchronously and at no great cost. */
export function registerFusedPairs(pairs: FusedPairs | undefined): void {
  registered = pairs;
}
