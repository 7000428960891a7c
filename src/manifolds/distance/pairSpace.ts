import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import { columnsOf, type ProductSpace, type Space } from '../../core/space.js';
import type * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';

/** Spaces whose distance is a function of coordinate differences. */
export type PairSpace = Exclude<Space, ProductSpace | { readonly kind: 'star' }>;
/** all: each row of x to each row of y, [n, m]; rows: row i to row i, [n]. */
export type PairLayout = 'all' | 'rows';

/** K of a call; 0 in the spaces that have none. */
export function curvatureOf(space: PairSpace, curvature: Curvature | undefined): Curvature {
  if (!('curvature' in space)) return 0;
  return curvature ?? space.curvature;
}

/** @throws DomainError for NaN, infinity or a sign that the space does not have */
export function requireCurvature(space: PairSpace, K: number, who: string): void {
  const rule = RULES[space.kind];
  if (rule.holds(K) && Number.isFinite(K)) return;
  throw new DomainError(
    expectation(`${who} curvature`, rule.expected, K, `a ${space.kind} space has no other`),
  );
}

const ANY = { expected: 'a finite number', holds: () => true };
const NEGATIVE = { expected: 'a finite number < 0', holds: (K: number) => K < 0 };
const RULES: Readonly<Record<PairSpace['kind'], { expected: string; holds(K: number): boolean }>> = {
  euclidean: ANY,
  cosine: ANY,
  innerProduct: ANY,
  stereographic: ANY,
  poincare: NEGATIVE,
  lorentz: NEGATIVE,
  sphere: { expected: 'a finite number > 0', holds: (K) => K > 0 },
};

/** @throws ShapeError unless x and y are [n, columnsOf(space)], with as many rows where row meets row */
export function requireShapes(
  space: Space,
  x: tf.Tensor,
  y: tf.Tensor,
  layout: PairLayout,
  who: string,
): void {
  const columns = columnsOf(space);
  for (const [name, points] of Object.entries({ x, y })) {
    if (points.rank === 2 && points.shape[1] === columns) continue;
    throw new ShapeError(
      expectation(
        `${who} ${name}`,
        `[n, ${columns}]`,
        points.shape,
        `pass vectors of the ${space.kind} space`,
      ),
    );
  }
  if (layout === 'all' || x.shape[0] === y.shape[0]) return;
  throw new ShapeError(
    expectation(`${who} y`, `${x.shape[0]} rows`, y.shape[0], 'pass as many rows as x has'),
  );
}
