import { requireFinite, requireInteger, requireLength } from '../../core/checks.js';
import { type Matrix, takeRows } from '../../core/matrix.js';
import type { Group } from '../group.js';

/**
 * S_N on the rows of matrices: row i of g x is row g[i] of x. `distance` is the number of places that differ, 0..N.
 * ψ takes a score of each row and puts the rows in order of falling score, equal ones by position: row i comes from
 * place ψ[i] of that order.
 * @throws UsageError unless N is a whole number >= 0
 * @source Winter et al. 2022, arXiv:2202.07559, section 3
 */
export function permutationGroup(N: number): Group<Int32Array, Matrix> {
  requireInteger(N, 0, 'permutationGroup N');
  return {
    name: `S_${N}`,
    identity: Int32Array.from({ length: N }, (_, i) => i),
    compose: (g, h) => g.map((from) => h[from]),
    inverse(g) {
      const back = new Int32Array(N);
      for (let i = 0; i < N; i++) back[g[i]] = i;
      return back;
    },
    act(g, x) {
      requireLength(x.rows, N, `S_${N} rows`);
      return takeRows(x, g);
    },
    random: (rng) => rng.permutation(N),
    distance: (g, h) => g.reduce((count, from, i) => count + (from === h[i] ? 0 : 1), 0),
    fromFeatures(scores) {
      requireLength(scores.length, N, `S_${N} features`);
      requireFinite(scores, 1, `S_${N} features`);
      const places = Array.from({ length: N }, (_, i) => i);
      const falling = places.sort((a, b) => scores[b] - scores[a] || a - b);
      const place = new Int32Array(N);
      for (const [at, i] of falling.entries()) place[i] = at;
      return place;
    },
  };
}
