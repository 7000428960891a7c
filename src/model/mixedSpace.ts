import type { ProductSpace, Space } from '../core/space.js';
import type { Metric } from '../manifolds/manifold.js';

/** Heads of a model, and what their distances are divided by. */
interface MixedHeads {
  readonly euclidean: { readonly metric: Metric };
  readonly poincare: { readonly metric: Metric };
  readonly temperature: { readonly euclidean: number; readonly poincare: number };
  readonly lambda: number;
}

/** HypMix's mixed score as a space: cosine / tauE + lambda Poincaré / tauH, over all balls of a head with several. */
export function mixedSpace({ euclidean, poincare, temperature, lambda }: MixedHeads): ProductSpace {
  return {
    kind: 'product',
    combine: 'sum',
    factors: [
      { space: euclidean.metric.space, weight: 1 / temperature.euclidean },
      ...weighted(poincare.metric.space, lambda / temperature.poincare),
    ],
  };
}

function weighted(space: Space, weight: number): ProductSpace['factors'] {
  if (space.kind !== 'product') return [{ space, weight }];
  return space.factors.map((factor) => ({ ...factor, weight: weight * factor.weight }));
}
