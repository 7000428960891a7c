import type { ProductSpace } from '../core/space.js';
import type { Metric } from '../manifolds/manifold.js';

/** Heads of a model, and what their distances are divided by. */
interface MixedHeads {
  readonly euclidean: { readonly metric: Metric };
  readonly poincare: { readonly metric: Metric };
  readonly temperature: { readonly euclidean: number; readonly poincare: number };
  readonly lambda: number;
}

/** HypMix's mixed score as a space: cosine / tauE + lambda Poincaré / tauH. */
export function mixedSpace({ euclidean, poincare, temperature, lambda }: MixedHeads): ProductSpace {
  return {
    kind: 'product',
    combine: 'sum',
    factors: [
      { space: euclidean.metric.space, weight: 1 / temperature.euclidean },
      { space: poincare.metric.space, weight: lambda / temperature.poincare },
    ],
  };
}
