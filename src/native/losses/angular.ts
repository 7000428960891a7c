import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import { lendFloats } from '../../core/floatPool.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/**
 * Row-major [items, items]: distances of a batch to itself, and masks, of which an entry above 0 is a pair that counts so
 * often. With s = zero - d, negative k of anchor i adds exp(scales[k] (s_ik + s_pk) - pull s_ip) to the sum of its
 * positive p.
 */
export interface AngularCall {
  readonly distances: Float32Array;
  readonly positives: Float32Array;
  readonly negatives: Float32Array;
  /** [items] */
  readonly scales: Float32Array;
  readonly items: number;
  readonly zero: number;
  readonly pull: number;
  /** Default: one a core. No result depends on it. */
  readonly threads?: number;
}

export interface AngularSums {
  /** [items]: Σ log(1 + Σ exp) over the positives of each. */
  readonly sums: Float32Array;
  /** [items]: how many of these logarithms are above 0. */
  readonly active: Float32Array;
  /** [items]: how many there are. */
  readonly counts: Float32Array;
  /** The logarithms, positive after positive, for the gradients. */
  readonly logarithms: Float32Array;
}

/** Derivatives of Σ dy_i sums_i. */
export interface AngularGradients {
  /** [items, items] */
  readonly distances: Float32Array;
  /** [items] */
  readonly scales: Float32Array;
}

/**
 * Both throw ShapeError where a length does not fit, DomainError unless zero and pull are finite. A sum is NaN where a
 * distance of its anchor's pairs is, or one of its positives to its negatives.
 */
export interface NativeAngular {
  sums(call: AngularCall): AngularSums;
  /** @param dy [items] */
  gradients(call: AngularCall, logarithms: Float32Array, dy: Float32Array): AngularGradients;
}

export function nativeAngular(binding: NativeBinding): NativeAngular {
  return {
    sums(call) {
      requireCall(call);
      const { distances, positives, negatives, scales, items, zero, pull, threads } = call;
      const [sums, active, counts] = [0, 1, 2].map(() => new Float32Array(items));
      const logarithms = binding.angularSums(
        ...([distances, positives, negatives, scales, zero, pull, threadCount(threads)] as const),
        ...([sums, active, counts] as const),
      );
      return { sums, active, counts, logarithms };
    },
    gradients(call, logarithms, dy) {
      requireCall(call);
      const { distances, positives, negatives, scales, items, zero, pull, threads } = call;
      requireLength('dy', dy, items, `${items} values`);
      const toDistances = lendFloats(items * items);
      const toScales = new Float32Array(items);
      binding.angularGradients(
        ...([distances, positives, negatives, scales, zero, pull, threadCount(threads)] as const),
        ...([logarithms, dy, toDistances, toScales] as const),
      );
      return { distances: toDistances, scales: toScales };
    },
  };
}

function requireCall({ distances, positives, negatives, scales, items, zero, pull }: AngularCall): void {
  for (const [name, values] of Object.entries({ distances, positives, negatives })) {
    requireLength(name, values, items * items, `${items} x ${items} values`);
  }
  requireLength('scales', scales, items, `${items} values`);
  for (const [name, value] of Object.entries({ zero, pull })) {
    if (Number.isFinite(value)) continue;
    throw new DomainError(expectation(`angular ${name}`, 'a finite number', value, 'check this argument'));
  }
}

function requireLength(name: string, { length }: Float32Array, wanted: number, expected: string): void {
  if (length === wanted) return;
  throw new ShapeError(expectation(`angular ${name}`, expected, length, 'pass one for each'));
}
