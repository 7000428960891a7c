import type { NativeClassTerms, NativeCosines } from '../native/index.js';

export type { ClassCall, CosineCall, CosinePull, OwnAngles } from '../native/index.js';

/** Logits of items against class vectors and what losses sum over them, outside of the tensor engine. */
export interface FusedClasses {
  readonly cosines: NativeCosines;
  readonly terms: NativeClassTerms;
}

let registered: FusedClasses | undefined;

/** The fused kernels, or undefined without the addon, in a browser and where tensors live on a GPU. */
export function fusedClasses(): FusedClasses | undefined {
  return registered;
}

/** Called by openEngine: only where a tensor's values can be read synchronously and at no great cost. */
export function registerFusedClasses(classes: FusedClasses | undefined): void {
  registered = classes;
}
