import * as tf from '../../engine/tf.js';
import type { Terms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import type { AngularExponents } from './angular.js';
import { type PositiveSlots, positiveSlots, slot, slotsAt } from './positiveSlots.js';
import { exponentialsAndOne, keptLogits } from './rowExponentials.js';

/** The terms of all anchors, by tensors: a few passes over [n, n] for each positive that an anchor may have. */
export function angularBySlots(exponents: AngularExponents): Terms {
  const { distances, plan, norms, zero, toNegatives, pull } = exponents;
  const toPositives = -pull;
  const [values, active] = anchorOp(norms ? [distances, norms] : [distances], (inputs, save) => {
    const [d, lengths] = inputs;
    const s = tf.sub(zero, d);
    const logits = tf.mul(s, lengths ? tf.mul(lengths, toNegatives) : toNegatives);
    const kept = keptLogits(logits, plan.negatives);
    const slots = positiveSlots(plan.positives);
    const work: Work = { logits, kept, slots, offsets: tf.mul(slots.take(s), toPositives) as tf.Tensor2D };
    const sums = overSlots(slots, (k) => tf.tidy(() => exponentialsAndOne(exponentsOf(work, k)).logSums));
    const saved = [s, logits, kept, work.offsets, sums, slots.columns, slots.present];
    save(lengths ? [...saved, lengths] : saved);
    return {
      rows: [tf.sum(tf.mul(sums, slots.present), 1), tf.sum(tf.mul(above(sums, 0), slots.present), 1)],
      gradient: (dy, [sS, sLogits, sKept, sOffsets, sSums, columns, present, sLengths]) => {
        const again = slotsAt(columns as tf.Tensor2D, present as tf.Tensor2D, distances.shape[1]);
        const sWork = { logits: sLogits, kept: sKept, slots: again, offsets: sOffsets as tf.Tensor2D };
        const shares = slopes(sWork, sSums as tf.Tensor2D, dy);
        const scaled = tf.mul(shares.push, toNegatives);
        const toS = tf.add(
          sLengths ? tf.mul(scaled, sLengths) : scaled,
          tf.mul(again.put(shares.pull), toPositives),
        );
        return sLengths ? [tf.neg(toS), tf.sum(tf.mul(scaled, sS), 0)] : tf.neg(toS);
      },
    };
  });
  return { values, active, counts: tf.sum(plan.positives, 1) };
}

interface Work {
  /** [n, n]: what every item adds to the exponent of each negative. */
  readonly logits: tf.Tensor;
  /** The same with the anchor's negatives alone kept. */
  readonly kept: tf.Tensor;
  readonly slots: PositiveSlots;
  /** [n, count]: what each positive takes off its exponents. */
  readonly offsets: tf.Tensor2D;
}

/** The exponents of slot k: [n, n]. */
function exponentsOf({ logits, kept, slots, offsets }: Work, k: number): tf.Tensor {
  const ofPositive = tf.gather(logits, tf.reshape(slot(slots.columns, k), [-1]));
  return tf.add(kept, tf.add(ofPositive, slot(offsets, k)));
}

/** pull [n, count]: Σ_n of the softmax weights, by dy; push [n, n]: what they add to each logit. */
function slopes(work: Work, sums: tf.Tensor2D, dy: tf.Tensor): { pull: tf.Tensor; push: tf.Tensor } {
  const { logits, slots } = work;
  let push: tf.Tensor = tf.zerosLike(logits);
  const pull = overSlots(slots, (k) => {
    const [row, next] = tf.tidy(() => {
      const share = tf.exp(tf.sub(exponentsOf(work, k), slot(sums, k)));
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
