import { requireFinite } from '../../core/checks.js';
import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import type { Matrix } from '../../core/matrix.js';
import type { BatchRelation } from '../relation.js';
import { type Distances, forEachAnchor, onHost, readCompared } from './compared.js';
import { TripletList, type TripletTuples } from './tuples.js';

export interface AngularMinerOptions {
  /** Degrees, above 0 and below 90. */
  readonly angle?: number;
  /**
   * K of the plane that the triangle of a, p and n is laid out in, 1/u². In a space of constant curvature that is its
   * own K, and the angle the true one; in others 0 compares with the Euclidean triangle of the same sides. Default 0.
   */
  readonly curvature?: number;
  /** [m, m], references to references: needed where the references are not the anchors. */
  readonly referenceDistances?: Distances;
}

export const ANGULAR_MINER_DEFAULTS = { angle: 20, curvature: 0 } as const;

/**
 * Triplets in which the angle at the negative is larger than `angle`: that of the right triangle whose legs are half
 * of a p and the median from n to the middle of a p, so tan = (d(a, p) / 2) / d(n, middle) in the flat plane. Only
 * distances are needed: sides of a triangle fix its median. PML takes Euclidean distances of
 * embeddings that it does not normalise.
 * A median of length 0, or of a square below 0 by rounding, is a right angle.
 * @throws as readCompared; DomainError for an angle outside its range or distances longer than the plane of K > 0 is
 *   wide, ShapeError for other reference distances than needed
 * @source Wang, Zhou, Wen, Liu, Lin 2017, "Deep metric learning with angular loss", arXiv:1708.01682, section 3.2
 */
export function angularMiner(
  distances: Distances,
  relation: BatchRelation,
  options: AngularMinerOptions = {},
): TripletTuples {
  const { angle, curvature, referenceDistances } = { ...ANGULAR_MINER_DEFAULTS, ...options };
  if (!(angle > 0 && angle < 90)) {
    const remedy = 'check this argument';
    throw new DomainError(expectation('angularMiner angle', 'degrees above 0, below 90', angle, remedy));
  }
  requireFinite([curvature], 1, 'angularMiner curvature');
  const { d, plan } = readCompared(distances, relation, 'angularMiner');
  const m = plan.columns;
  const among = referencesAmong(
    referenceDistances,
    plan.sameItems ? { data: d, rows: m, columns: m } : undefined,
    m,
  );
  requireWithin(d, m, curvature);
  if (among !== d) requireWithin(among, m, curvature);
  const limit = Math.tan((angle * Math.PI) / 180) ** 2;
  const triplets = new TripletList();
  forEachAnchor(plan, ({ anchor, positives, negatives }) => {
    const row = anchor * m;
    for (const p of positives) {
      for (const n of negatives) {
        const tangent = squaredTangent(d[row + p], d[row + n], among[p * m + n], curvature);
        if (tangent > limit) triplets.push(anchor, p, n);
      }
    }
  });
  return triplets.finish();
}

/**
 * tan² of the angle, tan_K²(ap / 2) / sin_K²(median). With S(t) = sin_K²(t / 2), so that cos_K t = 1 - 2 K S(t), the law
 * of cosines in both halves of the triangle gives the median's S, here M, without the cancellation of cosines.
 */
function squaredTangent(ap: number, an: number, pn: number, K: number): number {
  const half = squaredHalfSine(ap / 2, K);
  const M = (squaredHalfSine(an, K) + squaredHalfSine(pn, K) - 2 * half) / (2 * (1 - 2 * K * half));
  if (!(M > 0)) return ap > 0 ? Number.POSITIVE_INFINITY : 0;
  const sine = 4 * half * (1 - K * half);
  const cosine = (1 - 2 * K * half) ** 2;
  return sine / cosine / (4 * M * (1 - K * M));
}

/** sin_K²(t / 2) */
function squaredHalfSine(t: number, K: number): number {
  const root = Math.sqrt(Math.abs(K));
  if (K > 0) return (Math.sin((root * t) / 2) / root) ** 2;
  return K < 0 ? (Math.sinh((root * t) / 2) / root) ** 2 : (t / 2) ** 2;
}

function referencesAmong(given: Distances | undefined, own: Matrix | undefined, m: number) {
  const among = given ? onHost(given) : own;
  if (among?.rows === m && among.columns === m) {
    requireFinite(among.data, m, 'angularMiner referenceDistances');
    return among.data;
  }
  const got = among ? [among.rows, among.columns] : 'none';
  const remedy = 'pass the distances of the references to each other';
  throw new ShapeError(expectation('angularMiner referenceDistances', `[${m}, ${m}]`, got, remedy));
}

function requireWithin(d: Float32Array | Float64Array, columns: number, K: number): void {
  if (!(K > 0)) return;
  const widest = Math.PI / Math.sqrt(K);
  // The longest distance, rounded to float32, may come out a little longer.
  const at = d.findIndex((value) => value > widest * (1 + 1e-6));
  if (at < 0) return;
  const row = Math.floor(at / columns);
  throw new DomainError(
    expectation(
      `angularMiner distances row ${row}`,
      `at most ${widest}`,
      d[at],
      'pass the curvature of the space',
    ),
  );
}
