import { requireInteger, requireLength } from '../../core/checks.js';
import { DomainError, expectation, ShapeError, UsageError } from '../../core/errors.js';
import { lendFloats } from '../../core/floatPool.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/** Items [n, columns] against vectors [m, columns], row-major, columns >= 1. */
export interface CosineCall {
  readonly items: Float32Array;
  /** Absent: the items. */
  readonly vectors?: Float32Array;
  readonly columns: number;
  /** Of the products, not 0. */
  readonly factor: number;
  /** Whether each row is divided by its norm; one of a norm below 1e-30 becomes zeros with the gradient 0. */
  readonly unitItems: boolean;
  readonly unitVectors: boolean;
  /** Default: one a core. No result depends on it. */
  readonly threads?: number;
}

/** What pulls on the logits, and what is added to the gradients of a side that is not unit. */
export interface CosinePull {
  /** [n, m] */
  readonly entries: Float32Array;
  /** [n], times the entries of each row; absent: 1. */
  readonly rows?: Float32Array;
  /** [n] and [m]: that multiple of each row itself. */
  readonly itemMultiples?: Float32Array;
  readonly vectorMultiples?: Float32Array;
}

export interface OwnAngles {
  /** [n]: the squared chord 2 - 2 cos to the nearest vector of the item's class; 2 where a row has no direction. */
  readonly chords: Float64Array;
  /** [n] and [m]. */
  readonly itemNorms: Float64Array;
  readonly vectorNorms: Float64Array;
}

/** Cosines and products of rows, in float32; NaN in a row comes out as NaN in all that it meets. */
export interface NativeCosines {
  /** base + factor x·w of all pairs: [n, m]; base 0 by default. @throws ShapeError where a length does not fit */
  logits(call: CosineCall, base?: number): Float32Array;
  /**
   * [n, columns] and [m, columns]. Without vectors, which must then be treated as the items are, both are one array: the
   * sum of both sides.
   * @throws ShapeError where a length does not fit
   */
  gradients(
    call: CosineCall,
    pull: CosinePull,
  ): { readonly items: Float32Array; readonly vectors: Float32Array };
  /**
   * In float64, so that small angles keep their digits. Vectors label * centers to label * centers + centers - 1 are those
   * of a class; a label outside gives NaN.
   * @throws ShapeError where a length does not fit
   */
  ownAngles(call: CosineCall, labels: Int32Array, centers: number): OwnAngles;
}

const NONE = new Float32Array(0);

export function nativeCosines(binding: NativeBinding): NativeCosines {
  const leading = ({
    items,
    vectors = items,
    columns,
    factor,
    unitItems,
    unitVectors,
    threads,
  }: CosineCall) => [items, vectors, columns, factor, unitItems, unitVectors, threadCount(threads)] as const;
  return {
    logits(call, base = 0) {
      const { n, m } = rowsOf(call);
      const logits = lendFloats(n * m).fill(base);
      binding.cosineLogits(...leading(call), logits);
      return logits;
    },
    gradients(call, pull) {
      const { n, m } = rowsOf(call);
      const { entries, rows = NONE, itemMultiples = NONE, vectorMultiples = NONE } = pull;
      requireLength(entries.length, n * m, 'cosines entries');
      for (const [name, given, count] of [
        ['rows', pull.rows, n],
        ['itemMultiples', pull.itemMultiples, n],
        ['vectorMultiples', pull.vectorMultiples, m],
      ] as const) {
        if (given) requireLength(given.length, count, `cosines ${name}`);
      }
      const items = new Float32Array(call.items.length);
      const vectors = call.vectors ? new Float32Array(call.vectors.length) : items;
      binding.cosineGradients(
        ...leading(call),
        entries,
        rows,
        itemMultiples,
        vectorMultiples,
        items,
        vectors,
      );
      return { items, vectors };
    },
    ownAngles(call, labels, centers) {
      const { n, m } = rowsOf(call);
      requireInteger(centers, 1, 'cosines centers');
      requireLength(labels.length, n, 'cosines labels');
      const [chords, itemNorms, vectorNorms] = [n, n, m].map((count) => new Float64Array(count));
      binding.ownAngles(...leading(call), labels, centers, chords, itemNorms, vectorNorms);
      return { chords, itemNorms, vectorNorms };
    },
  };
}

function rowsOf({ items, vectors = items, columns, factor, ...call }: CosineCall): { n: number; m: number } {
  requireInteger(columns, 1, 'cosines columns');
  if (!Number.isFinite(factor) || factor === 0) {
    const remedy = 'check this argument';
    throw new DomainError(expectation('cosines factor', 'a finite number but 0', factor, remedy));
  }
  if (vectors === items && call.unitItems !== call.unitVectors) {
    const remedy = 'pass the vectors too';
    throw new UsageError(expectation('cosines vectors', 'both sides unit, or neither', 'one', remedy));
  }
  for (const [name, { length }] of Object.entries({ items, vectors })) {
    if (length % columns === 0) continue;
    const expected = `a multiple of ${columns} values`;
    throw new ShapeError(expectation(`cosines ${name}`, expected, length, 'pass whole rows'));
  }
  return { n: items.length / columns, m: vectors.length / columns };
}
