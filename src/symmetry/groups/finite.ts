import { requireFinite, requireLength } from '../../core/checks.js';

/**
 * ψ of a finite group of elements 0..order - 1 from a function on it, f[h] for each element h, on which it acts by
 * (g f)[h] = f[g⁻¹ h]: the first g for which g⁻¹ f is the largest of the orbit, compared number by number. Right up to
 * the stabiliser for every f, also where the largest number stands twice, at which the place of the maximum is not.
 * @param compose the product of two elements
 * @throws ShapeError unless there are `order` numbers, DomainError where one is not finite
 */
export function fromRegularFeatures(
  features: ArrayLike<number>,
  order: number,
  compose: (g: number, h: number) => number,
  who: string,
): number {
  requireLength(features.length, order, who);
  requireFinite(features, order, who);
  let best = 0;
  for (let g = 1; g < order; g++) {
    for (let h = 0; h < order; h++) {
      const difference = features[compose(g, h)] - features[compose(best, h)];
      if (difference > 0) best = g;
      if (difference !== 0) break;
    }
  }
  return best;
}
