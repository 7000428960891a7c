import { expectation, UsageError } from '../../core/errors.js';
import { type Matrix, type Matrix32, matrix, row } from '../../core/matrix.js';
import { columnsOf, type Space } from '../../core/space.js';
import * as tf from '../../engine/tf.js';
import { lorentzToPoincare, poincareToLorentz } from '../../geometry/conversions.js';
import { normalizeRows } from '../../manifolds/cosine.js';
import type { Metric } from '../../manifolds/manifold.js';
import { manifoldOn, metricOn } from '../../manifolds/manifoldOn.js';

/** How outputs of a network, any real numbers, become points of a space of codes. */
export interface CodeChart {
  /** Numbers that a point is made of. */
  readonly outputs: number;
  /** Distances of points as they are trained: those of the codes' space, balls as hyperboloids, which have no rim. */
  readonly metric: Metric;
  /** [n, outputs] -> [n, columnsOf(metric.space)], differentiable. */
  toPoints(outputs: tf.Tensor2D): tf.Tensor2D;
  /** Codes [n, columnsOf(space)] -> points of `metric`. */
  lift(codes: Matrix): Matrix32;
  /** And back. Points farther out than float32 coordinates of a ball can say come to lie on its rim. */
  lower(points: Matrix): Matrix32;
}

/** @throws UsageError for spaces without a map from any numbers: innerProduct, stereographic */
export function codeChart(space: Space): CodeChart {
  const part = partOf(space);
  return {
    outputs: part.outputs,
    metric: metricOn(part.space),
    toPoints: (outputs) => tf.tidy(() => part.toPoints(outputs)),
    lift: (codes) => eachRow(codes, columnsOf(part.space), part.lift),
    lower: (points) => eachRow(points, columnsOf(space), part.lower),
  };
}

type RowMap = (row: ArrayLike<number>) => ArrayLike<number>;

interface Part extends Pick<CodeChart, 'outputs' | 'toPoints'> {
  /** As it is trained. */
  readonly space: Space;
  readonly lift: RowMap;
  readonly lower: RowMap;
}

const same: RowMap = (values) => values;

function partOf(space: Space): Part {
  switch (space.kind) {
    case 'euclidean':
      return { space, outputs: space.dim, toPoints: (v) => tf.clone(v), lift: same, lower: same };
    case 'poincare': {
      const c = -space.curvature;
      const part = partOf({ ...space, kind: 'lorentz' });
      return { ...part, lift: (p) => poincareToLorentz(p, c), lower: (x) => lorentzToPoincare(x, c) };
    }
    case 'lorentz': {
      const manifold = manifoldOn(space);
      const toPoints = (v: tf.Tensor2D) => manifold.exp0(manifold.frame(v));
      return { space, outputs: space.dim, toPoints, lift: same, lower: same };
    }
    case 'sphere': {
      const radius = 1 / Math.sqrt(space.curvature);
      const toPoints = (v: tf.Tensor2D): tf.Tensor2D => tf.mul(normalizeRows(v), radius);
      return { space, outputs: space.dim, toPoints, lift: same, lower: same };
    }
    case 'cosine':
      return { space, outputs: space.dim, toPoints: (v) => normalizeRows(v), lift: same, lower: same };
    case 'star':
      // Offsets are >= 0.
      return { space, outputs: 1, toPoints: (v) => tf.softplus(v), lift: same, lower: same };
    case 'product':
      return productPart(space);
    default: {
      const expected = 'euclidean, cosine, poincare, lorentz, sphere, star or a product of them';
      throw new UsageError(expectation('codeChart space', expected, space.kind, 'see trainTree'));
    }
  }
}

function productPart(space: Space & { readonly kind: 'product' }): Part {
  const parts = space.factors.map((factor) => partOf(factor.space));
  const outputs = parts.map((part) => part.outputs);
  const factors = space.factors.map(({ weight }, f) => ({ space: parts[f].space, weight }));
  const trained: Space = { ...space, factors };
  return {
    space: trained,
    outputs: outputs.reduce((sum, count) => sum + count, 0),
    toPoints(v) {
      // tfjs has no gradient for a split into one part.
      const inputs = parts.length === 1 ? [v] : tf.split<tf.Tensor2D>(v, outputs, 1);
      return tf.concat(
        parts.map((part, f) => part.toPoints(inputs[f])),
        1,
      );
    },
    lift: byFactor(
      space.factors.map((factor) => columnsOf(factor.space)),
      parts.map(({ lift }) => lift),
    ),
    lower: byFactor(
      parts.map((part) => columnsOf(part.space)),
      parts.map(({ lower }) => lower),
    ),
  };
}

function byFactor(widths: readonly number[], maps: readonly RowMap[]): RowMap {
  return (values) => {
    let at = 0;
    return maps.flatMap((map, f) => {
      at += widths[f];
      return Array.from(map(Array.prototype.slice.call(values, at - widths[f], at)));
    });
  };
}

function eachRow(rows: Matrix, columns: number, map: RowMap): Matrix32 {
  const data = new Float32Array(rows.rows * columns);
  for (let i = 0; i < rows.rows; i++) data.set(map(row(rows, i)), i * columns);
  return matrix(data, rows.rows, columns);
}
