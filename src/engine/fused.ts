import type { Native } from '../native/index.js';

export type {
  AngularCall,
  ClassCall,
  CosineCall,
  CosinePull,
  CouplingTerms,
  MixedProductsCall,
  OwnAngles,
  PairCall,
  RowCall,
  RowLaw,
  RowParameter,
  RowTerms,
  TripletCall,
  TripletSums,
} from '../native/index.js';

/** Parts of a training step that are done outside of the tensor engine, on the host's memory. */
export type FusedKernels = Pick<
  Native,
  'pairs' | 'triplets' | 'couplings' | 'mixedProducts' | 'classes' | 'rows' | 'angular'
>;

const registered: { [Kind in keyof FusedKernels]?: FusedKernels[Kind] | undefined } = {};

/** Undefined where the work is done by tensors: without the addon, in a browser, on a GPU. */
export function fused<Kind extends keyof FusedKernels>(kind: Kind): FusedKernels[Kind] | undefined {
  return registered[kind];
}

/** Called by openEngine: only where a tensor's values can be read synchronously and at no great cost. */
export function registerFused<Kind extends keyof FusedKernels>(
  kind: Kind,
  kernels: FusedKernels[Kind] | undefined,
): void {
  Object.assign(registered, { [kind]: kernels });
}
