import { expectation, UsageError } from '../core/errors.js';
import type { Space } from '../core/space.js';
import { cosineSpace, innerProductSpace } from './cosine.js';
import { euclidean } from './euclidean.js';
import { lorentz } from './lorentz.js';
import type { Curvature, Manifold, Metric } from './manifold.js';
import { productManifold, productMetric } from './product.js';
import { sphere } from './sphere.js';
import { star } from './star.js';
import { stereographic } from './stereographic.js';

/** One curvature for all curved factors of a space, or a list with one for each, in order; nested products count too. */
export type Curvatures = Curvature | readonly Curvature[];

/**
 * The manifold of a space on tensors; of a product with combine "l2", whose metric is Σ w_i g_i.
 * @param curvatures in place of the curvatures in `space`: learned ones, as scalar tensors
 * @throws UsageError for a space that is no Riemannian manifold (cosine, innerProduct, star, a product with "sum"), or
 *   another number of curvatures than curved factors; DomainError for a number of the wrong sign
 */
export function manifoldOn(space: Space, curvatures?: Curvatures): Manifold {
  return manifoldFrom(space, assigned(space, curvatures));
}

/** The distances of any space on tensors. @param curvatures, throws: as manifoldOn, but no space is refused */
export function metricOn(space: Space, curvatures?: Curvatures): Metric {
  return metricFrom(space, assigned(space, curvatures));
}

/** Gives the curvature of each curved factor, called in their order; undefined: the space's own. */
type NextCurvature = () => Curvature | undefined;

function metricFrom(space: Space, next: NextCurvature): Metric {
  switch (space.kind) {
    case 'cosine':
      return cosineSpace(space.dim, 'any');
    case 'innerProduct':
      return innerProductSpace(space.dim);
    case 'star':
      return star();
    case 'product':
      return productMetric(
        space,
        space.factors.map((factor) => metricFrom(factor.space, next)),
      );
    default:
      return manifoldFrom(space, next);
  }
}

function manifoldFrom(space: Space, next: NextCurvature): Manifold {
  switch (space.kind) {
    case 'euclidean':
      return euclidean({ ...space, kind: space.kind });
    case 'sphere':
      return sphere({ ...space, kind: space.kind }, next());
    case 'lorentz':
      return lorentz({ ...space, kind: space.kind }, next());
    case 'poincare':
    case 'stereographic':
      return stereographic({ ...space, kind: space.kind }, next());
    case 'product':
      if (space.combine === 'sum') return refuse('a product with combine "l2"', 'product with combine "sum"');
      return productManifold(
        space,
        space.factors.map((factor) => manifoldFrom(factor.space, next)),
      );
    case 'cosine':
    case 'innerProduct':
    case 'star':
      return refuse('euclidean, sphere, poincare, lorentz, stereographic or a product', space.kind);
  }
}

function assigned(space: Space, curvatures: Curvatures | undefined): NextCurvature {
  if (!isList(curvatures)) return () => curvatures;
  const count = curvedFactors(space);
  if (curvatures.length !== count) {
    throw new UsageError(
      expectation(
        'manifold curvatures',
        `${count}, one for each curved factor`,
        curvatures.length,
        'align them',
      ),
    );
  }
  const rest = curvatures.values();
  return () => rest.next().value;
}

function isList(curvatures: Curvatures | undefined): curvatures is readonly Curvature[] {
  return Array.isArray(curvatures);
}

function curvedFactors(space: Space): number {
  if (space.kind === 'product') return space.factors.reduce((sum, f) => sum + curvedFactors(f.space), 0);
  return 'curvature' in space ? 1 : 0;
}

function refuse(expected: string, got: string): never {
  throw new UsageError(
    expectation('manifold', expected, got, 'its distance comes from no Riemannian metric'),
  );
}
