import { requireInteger, requireLength, requireNumber } from '../../core/checks.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/**
 * Logits of items, row-major, which the call writes its derivatives into; a label outside 0..classes-1 makes its item's
 * results NaN.
 */
export interface ClassCall {
  /** [n, classes * centers], the centers of a class side by side. */
  readonly logits: Float32Array;
  /** [n] */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Default: one a core. No result depends on it. */
  readonly threads?: number;
}

export interface CrossEntropyCall extends ClassCall {
  /** Default 1. The largest logit of a class counts, of equal ones the first. */
  readonly centers?: number;
  /** [n]: what takes the place of the logit of the own class; absent: that logit. */
  readonly own?: Float32Array;
}

export interface AnchorSums {
  /** [2, classes]: log(1 + Σ exp(margin - l)) over the items of each class, log(1 + Σ exp(l + margin)) over the others. */
  readonly values: Float32Array;
  /** [2, classes]: 1 + Σ exp, as a multiple of the largest exponential of the sum. */
  readonly totals: Float32Array;
}

/** What losses sum over logits. Exponentials in float32, of any size of logits; NaN comes out as NaN. */
export interface NativeClassTerms {
  /**
   * log Σ exp z - z_own of each row, [n], >= 0. The logits become the derivatives, that to z_own at the own class.
   * @throws ShapeError where a length does not fit
   */
  crossEntropy(call: CrossEntropyCall): Float32Array;
  /**
   * The mean over each row of (l - 1)² at the own class and l² elsewhere, [n]. The logits become the derivatives.
   * @throws ShapeError where a length does not fit
   */
  squaredErrors(call: ClassCall): Float32Array;
  /**
   * The logits become the exponentials of the sums, as multiples of the largest of each: over `totals`, derivatives, but
   * for the sign of own ones.
   * @throws ShapeError where a length does not fit
   */
  anchorSums(call: ClassCall, margin: number): AnchorSums;
  /** Multiplies each entry by others[j] of its column j, that of the own class by own[j]: both [classes]. */
  scaleEntries(call: ClassCall, own: Float32Array, others: Float32Array): void;
}

const NONE = new Float32Array(0);

export function nativeClassTerms(binding: NativeBinding): NativeClassTerms {
  const leading = (call: ClassCall, centers = 1) => {
    const { logits, labels, classes, threads } = call;
    requireInteger(classes, 1, 'class terms classes');
    requireInteger(centers, 1, 'class terms centers');
    requireLength(logits.length, labels.length * classes * centers, 'class terms logits');
    return [logits, labels, classes, threadCount(threads)] as const;
  };
  return {
    crossEntropy(call) {
      const { own = NONE, centers } = call;
      const first = leading(call, centers);
      const values = new Float32Array(call.labels.length);
      if (call.own) requireLength(own.length, values.length, 'class terms own');
      binding.crossEntropy(...first, own, values);
      return values;
    },
    squaredErrors(call) {
      const first = leading(call);
      const values = new Float32Array(call.labels.length);
      binding.squaredErrors(...first, values);
      return values;
    },
    anchorSums(call, margin) {
      requireNumber(margin, 'class terms margin');
      const first = leading(call);
      const values = new Float32Array(2 * call.classes);
      const totals = new Float32Array(2 * call.classes);
      binding.anchorSums(...first, margin, values, totals);
      return { values, totals };
    },
    scaleEntries(call, own, others) {
      for (const [name, { length }] of Object.entries({ own, others })) {
        requireLength(length, call.classes, `class terms ${name}`);
      }
      binding.scaleEntries(...leading(call), own, others);
    },
  };
}
