import type { AngularCall, NativeAngular } from '../native/index.js';

export type FusedAngularCall = AngularCall;

/** The angular loss of all positives and their anchors' negatives outside of the tensor engine, on the host's memory. */
export type FusedAngular = NativeAngular;

let registered: FusedAngular | undefined;

/** The fused kernel, or undefined without the addon, in a browser and where tensors live on a device. */
export function fusedAngular(): FusedAngular | undefined {
  return registered;
}

/** Called by openEngine: only where a tensor's values can be read synchronously and at no great cost. */
export function registerFusedAngular(angular: FusedAngular | undefined): void {
  registered = angular;
}
