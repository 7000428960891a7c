import type { NativeTriplets, TripletCall, TripletSums } from '../native/index.js';

export type FusedTripletCall = TripletCall;
export type FusedTripletSums = TripletSums;

/** The margin loss of all triplets outside of the tensor engine, on the host's memory. */
export type FusedTriplets = NativeTriplets;

let registered: FusedTriplets | undefined;

/** The fused kernel, or undefined without the addon, in a browser and on WebGPU. */
export function fusedTriplets(): FusedTriplets | undefined {
  return registered;
}

/** Called by openEngine: only where a tensor's values can be read synchronously. */
export function registerFusedTriplets(triplets: FusedTriplets | undefined): void {
  registered = triplets;
}
