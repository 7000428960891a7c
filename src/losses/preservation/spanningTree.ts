import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import type { PairList } from './pairs.js';

/**
 * Edges of a minimum spanning tree of n points, in the order in which they are found from point 0; of equal distances the
 * smaller row is taken first. The lengths of these edges are the deaths in the persistence diagram of dimension 0 of the
 * Vietoris-Rips filtration.
 * @param distances [n * n], symmetric, >= 0
 * @returns n - 1 pairs; none for n <= 1
 * @throws ShapeError unless there are n * n values, DomainError naming a pair whose distance is not a number >= 0
 * @source Prim 1957, doi:10.1002/j.1538-7305.1957.tb01515.x, in n² steps
 */
export function minimumSpanningTree(distances: Float32Array | Float64Array, n: number): PairList {
  if (distances.length !== n * n) {
    const remedy = 'pass distances of a batch with itself';
    throw new ShapeError(
      expectation('minimumSpanningTree', `${n} x ${n} distances`, distances.length, remedy),
    );
  }
  const edges = Math.max(0, n - 1);
  const first = new Int32Array(edges);
  const second = new Int32Array(edges);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const parents = new Int32Array(n);
  const outside = Int32Array.from({ length: edges }, (_, i) => i + 1);
  for (let done = 0, at = 0; done < edges; done++) {
    let best = 0;
    for (let i = 0; i < edges - done; i++) {
      const point = outside[i];
      const d = distances[at * n + point];
      if (!(d >= 0)) refuse(at, point, d);
      if (d < nearest[point]) {
        nearest[point] = d;
        parents[point] = at;
      }
      const [near, least] = [nearest[point], nearest[outside[best]]];
      if (near < least || (near === least && point < outside[best])) best = i;
    }
    at = outside[best];
    outside[best] = outside[edges - done - 1];
    first[done] = parents[at];
    second[done] = at;
  }
  return { first, second };
}

function refuse(i: number, j: number, got: number): never {
  throw new DomainError(
    expectation(`distances of rows ${i} and ${j}`, 'a number >= 0', got, 'remove or repair these rows'),
  );
}
