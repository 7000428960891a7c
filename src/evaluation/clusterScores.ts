import { requireFinite, requireLength } from '../core/checks.js';
import type { Matrix32 } from '../core/matrix.js';
import type { Rng } from '../core/rng.js';
import type { Space } from '../core/space.js';
import { requirePoints, requireRows } from '../geometry/points.js';
import { flatCoordinates } from './flatCoordinates.js';
import { type KMeansOptions, kMeans } from './kMeans.js';
import { mutualInformation } from './mutualInformation.js';

/** How clusters of vectors agree with labels. */
export interface ClusterScores {
  /** Normalised mutual information, 0..1; grows with the number of clusters, even of random vectors. */
  readonly nmi: number;
  /** Adjusted for chance, 1 at best, 0 on average for random clusters. */
  readonly ami: number;
  readonly clusters: number;
  /** [n] the cluster of each row. */
  readonly assignments: Int32Array;
}

export interface ClusterOptions extends KMeansOptions {
  /** Default: as many as there are labels. */
  readonly clusters?: number;
}

/**
 * Agreement of labels with k-means clusters of the vectors. k-means needs means, so it runs in the coordinates of
 * flatCoordinates: the vectors, their directions where only the angle counts, or, in curved spaces, the tangent vectors
 * at the origin.
 * @param vectors [n, columnsOf(space)], n >= 1 @param labels n classes, finite numbers @param rng draws the starts
 * @throws ShapeError for other shapes; DomainError naming a row that is no point of the space, or a label that is no
 *   number; UsageError for options out of range and for a star alone
 * @source Manning, Raghavan, Schütze 2008, "Introduction to information retrieval", section 16.3; mutualInformation
 */
export async function clusterScores(
  space: Space,
  vectors: Matrix32,
  labels: ArrayLike<number>,
  rng: Rng,
  { clusters, ...options }: ClusterOptions = {},
): Promise<ClusterScores> {
  requireLength(labels.length, vectors.rows, 'clusterScores labels');
  requireFinite(labels, 1, 'clusterScores labels');
  requireRows(vectors, 'clusterScores');
  requirePoints(space, vectors, 'clusterScores');
  const count = clusters ?? new Set(Array.from(labels)).size;
  const { assignments } = await kMeans(flatCoordinates(space, vectors), count, rng, options);
  const { normalized, adjusted } = mutualInformation(labels, assignments);
  return { nmi: normalized, ami: adjusted, clusters: count, assignments };
}
