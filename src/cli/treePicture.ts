import { type Matrix32, matrix, takeRows } from '../core/matrix.js';
import { branchesOf, type Tree } from '../data/tree.js';
import type { TrainedTree } from '../model/treeCodes/trainTree.js';
import { diskPicture } from '../reduction/diskPicture.js';
import { pca } from '../reduction/pca.js';
import type { TreeReportInput } from '../report/treeReport.js';

/** More nodes make files that browsers are slow with, and pictures that are full. */
const MOST_DRAWN = 3000;
const MOST_BRANCHES = 12;

/** The nodes nearest to the root, in two dimensions, in the colours of the largest branches. */
export function treePicture(
  tree: Tree,
  { codes, config }: TrainedTree,
): Pick<TreeReportInput, 'plane' | 'parents' | 'branches' | 'branchNames'> {
  const { names, depths, parents } = tree;
  // Sorting is stable: nodes of one depth stay in their order.
  const rows = Int32Array.from(names.keys())
    .sort((a, b) => depths[a] - depths[b] || a - b)
    .slice(0, MOST_DRAWN);
  const placeOf = new Map(Array.from(rows, (row, place) => [row, place]));
  const { tops, labels } = branchesOf(tree, MOST_BRANCHES);
  const branchOf = (row: number) => (labels[row] < 0 ? tops.length : labels[row]);
  return {
    plane: planeOf(takeRows(codes.heads[0].matrix, rows), config.space),
    parents: Int32Array.from(rows, (row) => placeOf.get(parents[row]) ?? -1),
    branches: Int32Array.from(rows, branchOf),
    branchNames: [...tops.map((row) => names[row]), 'others'],
  };
}

function planeOf(points: Matrix32, space: TreeReportInput['space']): TreeReportInput['plane'] {
  const { data, rows, columns } = points;
  if (columns === 1) {
    const flat = Float64Array.from({ length: 2 * rows }, (_, k) => (k % 2 === 0 ? data[k / 2] : 0));
    return { coordinates: flat, explained: 1 };
  }
  if (columns === 2) return { coordinates: Float64Array.from(data), explained: 1 };
  if (space === 'hyperbolic') {
    const disk = diskPicture(points, 1);
    return { ...disk, coordinates: disk.coordinates.data };
  }
  const { coordinates, explained } = pca(matrix(data, rows, columns), 2);
  return { coordinates: coordinates.data, explained: explained[0] + explained[1] };
}
