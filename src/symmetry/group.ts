import type { Rng } from '../core/rng.js';

/**
 * A group G acting on X, with ψ, the one thing an invariant autoencoder needs of it.
 * Laws: compose is associative with `identity` and `inverse`; act(compose(g, h), x) = act(g, act(h, x)).
 * @source Winter et al. 2022, arXiv:2202.07559, section 3
 */
export interface Group<G, X, F = ArrayLike<number>> {
  readonly name: string;
  readonly identity: G;
  /** First h, then g. */
  compose(g: G, h: G): G;
  inverse(g: G): G;
  act(g: G, x: X): X;
  /** Uniform (Haar) over the group. */
  random(rng: Rng): G;
  /** A bi-invariant metric on the group; the class says its unit. */
  distance(g: G, h: G): number;
  /**
   * ψ: an equivariant feature to a group element, ψ(g f) = g ψ(f) wherever the stabiliser of f is trivial. Elsewhere
   * (a zero vector) some element, never NaN.
   */
  fromFeatures(features: F): G;
}
