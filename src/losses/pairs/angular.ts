import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import { fused } from '../../engine/fused.js';
import type { PairPlan } from '../../engine/records.js';
import type * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { angularByKernel } from './angularFused.js';
import { angularBySlots } from './angularSlots.js';
import { requireSquare } from './ranges.js';

export interface AngularOptions {
  /** Largest angle at the negative of a triangle of anchor, positive and negative, degrees, 0 < α < 90. */
  readonly alpha: number;
  /** [n], lengths by which the similarities to negatives are multiplied; they get a gradient. Absent: 1. */
  readonly norms?: tf.Tensor1D;
}

export const ANGULAR_DEFAULTS: AngularOptions = { alpha: 40 };
export const ANGULAR_REDUCER = 'mean';
export const ANGULAR_DISTANCE = 'cosine';

/**
 * Angular loss: part `loss`, the sum over the anchor's positives of
 *   log( 1 + Σ_n exp(4 tan² α (s_an + s_pn) |n| - 2 (1 + tan² α) s_ap) ),  s = zero - d
 * n over the anchor's negatives, |n| its `norms` entry: the paper's negatives have norm 1, those of its best known
 * implementation, which takes normalised anchors and positives with negatives as they are, have their own. A positive
 * of an anchor without negatives counts with value 0. Once differentiable.
 * @param compared distances [n, n] of a batch to itself; 1 - cos with zero 1 by default
 * @throws ShapeError unless the distances are square and there is a norm for each; DomainError unless 0 < alpha < 90
 * @source Wang et al. 2017, arXiv:1708.01682, eq. 8
 */
export function angularLoss(compared: Compared, options: Partial<AngularOptions> = {}): LossTerms {
  const { alpha, norms } = { ...ANGULAR_DEFAULTS, ...options };
  if (!(alpha > 0 && alpha < 90)) {
    const remedy = 'give the angle in degrees';
    throw new DomainError(expectation('angularLoss alpha', 'an angle in (0, 90)', alpha, remedy));
  }
  requireSquare(compared, 'angularLoss');
  const { distances, plan, zero = 0 } = compared;
  if (norms && norms.size !== distances.shape[1]) {
    const remedy = 'pass one for each item';
    throw new ShapeError(
      expectation('angularLoss norms', `${distances.shape[1]} values`, norms.size, remedy),
    );
  }
  const tan2 = Math.tan((alpha * Math.PI) / 180) ** 2;
  const exponents: AngularExponents = {
    ...{ distances, plan, norms, zero },
    ...{ toNegatives: 4 * tan2, pull: 2 * (1 + tan2) },
  };
  const kernel = fused('angular');
  return { loss: kernel ? angularByKernel(kernel, exponents) : angularBySlots(exponents) };
}

/** What the exponents are made of: toNegatives |n| (s_an + s_pn) - pull s_ap, s = zero - d. */
export interface AngularExponents {
  readonly distances: tf.Tensor2D;
  readonly plan: PairPlan;
  readonly norms: tf.Tensor1D | undefined;
  readonly zero: number;
  readonly toNegatives: number;
  readonly pull: number;
}
