import { requireInteger } from '../../core/checks.js';
import { sparseWigner3j } from './wigner3j.js';

/** Degrees l1 <= l2 whose product is looked at in degree l3. */
export interface ProductPath {
  readonly l1: number;
  readonly l2: number;
  readonly l3: number;
}

/** A sparse bilinear map of rows: out[r] = Σ_t coefficients[t] a[factors[t]] b[others[t]], t from starts[r] to starts[r + 1]. */
export interface CouplingPlan {
  readonly starts: Int32Array;
  readonly factors: Int32Array;
  readonly others: Int32Array;
  readonly coefficients: Float32Array;
  /** Rows of a, of b and of the result. */
  readonly aRows: number;
  readonly bRows: number;
  readonly outRows: number;
}

export interface ChannelProduct {
  /** x, x -> products: row l² + l + m of x is coefficient (l, m); for the products see channelProduct. */
  readonly forward: CouplingPlan;
  /** Gradients of the products, x -> gradient of x. */
  readonly backward: CouplingPlan;
  /** By degree l3: how many paths lead there. */
  readonly paths: readonly number[];
}

/**
 * Which products of degrees are formed. `all`: every pair l1 <= l2 that reaches l3. `efficient`: for each l3 the pairs
 * l1 = l2, and of l1 < l2 a minimum spanning tree of the degrees, an edge weighing (2 l1 + 1)(2 l2 + 1), so that each
 * degree still has a say. A product of a channel with itself is antisymmetric, hence zero, for l1 = l2 and odd l3: left out.
 * @param inDegree, outDegree highest degrees, 0..20
 * @returns ascending by l3, then l1, then l2
 * @source Visani et al. 2022 (H-(V)AE), arXiv:2209.15567; efficient pairs: Cobb et al. 2021, arXiv:2010.11661, section 3.2
 */
export function productPaths(
  inDegree: number,
  outDegree: number,
  kind: 'efficient' | 'all' = 'efficient',
): ProductPath[] {
  requireInteger(inDegree, 0, 'productPaths inDegree');
  requireInteger(outDegree, 0, 'productPaths outDegree');
  const degrees = Array.from({ length: inDegree + 1 }, (_, l) => l);
  const paths: ProductPath[] = [];
  for (let l3 = 0; l3 <= outDegree; l3++) {
    const reaches = (l1: number, l2: number) => l2 - l1 <= l3 && l3 <= l1 + l2;
    const edges = degrees.flatMap((l1) =>
      degrees.filter((l2) => l2 > l1 && reaches(l1, l2)).map((l2) => [l1, l2] as const),
    );
    const chosen = kind === 'all' ? edges : spanningTree(degrees.length, edges);
    const own = degrees.filter((l) => l3 % 2 === 0 && reaches(l, l)).map((l) => [l, l] as const);
    const ordered = [...chosen, ...own].sort(([a, b], [c, d]) => a - c || b - d);
    paths.push(...ordered.map(([l1, l2]) => ({ l1, l2, l3 })));
  }
  return paths;
}

/** Far below every coefficient up to degree 20, far above what rounding leaves of one. */
const ZERO = 1e-12;

/** Kruskal's; of edges of one weight the earlier. */
function spanningTree(
  nodes: number,
  edges: readonly (readonly [number, number])[],
): (readonly [number, number])[] {
  const tree = Int32Array.from({ length: nodes }, (_, l) => l);
  const weight = ([l1, l2]: readonly [number, number]) => (2 * l1 + 1) * (2 * l2 + 1);
  const sorted = [...edges].sort((e, f) => weight(e) - weight(f));
  return sorted.filter(([l1, l2]) => {
    const [from, to] = [tree[l1], tree[l2]];
    if (from === to) return false;
    for (let l = 0; l < nodes; l++) if (tree[l] === from) tree[l] = to;
    return true;
  });
}

/**
 * The products of a signal with itself, channel by channel, as plans for kernels: entry (l3, m3) of path (l1, l2, l3) is
 * √(2 l3 + 1) Σ w(l1 m1, l2 m2, l3 m3) x(l1 m1) x(l2 m2), w Wigner's 3j. Rows of the result: degree by degree, in it m3 by
 * m3, in it path by path, so that those of a degree are a [2 l3 + 1, paths, ...] array.
 * @param paths ascending by l3 @param inDegree highest degree of x
 */
export function channelProduct(paths: readonly ProductPath[], inDegree: number): ChannelProduct {
  const outDegree = paths.reduce((most, { l3 }) => Math.max(most, l3), 0);
  const counts = Array.from({ length: outDegree + 1 }, (_, l) => paths.filter(({ l3 }) => l3 === l).length);
  const inRows = (inDegree + 1) ** 2;
  const outRows = counts.reduce((sum, count, l) => sum + (2 * l + 1) * count, 0);
  const rows: Map<number, Map<number, number>>[] = Array.from({ length: outRows }, () => new Map());
  let start = 0;
  counts.forEach((count, l3) => {
    paths
      .filter((path) => path.l3 === l3)
      .forEach((path, p) => {
        addPath(path, (m3) => rows[start + m3 * count + p]);
      });
    start += (2 * l3 + 1) * count;
  });
  return {
    forward: planOf(rows, inRows, inRows),
    backward: planOf(derivative(rows, inRows), outRows, inRows),
    paths: counts,
  };
}

/** Adds coefficient (i, j), i <= j, of each row of a path. */
function addPath({ l1, l2, l3 }: ProductPath, rowOf: (m3: number) => Map<number, Map<number, number>>): void {
  const { i: first, j: second, k: third, value } = sparseWigner3j(l1, l2, l3);
  for (let k = 0; k < value.length; k++) {
    const [a, b] = [l1 ** 2 + first[k], l2 ** 2 + second[k]];
    const [i, j] = a <= b ? [a, b] : [b, a];
    const row = rowOf(third[k]);
    const group = row.get(i) ?? new Map<number, number>();
    row.set(i, group.set(j, (group.get(j) ?? 0) + Math.sqrt(2 * l3 + 1) * value[k]));
  }
}

/** Row i of the result: Σ_r g[r] Σ_j (c_rij + c_rji) x[j]. */
function derivative(rows: readonly Map<number, Map<number, number>>[], inRows: number) {
  const out: Map<number, Map<number, number>>[] = Array.from({ length: inRows }, () => new Map());
  const add = (i: number, r: number, j: number, c: number) => {
    const group = out[i].get(r) ?? new Map<number, number>();
    out[i].set(r, group.set(j, (group.get(j) ?? 0) + c));
  };
  rows.forEach((row, r) => {
    for (const [i, group] of row)
      for (const [j, c] of group) {
        add(i, r, j, c);
        add(j, r, i, c);
      }
  });
  return out;
}

/** Rows as sums of products, factor by factor, into a plan. */
export function planOf(
  rows: readonly ReadonlyMap<number, ReadonlyMap<number, number>>[],
  aRows: number,
  bRows: number,
): CouplingPlan {
  const starts = [0];
  const factors: number[] = [];
  const others: number[] = [];
  const coefficients: number[] = [];
  const ascending = <T>(map: ReadonlyMap<number, T>) => [...map].sort(([a], [b]) => a - b);
  for (const row of rows) {
    for (const [factor, group] of ascending(row)) {
      for (const [other, c] of ascending(group)) {
        // Two halves of an antisymmetric pair leave nothing but rounding.
        if (Math.abs(c) < ZERO) continue;
        factors.push(factor);
        others.push(other);
        coefficients.push(c);
      }
    }
    starts.push(factors.length);
  }
  return {
    starts: Int32Array.from(starts),
    factors: Int32Array.from(factors),
    others: Int32Array.from(others),
    coefficients: Float32Array.from(coefficients),
    ...{ aRows, bRows, outRows: rows.length },
  };
}
