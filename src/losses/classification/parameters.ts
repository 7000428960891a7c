import { requireInteger } from '../../core/checks.js';
import type { Rng } from '../../core/rng.js';
import { normal, type ParameterSpec } from '../../engine/parameters.js';

/** Losses that have class vectors of their own. */
export type ClassLossName =
  | 'arcFace'
  | 'cosFace'
  | 'largeMarginSoftmax'
  | 'normalizedSoftmax'
  | 'p2sGrad'
  | 'proxyAnchor'
  | 'proxyNca'
  | 'softTriple'
  | 'sphereFace'
  | 'subCenterArcFace';

export interface ClassVectorShape {
  /** k, >= 1. */
  readonly classes: number;
  /** d, columns of the embeddings, >= 1. */
  readonly columns: number;
  /** Vectors a class, >= 1, for softTriple and subCenterArcFace. Default 1. */
  readonly centers?: number;
}

/**
 * The trainable array of a loss, `classVectors` [k * centers, d], Euclidean coordinates, with the first values that
 * pytorch-metric-learning 2.9 draws: standard normal; proxyAnchor normal with variance 2 / k (He et al. 2015,
 * arXiv:1502.01852, by fan-out); softTriple uniform within ±1 / sqrt(k * centers); p2sGrad uniform in a cube, then on the
 * unit sphere.
 * @throws UsageError unless the sizes are whole numbers >= 1
 */
export function classVectorSpec(loss: ClassLossName, shape: ClassVectorShape): ParameterSpec {
  const { classes, columns, centers = 1 } = shape;
  requireInteger(classes, 1, `${loss} classes`);
  requireInteger(columns, 1, `${loss} columns`);
  requireInteger(centers, 1, `${loss} centers`);
  const rows = classes * centers;
  return { name: 'classVectors', shape: [rows, columns], initial: lawOf(loss, rows, columns) };
}

function lawOf(loss: ClassLossName, rows: number, columns: number): ParameterSpec['initial'] {
  if (loss === 'proxyAnchor') return normal(Math.sqrt(2 / rows));
  if (loss === 'softTriple') return uniform(1 / Math.sqrt(rows));
  if (loss === 'p2sGrad') return (rng, size) => toUnitRows(uniform(1)(rng, size), columns);
  return normal(1);
}

/** Uniform in [-bound, bound). */
const uniform = (bound: number) => (rng: Rng, size: number) =>
  Float32Array.from({ length: size }, () => rng.uniform(-bound, bound));

function toUnitRows(values: Float32Array, columns: number): Float32Array {
  for (let at = 0; at < values.length; at += columns) {
    const row = values.subarray(at, at + columns);
    const norm = Math.hypot(...row);
    for (let j = 0; j < columns; j++) row[j] /= norm;
  }
  return values;
}
