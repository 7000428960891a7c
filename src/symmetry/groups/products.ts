import type { Group } from '../group.js';

/** Of two groups on the same items: the first's and the second's elements or features. */
export type Pair<A, B> = readonly [A, B];

/** {e}: its one element is null, and ψ reads nothing. */
export function trivialGroup<X>(): Group<null, X, unknown> {
  return {
    name: 'trivial',
    identity: null,
    compose: () => null,
    inverse: () => null,
    act: (_, x) => x,
    random: () => null,
    distance: () => 0,
    fromFeatures: () => null,
  };
}

/**
 * N ⋊ H: element [n, h] acts as n (h x), so that [n, h] [m, k] = [n · h m h⁻¹, h k]. Distance: √(d_N² + d_H²),
 * left-invariant where conjugation by H keeps the distances of N, as turns do those of shifts.
 * @param conjugate h n h⁻¹, again of N
 */
export function semidirectProduct<X, GN, FN, GH, FH>(
  N: Group<GN, X, FN>,
  H: Group<GH, X, FH>,
  conjugate: (h: GH, n: GN) => GN,
  name = `${N.name} ⋊ ${H.name}`,
): Group<Pair<GN, GH>, X, Pair<FN, FH>> {
  return {
    name,
    identity: [N.identity, H.identity],
    compose: ([n, h], [m, k]) => [N.compose(n, conjugate(h, m)), H.compose(h, k)],
    inverse([n, h]) {
      const back = H.inverse(h);
      return [conjugate(back, N.inverse(n)), back];
    },
    act: ([n, h], x) => N.act(n, H.act(h, x)),
    random: (rng) => [N.random(rng), H.random(rng)],
    distance: ([n, h], [m, k]) => Math.hypot(N.distance(n, m), H.distance(h, k)),
    fromFeatures: ([n, h]) => [N.fromFeatures(n), H.fromFeatures(h)],
  };
}

/** A x B, whose actions commute: turns of a cloud and orders of its points. Distance: √(d_A² + d_B²). */
export function directProduct<X, GA, FA, GB, FB>(
  A: Group<GA, X, FA>,
  B: Group<GB, X, FB>,
  name = `${A.name} x ${B.name}`,
): Group<Pair<GA, GB>, X, Pair<FA, FB>> {
  return semidirectProduct(A, B, (_, a) => a, name);
}
