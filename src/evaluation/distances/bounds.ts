import { requireInteger } from '../../core/checks.js';
import { type Matrix64, matrix } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';
import { pairsOf, shepardReport } from '../distortion.js';
import type { DistanceSource, SourceControl } from './distanceSource.js';
import { type PackingBound, packingBound } from './packingBound.js';

export interface BoundsOptions extends SourceControl {
  /** Dimensions of the codes. */
  readonly dim: number;
  readonly rng: Rng;
  /** Rows drawn at random: n² distances are held. Default 1000, or all where there are fewer. */
  readonly rows?: number;
  /** Whether codes lie in Euclidean space, for which the packing argument holds. */
  readonly euclidean: boolean;
  /** Kruskal's stress-1 of the best points that a method finds in `dim` Euclidean dimensions, for instance smacof. */
  readonly arrange?: (distances: Matrix64, dim: number) => { readonly stress: number };
}

/** What is possible in so many dimensions, on some of the rows. */
export interface DistanceBounds {
  readonly rows: number;
  readonly dim: number;
  /** scaledStress1 of the codes on these rows. */
  readonly scaledStress1: number;
  /** That of the points that `arrange` found: it can be reached, if by codes of these rows alone. */
  readonly reachableStress1?: number;
  /** worstCaseDistortion that no map of the rows into Euclidean space of `dim` falls below; absent for other codes. */
  readonly packing?: PackingBound;
}

/** @throws UsageError for dim or rows out of range */
export async function distanceBounds(
  inputs: DistanceSource,
  codes: DistanceSource,
  { dim, rng, rows = 1000, euclidean, arrange, ...control }: BoundsOptions,
): Promise<DistanceBounds> {
  requireInteger(dim, 1, 'distanceBounds dim');
  requireInteger(rows, 3, 'distanceBounds rows');
  const drawn = rng.permutation(inputs.rows).slice(0, rows).sort();
  const among = async (source: DistanceSource) => {
    const distances = new Float64Array(drawn.length ** 2);
    // One row at a time: rows of all n would not fit beside each other.
    for (let i = 0; i < drawn.length; i++) {
      const all = await source.from(drawn.subarray(i, i + 1), control);
      for (let j = 0; j < drawn.length; j++) {
        distances[i * drawn.length + j] = i === j ? 0 : all[drawn[j]];
      }
    }
    return matrix(distances, drawn.length, drawn.length);
  };
  const distances = await among(inputs);
  const { scaledStress1 } = shepardReport(pairsOf(distances), pairsOf(await among(codes)));
  const width = Math.min(dim, drawn.length - 1);
  const packing = euclidean ? packingBound(distances, dim) : undefined;
  return {
    ...{ rows: drawn.length, dim, scaledStress1 },
    ...(arrange && { reachableStress1: arrange(distances, width).stress }),
    ...(packing && { packing: { ...packing, rows: packing.rows.map((i) => drawn[i]) } }),
  };
}
