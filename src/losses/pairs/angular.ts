import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import { type PositiveSlots, positiveSlots, slot, slotsAt } from './positiveSlots.js';
import { requireSquare } from './ranges.js';
import { exponentialsAndOne, keptLogits } from './rowExponentials.js';

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
  const [toNegatives, toPositives] = [4 * tan2, -2 * (1 + tan2)];
  const [values, active] = anchorOp(norms ? [distances, norms] : [distances], (inputs, save) => {
    const [d, lengths] = inputs;
    const s = tf.sub(zero, d);
    const logits = tf.mul(s, lengths ? tf.mul(lengths, toNegatives) : toNegatives);
    const kept = keptLogits(logits, plan.negatives);
    const slots = positiveSlots(plan.positives);
    const work: Work = { logits, kept, slots, offsets: tf.mul(slots.take(s), toPositives) as tf.Tensor2D };
    const sums = overSlots(slots, (k) => tf.tidy(() => exponentialsAndOne(exponents(work, k)).logSums));
    const ofPairs = tf.mul(sums, slots.present);
    const saved = [s, logits, kept, work.offsets, sums, slots.columns, slots.present];
    save(lengths ? [...saved, lengths] : saved);
    return {
      rows: [tf.sum(ofPairs, 1), tf.sum(above(ofPairs, 0), 1)],
      gradient: (dy, [sS, sLogits, sKept, sOffsets, sSums, columns, present, sLengths]) => {
        const again = slotsAt(columns as tf.Tensor2D, present as tf.Tensor2D, distances.shape[1]);
        const sWork = { logits: sLogits, kept: sKept, slots: again, offsets: sOffsets as tf.Tensor2D };
        const { pull, push } = slopes(sWork, sSums as tf.Tensor2D, dy);
        const scaled = tf.mul(push, toNegatives);
        const toS = tf.add(
          sLengths ? tf.mul(scaled, sLengths) : scaled,
          tf.mul(again.put(pull), toPositives),
        );
        return sLengths ? [tf.neg(toS), tf.sum(tf.mul(scaled, sS), 0)] : tf.neg(toS);
      },
    };
  });
  return { loss: { values, active, counts: tf.sum(plan.positives, 1) } };
}

interface Work {
  /** [n, m]: what every item adds to the exponent of each negative. */
  readonly logits: tf.Tensor;
  /** The same with the anchor's negatives alone kept. */
  readonly kept: tf.Tensor;
  readonly slots: PositiveSlots;
  /** [n, count]: what each positive takes off its exponents. */
  readonly offsets: tf.Tensor2D;
}

/** The exponents of slot k: [n, m]. */
function exponents({ logits, kept, slots, offsets }: Work, k: number): tf.Tensor {
  const ofPositive = tf.gather(logits, tf.reshape(slot(slots.columns, k), [-1]));
  return tf.add(kept, tf.add(ofPositive, slot(offsets, k)));
}

/** pull [n, count]: Σ_n of the softmax weights, by dy; push [n, m]: what they add to each logit. */
function slopes(work: Work, sums: tf.Tensor2D, dy: tf.Tensor): { pull: tf.Tensor; push: tf.Tensor } {
  const { logits, slots } = work;
  let push: tf.Tensor = tf.zerosLike(logits);
  const pull = overSlots(slots, (k) => {
    const [row, next] = tf.tidy(() => {
      const share = tf.exp(tf.sub(exponents(work, k), slot(sums, k)));
      const weights = tf.mul(share, tf.mul(dy, slot(slots.present, k)));
      const toPositive = tf.scatterND(slot(slots.columns, k), weights, logits.shape);
      return [tf.sum(weights, 1, true), tf.add(push, tf.add(weights, toPositive))];
    });
    push.dispose();
    push = next;
    return row;
  });
  return { pull, push };
}

/** [n, 1] of each slot, side by side: [n, count]. */
function overSlots(slots: PositiveSlots, ofSlot: (k: number) => tf.Tensor): tf.Tensor {
  return tf.concat(
    Array.from({ length: slots.count }, (_, k) => ofSlot(k)),
    1,
  );
}
