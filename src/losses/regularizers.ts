import { requireInteger } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import * as tf from '../engine/tf.js';
import type { Manifold } from '../manifolds/manifold.js';
import type { DividedTerms } from './reducers.js';
import { type Compared, similaritiesOf, type Terms } from './terms.js';

// Terms that are added to a loss, one a row of the embeddings or of the class vectors; `mean` reduces all of them but
// sparseCenters, which `divisor` does. Call inside tidy.

export interface LpOptions {
  /** Order of the norm, finite and >= 1. */
  readonly p: number;
  /** The norm is raised to it, > 0. */
  readonly power: number;
}

export const LP_DEFAULTS: LpOptions = { p: 2, power: 1 };

/**
 * |x|_p ^ power of each row: [n, d] -> [n]. In a curved space take `radius`.
 * @throws DomainError for an option out of range
 */
export function lpNorm(x: tf.Tensor2D, options: Partial<LpOptions> = {}): Terms {
  const { p, power } = { ...LP_DEFAULTS, ...options };
  requireRange(p >= 1 && p < Number.POSITIVE_INFINITY, 'lpNorm p', 'a finite number >= 1', p);
  return ones(raised(rowNorms(x, p), power, 'lpNorm power'));
}

/**
 * d(x, origin) ^ power of each row, the norm of a curved space: [n, columns] -> [n].
 * @throws DomainError unless power > 0
 */
export function radius(x: tf.Tensor2D, manifold: Manifold, power = 1): Terms {
  return ones(raised(radii(x, manifold), power, 'radius power'));
}

/**
 * (r² - mean r²)² / 4 with r the norm of each row, so that all classes have vectors of one length: [n, d] -> [n].
 * @param manifold where the rows are points of a curved space: r is their distance to the origin
 * @source Wu et al. 2017, "Deep face recognition with center invariant loss"
 */
export function centerInvariant(x: tf.Tensor2D, manifold?: Manifold): Terms {
  const squared = manifold ? tf.square(radii(x, manifold)) : tf.sum(tf.square(x), 1);
  return ones(tf.mul(tf.square(tf.sub(squared, tf.mean(squared))), 0.25));
}

/**
 * Similarity of each class vector to the nearest other one; the gradient goes to the first of several nearest. [k].
 * @param compared of the class vectors with each other: cosine distances with `zero` 1 as published, or those of any
 *   space, with similarities -d; values may be below 0
 * @throws ShapeError unless the distances are square with at least 2 rows
 * @source Zhao, Xu, Cheng 2019, RegularFace, CVPR
 */
export function regularFace(compared: Pick<Compared, 'distances' | 'zero'>): Terms {
  const [k, columns] = compared.distances.shape;
  if (k !== columns || k < 2) {
    const remedy = 'compare all class vectors with each other';
    throw new ShapeError(
      expectation('regularFace distances', 'k x k with k >= 2', `${k} x ${columns}`, remedy),
    );
  }
  const similarities = similaritiesOf(compared as Compared);
  const op = tf.customGrad((...args) => {
    const [s, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const others = tf.sub(s, tf.mul(selves(k), EXCLUDED));
    const nearest = tf.oneHot(tf.argMax(others, 1) as tf.Tensor1D, k);
    save([tf.cast(nearest, 'float32')]);
    const gradFunc = (dy: tf.Tensor, [mask]: tf.Tensor[]) => tf.mul(tf.reshape(dy, [k, 1]), mask);
    return { value: tf.sum(tf.mul(s, tf.cast(nearest, 'float32')), 1), gradFunc };
  });
  return ones(op(similarities));
}

/**
 * Distances between the centers of the same class, to be divided by twice their number: it draws superfluous centers
 * together. [k, k], k = classes * centersPerClass.
 * @param distances of all centers with each other, class by class: Euclidean ones of rows of norm 1, √(2 - 2 cos), as
 *   published, or those of any space
 * @throws UsageError unless there are at least 2 centers a class; ShapeError for distances of another shape
 * @source Qian et al. 2019, SoftTriple, arXiv:1909.05235
 */
export function sparseCenters(
  distances: tf.Tensor2D,
  classes: number,
  centersPerClass: number,
): DividedTerms {
  requireInteger(classes, 1, 'sparseCenters classes');
  requireInteger(centersPerClass, 2, 'sparseCenters centersPerClass');
  const k = classes * centersPerClass;
  if (distances.shape.join() !== `${k},${k}`) {
    const remedy = 'compare all centers with each other';
    throw new ShapeError(
      expectation('sparseCenters distances', `${k} x ${k}`, distances.shape.join(' x '), remedy),
    );
  }
  const index = tf.range(0, k);
  const [row, column] = [tf.reshape(index, [-1, 1]), tf.reshape(index, [1, -1])];
  const ofClass = tf.reshape(tf.tile(tf.reshape(tf.range(0, classes), [-1, 1]), [1, centersPerClass]), [-1]);
  const same = tf.equal(tf.reshape(ofClass, [-1, 1]), tf.reshape(ofClass, [1, -1]));
  const counts = tf.mul(tf.cast(same, 'float32'), tf.cast(tf.greater(column, row), 'float32'));
  const divisor = tf.mul(tf.sum(counts), 2) as tf.Scalar;
  return { values: tf.mul(distances, counts), counts, divisor };
}

/** |Σ x| over the columns of each row, 0 where their mean is: [n, d] -> [n]. Coordinates, or those of a tangent space. */
export function zeroMean(x: tf.Tensor2D): Terms {
  return ones(tf.abs(tf.sum(x, 1)));
}

/** Taken from the similarity of a vector to itself. */
const EXCLUDED = 1e9;

function selves(k: number): tf.Tensor {
  const index = tf.range(0, k);
  return tf.cast(tf.equal(tf.reshape(index, [-1, 1]), tf.reshape(index, [1, -1])), 'float32');
}

function ones(values: tf.Tensor): Terms {
  return { values, counts: tf.fill(values.shape, 1) };
}

function radii(x: tf.Tensor2D, manifold: Manifold): tf.Tensor1D {
  return manifold.dist(x, tf.tile(manifold.origin(), [x.shape[0], 1]));
}

function raised(norms: tf.Tensor, power: number, who: string): tf.Tensor {
  requireRange(power > 0 && power < Number.POSITIVE_INFINITY, who, 'a finite number > 0', power);
  if (power === 1) return norms;
  if (power === 2) return tf.square(norms);
  return positivePower(norms, power);
}

/** (Σ |x|^p)^(1/p), with gradient 0 at 0. */
function rowNorms(x: tf.Tensor2D, p: number): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const size = tf.abs(v);
    const largest = tf.max(size, 1, true);
    const share = tf.divNoNan(size, largest);
    const norm = tf.mul(tf.pow(tf.sum(tf.pow(share, p), 1, true), 1 / p), largest);
    save([tf.mul(tf.sign(v), tf.pow(tf.divNoNan(size, norm), p - 1))]);
    const gradFunc = (dy: tf.Tensor, [slope]: tf.Tensor[]) => tf.mul(tf.reshape(dy, [-1, 1]), slope);
    return { value: tf.reshape(norm, [-1]), gradFunc };
  });
  return op(x);
}

/** r^power of r >= 0, with gradient 0 at 0. */
function positivePower(r: tf.Tensor, power: number): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const value = tf.pow(v, power);
    save([tf.mul(tf.divNoNan(value, v), power)]);
    return { value, gradFunc: (dy: tf.Tensor, [slope]: tf.Tensor[]) => tf.mul(dy, slope) };
  });
  return op(r);
}

function requireRange(holds: boolean, who: string, expected: string, got: number): void {
  if (holds) return;
  throw new DomainError(expectation(who, expected, got, 'check this option'));
}
