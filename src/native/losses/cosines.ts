import { requireInteger, requireLength, requirePositive } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/** Items [n, columns] against vectors [m, columns], row-major, columns >= 1. */
export interface CosineCall {
  readonly items: Float32Array;
  readonly vectors: Float32Array;
  readonly columns: number;
  /** Of the products, > 0. */
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
  /** factor x·w of all pairs: [n, m]. @throws ShapeError where a length does not fit */
  logits(call: CosineCall): Float32Array;
  /** [n, columns] and [m, columns]. @throws ShapeError where a length does not fit */
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
  const leading = ({ items, vectors, columns, factor, unitItems, unitVectors, threads }: CosineCall) =>
    [items, vectors, columns, factor, unitItems, unitVectors, threadCount(threads)] as const;
  return {
    logits(call) {
      const { n, m } = rowsOf(call);
      const logits = new Float32Array(n * m);
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
      const vectors = new Float32Array(call.vectors.length);
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

function rowsOf({ items, vectors, columns, factor }: CosineCall): { n: number; m: number } {
  requireInteger(columns, 1, 'cosines columns');
  requirePositive(factor, 'cosines factor');
  for (const [name, { length }] of Object.entries({ items, vectors })) {
    if (length % columns === 0) continue;
    const expected = `a multiple of ${columns} values`;
    throw new ShapeError(expectation(`cosines ${name}`, expected, length, 'pass whole rows'));
  }
  return { n: items.length / columns, m: vectors.length / columns };
}
