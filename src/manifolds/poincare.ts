import type { Manifold } from './manifold.js';
import { stereographic } from './stereographic.js';

/**
 * The Poincaré ball of curvature K < 0 on tensors; c = -K, radius 1/√c.
 * @throws DomainError unless K < 0
 * @source Ganea, Bécigneul, Hofmann 2018, arXiv:1805.09112, section 2
 */
export function poincareBall(dim: number, curvature: number): Manifold {
  return stereographic({ kind: 'poincare', dim, curvature });
}
