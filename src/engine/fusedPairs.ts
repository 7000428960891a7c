import type { NativePairs, PairCall } from '../native/index.js';

/** One call of the kernels: the points of both sides, and which pairs of them. */
export type FusedPairCall = PairCall;

/** Distances and their closed-form derivatives outside of the tensor engine, on the host's memory. */
export type FusedPairs = NativePairs;

let registered: FusedPairs | undefined;

/** The fused kernels, or undefined where distances are made of tensors: without the addon, in a browser, on WebGPU. */
export function fusedPairs(): FusedPairs | undefined {
  return registered;
}

/** Called by openEngine: only where a tensor's values can be read synchronously and at no great cost. */
export function registerFusedPairs(pairs: FusedPairs | undefined): void {
  registered = pairs;
}
