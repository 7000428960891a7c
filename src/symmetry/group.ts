import type { Rng } from '../core/rng.js';

/**
 * A group G acting on X, with ψ, the one thing an invariant autoencoder needs of it.
 * Laws: compose is associative with `identity` and `inverse`; act(compose(g, h), x) = act(g, act(h, x)).
 * `groupLawErrors` measures them. The same group on other items: `{ ...group, act: otherAction }`.
 * @source Winter et al. 2022, arXiv:2202.07559, section 3
 */
export interface Group<G, X, F = ArrayLike<number>> {
  readonly name: string;
  readonly identity: G;
  /** First h, then g. */
  compose(g: G, h: G): G;
  inverse(g: G): G;
  act(g: G, x: X): X;
  /** Uniform (Haar) over a compact group; over another there is nothing uniform, and the group says what it draws. */
  random(rng: Rng): G;
  /**
   * A left-invariant metric: d(f g, f h) = d(g, h). Over a compact group right-invariant too; motions, which turn shifts,
   * have none that is both. The group says its unit.
   */
  distance(g: G, h: G): number;
  /**
   * ψ: an equivariant feature to a group element, ψ(g f) = g ψ(f) wherever the stabiliser of f is trivial. Elsewhere
   * some element that is right up to that stabiliser: ψ(g f) = g ψ(f) s with s f₀ = f₀, f₀ = ψ(f)⁻¹ f. Never NaN.
   * @throws ShapeError, DomainError for features of another shape or with values that are not finite
   */
  fromFeatures(features: F): G;
}
