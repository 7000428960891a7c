import type { Matrix32 } from '../../core/matrix.js';
import type { RetrievalScores } from '../../core/records.js';
import type { Rng } from '../../core/rng.js';
import type { Space } from '../../core/space.js';
import { bootstrapMeans, type Interval } from '../../evaluation/bootstrap.js';
import type { EmbeddedVectors } from '../../model/vectors/vectorModel.js';
import { type QueryScores, queryScores } from './queryScores.js';

/** Scores of one way to compare the vectors, with 95 % intervals over queries. */
export interface ArmScores extends RetrievalScores {
  readonly interval: Readonly<Record<keyof RetrievalScores, Interval>>;
}

/** How much the MAP@R of the ensemble is above that of the better raw arm, query by query. */
export interface Gain {
  readonly over: 'rawCosine' | 'rawEuclidean';
  readonly mapAtR: number;
  readonly interval: Interval;
}

export type VectorArm = 'rawCosine' | 'rawEuclidean' | 'euclidean' | 'hyperbolic' | 'ensemble';

export interface VectorScores {
  readonly queries: number;
  /** rawCosine is null where a vector of zeros has no angle. */
  readonly retrieval: Readonly<Record<VectorArm, ArmScores | null>>;
  readonly gain: Gain;
}

const NAMES = ['recallAt1', 'recallAt10', 'mapAtR'] as const;

/**
 * Retrieval before and after: the vectors as they came, by cosine and by Euclidean distance, and both heads, alone and
 * together, all on the same queries and the same gallery.
 * @param raw the rows that `embedded` was made of
 */
export async function scoreVectors(
  raw: Matrix32,
  embedded: EmbeddedVectors,
  space: Space,
  classes: Int32Array,
  rng: Rng,
): Promise<VectorScores> {
  const dim = raw.columns;
  const [euclidean, hyperbolic] = embedded.heads;
  const perQuery = {
    rawCosine: hasZeroRow(raw) ? null : await queryScores({ kind: 'cosine', dim }, raw, classes),
    rawEuclidean: await queryScores({ kind: 'euclidean', dim }, raw, classes),
    euclidean: await queryScores(euclidean.space, euclidean.matrix, classes),
    hyperbolic: await queryScores(hyperbolic.space, hyperbolic.matrix, classes),
    ensemble: await queryScores(space, embedded.vectors, classes),
  };
  const { rawCosine, rawEuclidean, ensemble } = perQuery;
  const isCosine = rawCosine !== null && mean(rawCosine.mapAtR) >= mean(rawEuclidean.mapAtR);
  const rival = isCosine ? rawCosine : rawEuclidean;
  const above = ensemble.mapAtR.map((value, q) => value - rival.mapAtR[q]);
  const arms = Object.entries(perQuery) as [VectorArm, QueryScores | null][];
  const columns = arms.flatMap(([, scores]) => (scores ? NAMES.map((name) => scores[name]) : []));
  const intervals = bootstrapMeans([...columns, above], rng);
  let next = 0;
  const retrieval = Object.fromEntries(
    arms.map(([arm, scores]) => [arm, scores && summary(scores, () => intervals[next++])]),
  ) as Record<VectorArm, ArmScores | null>;
  return {
    queries: above.length,
    retrieval,
    gain: {
      over: isCosine ? 'rawCosine' : 'rawEuclidean',
      mapAtR: mean(above),
      interval: intervals[intervals.length - 1],
    },
  };
}

/** @param nextInterval of NAMES, in their order */
function summary(scores: QueryScores, nextInterval: () => Interval): ArmScores {
  const interval = Object.fromEntries(NAMES.map((name) => [name, nextInterval()]));
  const means = Object.fromEntries(NAMES.map((name) => [name, mean(scores[name])]));
  return { ...means, interval } as unknown as ArmScores;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function hasZeroRow({ data, rows, columns }: Matrix32): boolean {
  for (let i = 0; i < rows; i++) {
    if (data.subarray(i * columns, (i + 1) * columns).every((value) => value === 0)) return true;
  }
  return false;
}
