import { columnsOf, type Space } from '../core/space.js';
import * as tf from '../engine/tf.js';
import type { Retraction } from '../geometry/riemannianDescent.js';
import type { Manifold } from '../manifolds/manifold.js';
import { manifoldOn } from '../manifolds/manifoldOn.js';
import { isCurved } from './assignment.js';

/** How an optimiser moves points of one space, all [n, columns]. Call inside tidy. */
export interface Motion {
  readonly manifold: Manifold;
  /** Columns of `squares`. */
  readonly width: number;
  /** Squared lengths of the tangent vectors u at x, [n, width]: twin of geometry's `squaredLengths`, untiled. */
  squares(x: tf.Tensor2D, u: tf.Tensor2D): tf.Tensor2D;
  /**
   * The points that the steps u from x lead to, put back on the manifold by its `project`.
   * @param contraction if given, each point is then brought nearer to the origin along its geodesic, by this share
   */
  move(x: tf.Tensor2D, u: tf.Tensor2D, contraction?: number): { points: tf.Tensor2D; atRim: tf.Scalar };
  /** Tangent vectors u at x transported to y. */
  carry(x: tf.Tensor2D, y: tf.Tensor2D, u: tf.Tensor2D): tf.Tensor2D;
}

/**
 * @param retraction see geometry's `Retraction`
 * @throws UsageError for a space that is no manifold
 */
export function motionOn(space: Space, retraction: Retraction = 'exp'): Motion {
  const manifold = manifoldOn(space);
  const { width, squares } = squaresOn(space, manifold);
  const ballColumns = columnsOfBalls(space);
  return {
    manifold,
    width,
    squares,
    move(x, u, contraction) {
      const reached = retraction === 'exp' ? manifold.exp(x, u) : (tf.add(x, u) as tf.Tensor2D);
      const points = manifold.project(reached);
      const atRim = rowsChanged(reached, points, ballColumns);
      if (!contraction) return { points, atRim };
      const nearer = manifold.exp0(tf.mul(manifold.log0(points), 1 - contraction) as tf.Tensor2D);
      return { points: manifold.project(nearer), atRim };
    },
    // Rounding leaves a transported vector a little off the tangent space, and the next transport a little more.
    carry: (x, y, u) => manifold.projectTangent(y, manifold.transport(x, y, u)),
  };
}

type Squares = Pick<Motion, 'width' | 'squares'>;

function squaresOn(space: Space, manifold: Manifold): Squares {
  if (!isCurved(space)) return { width: columnsOf(space), squares: (_, u) => tf.square(u) as tf.Tensor2D };
  if (space.kind !== 'product') return { width: 1, squares: (x, u) => manifold.inner(x, u, u) };
  const widths = space.factors.map((factor) => columnsOf(factor.space));
  const factors = space.factors.map((factor) => squaresOn(factor.space, manifoldOn(factor.space)));
  return {
    width: manifold.columns,
    squares(x, u) {
      const [xs, us] = [x, u].map((all) => tf.split<tf.Tensor2D>(all, widths, 1));
      const parts = factors.map(({ width, squares }, f): tf.Tensor2D => {
        const weighted = tf.mul(squares(xs[f], us[f]), space.factors[f].weight) as tf.Tensor2D;
        return tf.tile(weighted, [1, widths[f] / width]);
      });
      return tf.concat(parts, 1);
    },
  };
}

/** 1 for the columns of balls, 0 for others; undefined when there are none. */
function columnsOfBalls(space: Space): number[] | undefined {
  const marks = (part: Space): number[] => {
    if (part.kind === 'product') return part.factors.flatMap((factor) => marks(factor.space));
    const isBall = (part.kind === 'poincare' || part.kind === 'stereographic') && part.curvature < 0;
    return new Array<number>(columnsOf(part)).fill(Number(isBall));
  };
  const all = marks(space);
  return all.includes(1) ? all : undefined;
}

function rowsChanged(before: tf.Tensor2D, after: tf.Tensor2D, columns: number[] | undefined): tf.Scalar {
  if (!columns) return tf.scalar(0);
  const changed = tf.cast(tf.notEqual(before, after), 'float32');
  return tf.sum(tf.max(tf.mul(changed, tf.tensor2d([columns])), 1));
}
