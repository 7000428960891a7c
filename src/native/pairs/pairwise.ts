import { expectation, ShapeError } from '../../core/errors.js';
import { lendFloats } from '../../core/floatPool.js';
import { columnsOf, type Space } from '../../core/space.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';
import { encodeSpace } from '../encodeSpace.js';

/** Points of one call, valid in `space` (requirePoints): [n, columnsOf(space)] and [m, columnsOf(space)]. */
export interface PairCall {
  /** euclidean, cosine, sphere, poincare, lorentz or stereographic. */
  readonly space: Space;
  readonly x: Float32Array;
  /** Left out: x itself, of which each two rows are met once. Derivatives to x are then the sums over both sides. */
  readonly y?: Float32Array;
  /** all: each row of x to each row of y, [n, m] pairs; rows: row i to row i, n = m pairs, and y is needed. */
  readonly layout: 'all' | 'rows';
  /** Default: one a core. No result depends on it. */
  readonly threads?: number;
}

/**
 * Distances and their derivatives, from float32 points in float64: exact to float32 at any distance and up to the
 * edge of a ball. Derivatives of coincident points and of antipodes are 0. `dy` has a value a pair; `points` and
 * `direction` hold the rows of x and then those of y, where there is one.
 * @throws ShapeError where a length does not fit
 */
export interface NativePairs {
  distances(call: PairCall): Float32Array;
  /** Derivatives of Σ dy d: to the points, and to the curvature where `learned`. */
  gradients(
    call: PairCall,
    dy: Float32Array,
    learned: boolean,
  ): { readonly points: Float32Array; readonly curvature: number };
  /** Derivatives of Σ direction · gradients(dy).points: to the points and to dy. */
  second(
    call: PairCall,
    dy: Float32Array,
    direction: Float32Array,
  ): { readonly points: Float32Array; readonly dy: Float32Array };
  /** Σ factors[p] parts[p], in float32 and in that order; at least one part, all of one length. */
  sum(parts: readonly Float32Array[], factors: readonly number[], threads?: number): Float32Array;
}

export function nativePairs(binding: NativeBinding): NativePairs {
  const leading = ({ space, x, y, layout, threads }: PairCall) =>
    [encodeSpace(space), x, y ?? null, layout === 'rows', threadCount(threads)] as const;
  return {
    distances(call) {
      const d = lendFloats(pairCount(call));
      binding.pairDistances(...leading(call), d);
      return d;
    },
    gradients(call, dy, learned) {
      requireLength(dy, pairCount(call), 'dy');
      const points = new Float32Array(valueCount(call));
      const curvature = new Float64Array(learned ? 1 : 0);
      binding.pairGradients(...leading(call), dy, points, curvature);
      return { points, curvature: curvature[0] ?? 0 };
    },
    second(call, dy, direction) {
      requireLength(dy, pairCount(call), 'dy');
      requireLength(direction, valueCount(call), 'direction');
      const points = new Float32Array(valueCount(call));
      const toDy = lendFloats(dy.length);
      binding.pairSecond(...leading(call), dy, direction, points, toDy);
      return { points, dy: toDy };
    },
    sum(parts, factors, threads) {
      const sum = lendFloats(parts[0].length);
      binding.pairSum(parts, Float64Array.from(factors), threadCount(threads), sum);
      return sum;
    },
  };
}

const valueCount = ({ x, y }: PairCall): number => x.length + (y?.length ?? 0);

function pairCount({ space, x, y = x, layout }: PairCall): number {
  const columns = columnsOf(space);
  for (const points of [x, y]) {
    if (points.length % columns === 0) continue;
    const expected = `a multiple of ${columns} values`;
    throw new ShapeError(expectation('pairs', expected, points.length, `pass ${space.kind} vectors`));
  }
  const [n, m] = [x.length / columns, y.length / columns];
  if (layout === 'all') return n * m;
  if (n === m) return n;
  throw new ShapeError(expectation('pairs y', `${n} rows`, m, 'pass as many rows as x has'));
}

function requireLength(values: Float32Array, expected: number, name: string): void {
  if (values.length === expected) return;
  throw new ShapeError(
    expectation(`pairs ${name}`, `${expected} values`, values.length, 'pass one for each'),
  );
}
