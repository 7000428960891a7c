import { requirePositive, requireWithin } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { differentItems, nothingCompared, requirePairs } from './pairs.js';

export interface StressOptions {
  /**
   * raw: mean of the squared errors, in the unit of the inputs squared; stress: their sum over Σ w d²; sammon: errors
   * divided by d, over Σ w d, where pairs at input distance 0 have no say. Default stress.
   */
  readonly kind?: 'raw' | 'stress' | 'sammon';
  /** Like the distances, >= 0, constant; see `neighborWeights`. Default: all pairs alike. */
  readonly weights?: tf.Tensor;
  /**
   * What code distances are multiplied by: a number > 0; 'best': Σ w e d / Σ w e², 0 where all codes are one point; or a
   * scalar that is learned (`learnableScale`). Default 1.
   */
  readonly scale?: number | 'best' | tf.Scalar;
  /** Factor >= 0 of pairs whose codes are nearer than the inputs. Default 1. */
  readonly tooNear?: number;
  /** Factor >= 0 of pairs whose codes are farther than the inputs. Default 1. */
  readonly tooFar?: number;
}

/**
 * Squared error of distances, Σ a w (t e - d)² / N over pairs, e between codes and d between inputs: N and w as `kind`
 * says, t the scale, a `tooNear` or `tooFar`. The gradient is exact, through the best scale too (that of a = 1). 0 when
 * codes are isometric to the inputs; with the best scale, when they are a scaled copy, and then the value of 'stress' is
 * the square of the report's scaled stress, at most 1. With raw and a best scale it is in the inputs' unit squared.
 *
 * Where no pair has weight, as for constant inputs under stress and sammon, value and gradient are 0; where all codes
 * coincide under the best scale, the value is that of t = 0 and the gradient is 0. NaN gives NaN.
 * @param codes  [n, n] or [p], >= 0, differentiable: distances of any space or product
 * @param inputs same shape, >= 0, constant: no gradient goes to them
 * @returns      scalar >= 0
 * @throws       ShapeError for other shapes, DomainError for options out of range
 * @source       Kruskal 1964, stress formula 1; Sammon 1969; fitted scale: Borg and Groenen 2005, chapter 9
 */
export function pairStress(codes: tf.Tensor, inputs: tf.Tensor, options: StressOptions = {}): tf.Scalar {
  const { kind = 'stress', weights, scale = 1, tooNear = 1, tooFar = 1 } = options;
  requirePairs('pairStress', codes, inputs, weights);
  requireWithin(tooNear, 0, 'pairStress tooNear');
  requireWithin(tooFar, 0, 'pairStress tooFar');
  if (typeof scale === 'number') requirePositive(scale, 'pairStress scale');
  else if (scale !== 'best' && scale.rank !== 0) {
    throw new ShapeError(expectation('pairStress scale', 'a scalar', scale.shape, 'learn one for all pairs'));
  }
  if (codes.size === 0) return nothingCompared(codes);
  const learned = typeof scale === 'object' ? [scale] : [];
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const [e, learnedScale] = args as tf.Tensor[];
    const w = pairWeights(kind, inputs, weights);
    const best = scale === 'best' ? bestScale(e, inputs, w) : undefined;
    const t = best?.value ?? learnedScale ?? scale;
    const residual = tf.sub(tf.mul(e, t), inputs);
    const weighed = tf.mul(tf.mul(residual, w), sides(residual, tooNear, tooFar));
    const size = tf.sum(kind === 'raw' ? w : tf.mul(w, tf.square(inputs)));
    const value = dividedBy(tf.sum(tf.mul(weighed, residual)), size);
    const toResidual = tf.mul(weighed, dividedBy(tf.scalar(2), size));
    const toScale = tf.sum(tf.mul(toResidual, e));
    const direct = tf.mul(toResidual, t);
    const slope = best ? tf.add(direct, tf.mul(best.slope, toScale)) : direct;
    save([slope, toScale]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      saved.slice(0, 1 + learned.length).map((s) => tf.mul(dy, s));
    return { value, gradFunc };
  });
  return tf.tidy(() => op(codes, ...learned) as tf.Scalar);
}

/** w of each pair: 0 on the diagonal, and divided by the input distance for sammon. */
function pairWeights(kind: StressOptions['kind'], inputs: tf.Tensor, weights?: tf.Tensor): tf.Tensor {
  const different = differentItems(inputs);
  const given = weights ? tf.mul(different, weights) : different;
  return kind === 'sammon' ? tf.divNoNan(given, inputs) : given;
}

/** Σ w e d / Σ w e² and its slope to e. */
function bestScale(e: tf.Tensor, d: tf.Tensor, w: tf.Tensor): { value: tf.Tensor; slope: tf.Tensor } {
  const size = tf.sum(tf.mul(w, tf.square(e)));
  const value = tf.divNoNan(tf.sum(tf.mul(w, tf.mul(e, d))), size);
  const slope = tf.mul(tf.divNoNan(w, size), tf.sub(d, tf.mul(e, tf.mul(value, 2))));
  return { value, slope };
}

function sides(residual: tf.Tensor, tooNear: number, tooFar: number): tf.Tensor | number {
  if (tooNear === tooFar) return tooNear;
  return tf.add(tf.mul(tf.step(residual), tooFar - tooNear), tooNear);
}

/** a / b, 0 where b is 0, and NaN where a is, even then: divNoNan would hide it. */
function dividedBy(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.add(tf.divNoNan(a, b), tf.mul(a, 0));
}
