import { requireWithin } from '../../core/checks.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import { type Matrix, type Matrix64, matrix, row } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';
import type { Space } from '../../core/space.js';
import { lorentzToPoincare } from '../../geometry/conversions.js';
import * as stereographic from '../../geometry/stereographic.js';
import { norm } from '../../geometry/vector.js';
import type { NegativesArm } from './arms.js';
import { type NegativeStatisticsOptions, negativeStatistics } from './negativeStatistics.js';
import type { PairSummary, WeightSummary } from './records.js';

/** What becomes of an arm's hard negatives when its tangent vectors are fed to another curvature. */
export interface SweepPoint {
  /** K <= 0; 0: twice the Euclidean distance of the tangent vectors. */
  readonly curvature: number;
  /** kept: tangent vectors as they are; unit: at length 1 each. */
  readonly norms: 'kept' | 'unit';
  /** Rows that would round to the rim of the ball; where there are any, the rest is null. */
  readonly atRim: number;
  /** Against the cosine of the same vectors, which sees directions alone. */
  readonly againstCosine: Pick<PairSummary, 'hardestDiffer' | 'spearman' | 'widestInversion'> | null;
  /** Against the arm as it came. */
  readonly againstArm: Pick<PairSummary, 'hardestDiffer' | 'spearman' | 'widestInversion'> | null;
  /** At the temperature where its logits spread as the arm's do at its own. */
  readonly matched: Pick<WeightSummary, 'temperature' | 'mass' | 'largest' | 'effective'> | null;
}

/** K at which a sweep looks unless told otherwise. */
export const SWEEP_CURVATURES = [0, -0.01, -0.1, -0.3, -1, -3, -10] as const;

/**
 * The hard negatives of one embedding in balls of other curvatures: its tangent vectors at the origin go through the
 * exponential map anew, as they are and at length 1 each. At length 1 every curvature ranks as cosine does
 * (radiusSpreads); what the kept norms change is what the geometry adds to directions. In blocks and float64.
 * @param arm euclidean (its vectors are the tangent ones), cosine (at length 1), poincare, lorentz or stereographic
 * @param curvatures each <= 0
 * @returns by norms and curvature, in the order given; a cosine arm has no norms to keep
 * @throws UsageError for another space, DomainError for a curvature > 0 and for a zero vector, and as negativeStatistics
 */
export async function curvatureSweep(
  arm: NegativesArm,
  labels: ArrayLike<number>,
  rng: Rng,
  curvatures: readonly number[] = SWEEP_CURVATURES,
  options: Pick<NegativeStatisticsOptions, 'blockSize' | 'resamples' | 'signal' | 'onProgress'> = {},
): Promise<SweepPoint[]> {
  for (const K of curvatures) requireWithin(K, Number.MIN_SAFE_INTEGER, 'curvatureSweep curvature', 0);
  const tangent = tangentVectors(arm);
  const unit = unitRows(tangent);
  const fed = (['kept', 'unit'] as const)
    .filter((norms) => norms === 'unit' || arm.space.kind !== 'cosine')
    .flatMap((norms) =>
      curvatures.map((K) => ({ K, norms, ...fedThrough(norms === 'unit' ? unit : tangent, K) })),
    );
  const inside = fed.filter(({ atRim }) => atRim === 0);
  const arms: NegativesArm[] = [
    arm,
    { name: 'directions', space: { kind: 'cosine', dim: unit.columns }, matrix: unit, temperature: 1 },
    ...inside.map(({ K, norms, points }) => ({
      name: `${norms} ${K}`,
      space: { kind: 'stereographic', dim: points.columns, curvature: K } as const,
      matrix: points,
      temperature: arm.temperature,
    })),
  ];
  const pairs = inside.flatMap((_, i): [number, number][] => [
    [0, i + 2],
    [1, i + 2],
  ]);
  const { summary } = await negativeStatistics(arms, labels, rng, { ...options, depth: 1, pairs });
  return fed.map((point) => {
    const place = inside.indexOf(point);
    const found = place >= 0;
    return {
      curvature: point.K,
      norms: point.norms,
      atRim: point.atRim,
      againstArm: found ? differences(summary.pairs[2 * place]) : null,
      againstCosine: found ? differences(summary.pairs[2 * place + 1]) : null,
      matched: found ? weights(summary.arms[place + 2].matched) : null,
    };
  });
}

function differences({ hardestDiffer, spearman, widestInversion }: PairSummary) {
  return { hardestDiffer, spearman, widestInversion };
}

function weights({ temperature, mass, largest, effective }: WeightSummary) {
  return { temperature, mass, largest, effective };
}

/** Whether a sweep can be made of a space. */
export function canSweep(space: Space): boolean {
  return ['euclidean', 'cosine', 'poincare', 'lorentz', 'stereographic'].includes(space.kind);
}

/** [n, dim]: the vectors that exp0 of the arm's space takes to its points. */
function tangentVectors({ name, space, matrix: points }: NegativesArm): Matrix64 {
  const each = (of: (x: Matrix['data']) => Float64Array): Matrix64 => {
    const rows = Array.from({ length: points.rows }, (_, i) => of(row(points, i)));
    const dim = rows[0]?.length ?? 0;
    const data = new Float64Array(points.rows * dim);
    for (const [i, v] of rows.entries()) data.set(v, i * dim);
    return matrix(data, points.rows, dim);
  };
  switch (space.kind) {
    case 'euclidean':
    case 'cosine':
      return each((x) => Float64Array.from(x));
    case 'poincare':
    case 'stereographic':
      return each((x) => stereographic.log0(x, space.curvature));
    case 'lorentz':
      return each((x) => stereographic.log0(lorentzToPoincare(x, -space.curvature), space.curvature));
    default:
      throw new UsageError(
        expectation(
          `curvatureSweep ${name}`,
          'a Euclidean, cosine, Poincaré, Lorentz or stereographic space',
          space.kind,
          'sweep one factor of a product',
        ),
      );
  }
}

function unitRows(vectors: Matrix64): Matrix64 {
  const { rows, columns } = vectors;
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const v = row(vectors, i);
    const length = norm(v);
    if (!(length > 0)) {
      const remedy = 'a point at the origin has no direction: leave it out';
      throw new DomainError(
        expectation(`curvatureSweep row ${i}`, 'a point off the origin', 'the origin', remedy),
      );
    }
    for (let k = 0; k < columns; k++) data[i * columns + k] = v[k] / length;
  }
  return matrix(data, rows, columns);
}

/** exp0 of every row, and how many of them the ball of curvature K has no room for in float64. */
function fedThrough(tangent: Matrix64, K: number): { points: Matrix64; atRim: number } {
  const data = new Float64Array(tangent.data.length);
  let atRim = 0;
  for (let i = 0; i < tangent.rows; i++) {
    const x = stereographic.exp0(row(tangent, i), K);
    if (-K * x.reduce((sum, v) => sum + v * v, 0) >= 1) atRim++;
    data.set(x, i * tangent.columns);
  }
  return { points: matrix(data, tangent.rows, tangent.columns), atRim };
}
