import { requirePositive } from '../core/checks.js';
import { columnsOf, type Space } from '../core/space.js';
import * as lorentz from './lorentz.js';
import * as poincare from './poincare.js';
import * as sphere from './sphere.js';

type Values = ArrayLike<number>;

/**
 * The point of the space that stands for x, which left it by rounding or by a straight step: scaled onto the sphere,
 * its time replaced on the hyperboloid, scaled back to norm (1 - margin)/√c if it is farther out in a ball; flat
 * spaces and K >= 0 of the stereographic model keep it. A product goes factor by factor.
 * @param margin share of a ball's radius to keep from the rim, in (0, 1)
 * @throws DomainError for the zero vector on a sphere
 */
export function project(space: Space, x: Values, margin: number): Float64Array {
  requirePositive(margin, 'project margin');
  switch (space.kind) {
    case 'sphere':
      return sphere.project(x, space.curvature);
    case 'lorentz':
      return lorentz.project(x, -space.curvature);
    case 'poincare':
    case 'stereographic':
      return space.curvature < 0 ? poincare.project(x, -space.curvature, margin) : Float64Array.from(x);
    case 'product':
      return byFactor(space.factors, (factor, from, to) => project(factor, slice(x, from, to), margin));
    default:
      return Float64Array.from(x);
  }
}

/** The part of v that is tangent at x. */
export function projectTangent(space: Space, x: Values, v: Values): Float64Array {
  switch (space.kind) {
    case 'sphere':
      return sphere.projectTangent(x, v, space.curvature);
    case 'lorentz':
      return lorentz.projectTangent(x, v, -space.curvature);
    case 'product':
      return byFactor(space.factors, (factor, from, to) =>
        projectTangent(factor, slice(x, from, to), slice(v, from, to)),
      );
    default:
      return Float64Array.from(v);
  }
}

/** The columns of every factor, from the function of its space and its range of columns, side by side. */
export function byFactor(
  factors: readonly { readonly space: Space; readonly weight: number }[],
  part: (space: Space, from: number, to: number, weight: number) => Values,
): Float64Array {
  const columns = factors.reduce((sum, { space }) => sum + columnsOf(space), 0);
  const out = new Float64Array(columns);
  let from = 0;
  for (const { space, weight } of factors) {
    const to = from + columnsOf(space);
    out.set(part(space, from, to, weight), from);
    from = to;
  }
  return out;
}

export function slice(v: Values, from: number, to: number): Float64Array {
  return Float64Array.from({ length: to - from }, (_, k) => v[from + k]);
}
