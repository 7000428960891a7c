import { columnsOf, type Space, type SpaceKind } from '../core/space.js';

/** The numbers of enum Kind in space.h. */
const KINDS: Readonly<Record<SpaceKind, number>> = {
  euclidean: 0,
  cosine: 1,
  innerProduct: 2,
  sphere: 3,
  poincare: 4,
  lorentz: 5,
  stereographic: 6,
  star: 7,
  product: 8,
};

/**
 * A space as numbers, for the addon: a leaf is [kind, columns, K]; a product is [kind, 1 for l2 or 0 for sum, number
 * of factors], then [weight, factor] for each.
 */
export function encodeSpace(space: Space): Float64Array {
  const codes: number[] = [];
  append(space, codes);
  return Float64Array.from(codes);
}

function append(space: Space, codes: number[]): void {
  if (space.kind !== 'product') {
    codes.push(KINDS[space.kind], columnsOf(space), 'curvature' in space ? space.curvature : 0);
    return;
  }
  codes.push(KINDS.product, space.combine === 'l2' ? 1 : 0, space.factors.length);
  for (const { space: factor, weight } of space.factors) {
    codes.push(weight);
    append(factor, codes);
  }
}
