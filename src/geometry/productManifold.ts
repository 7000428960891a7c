import type { ProductSpace, Space } from '../core/space.js';
import { distance } from './distance.js';
import type { Manifold } from './manifold.js';

type Values = ArrayLike<number>;

/**
 * The product with metric Σ w_i g_i: every map goes factor by factor, lengths are √(Σ w_i |u_i|²), and a factor's
 * gradient and curvature are divided by its weight.
 * @param of the manifold of one factor @throws UsageError where `of` does
 */
export function productManifold(space: ProductSpace, of: (factor: Space) => Manifold): Manifold {
  const factors = space.factors.map((factor) => ({ manifold: of(factor.space), weight: factor.weight }));
  const sum = (key: 'columns' | 'dimension') => factors.reduce((total, f) => total + f.manifold[key], 0);
  const columns = sum('columns');
  const dimension = sum('dimension');

  function each(
    key: 'columns' | 'dimension',
    map: (manifold: Manifold, part: (v: Values) => Float64Array, weight: number) => Values,
  ): Float64Array {
    const out = new Float64Array(columns);
    let from = 0;
    let at = 0;
    for (const { manifold, weight } of factors) {
      const [start, end] = [from, from + manifold[key]];
      out.set(
        map(manifold, (v) => Float64Array.from(v).subarray(start, end), weight),
        at,
      );
      from = end;
      at += manifold.columns;
    }
    return out;
  }

  return {
    ...{ space, columns, dimension },
    curvature: {
      min: Math.min(0, ...factors.map((f) => f.manifold.curvature.min / f.weight)),
      max: Math.max(0, ...factors.map((f) => f.manifold.curvature.max / f.weight)),
    },
    dist: (x, y) => distance(space, x, y),
    norm(x, u) {
      let squared = 0;
      each('columns', (m, part, weight) => {
        squared += weight * m.norm(part(x), part(u)) ** 2;
        return [];
      });
      return Math.sqrt(squared);
    },
    exp: (x, u) => each('columns', (m, part) => m.exp(part(x), part(u))),
    log: (x, y) => each('columns', (m, part) => m.log(part(x), part(y))),
    transport: (x, y, u) => each('columns', (m, part) => m.transport(part(x), part(y), part(u))),
    egrad2rgrad: (x, g) =>
      each('columns', (m, part, weight) => m.egrad2rgrad(part(x), part(g)).map((value) => value / weight)),
    origin: () => each('columns', (m) => m.origin()),
    frame: (v) =>
      each('dimension', (m, part, weight) => m.frame(part(v).map((value) => value / Math.sqrt(weight)))),
  };
}
