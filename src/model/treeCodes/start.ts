import type { Rng } from '../../core/rng.js';
import { leafCounts, type Tree } from '../../data/tree.js';

/** Standard deviation of the columns that the wedge leaves free. */
const NOISE = 0.1;
/** Standard deviation of a random start: all codes begin near one point, wider starts end worse. */
const SPREAD = 0.01;

/** Independent normal values of standard deviation 0.01, [n, dim]. */
export function randomStart(n: number, dim: number, rng: Rng): Float64Array {
  return Float64Array.from({ length: n * dim }, () => SPREAD * rng.normal());
}

/**
 * The tree drawn radially in the first two columns, [n, dim]: a node stands at radius depth / scale in the middle of its
 * sector; a sector is shared out among the children by their numbers of leaves. Other columns are small noise.
 * @param dim >= 1; with one column, the radius is signed by the half-plane
 * @source Sarkar 2011, "Low distortion Delaunay embedding of trees in hyperbolic plane", for the idea of sectors
 */
export function wedgeStart(tree: Tree, dim: number, scale: number, rng: Rng): Float64Array {
  const { preorder, parents, depths } = tree;
  const leaves = leafCounts(tree);
  // The sector of a node is [from, from + width); `taken` says how much of it the children so far have got.
  const from = new Float64Array(preorder.length);
  const width = new Float64Array(preorder.length);
  const taken = new Float64Array(preorder.length);
  const codes = new Float64Array(preorder.length * dim);
  for (const node of preorder) {
    const parent = parents[node];
    if (parent < 0) width[node] = 2 * Math.PI;
    else {
      width[node] = (width[parent] * leaves[node]) / leaves[parent];
      from[node] = from[parent] + taken[parent];
      taken[parent] += width[node];
    }
    const angle = from[node] + width[node] / 2;
    const radius = depths[node] / scale;
    codes[node * dim] = radius * (dim === 1 ? Math.sign(Math.cos(angle)) : Math.cos(angle));
    if (dim > 1) codes[node * dim + 1] = radius * Math.sin(angle);
    for (let k = 2; k < dim; k++) codes[node * dim + k] = NOISE * rng.normal();
  }
  return codes;
}
