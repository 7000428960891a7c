import { expectation, ShapeError } from '../../core/errors.js';
import { lendFloats } from '../../core/floatPool.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/**
 * What is made of the distances d of each anchor to its positives p and negatives n, where a pair that a mask has twice
 * counts twice. `terms` are numbers an anchor; the first of them, named again in `pulls`, have derivatives.
 *
 * - logSums: log Σ_p exp(near d), log Σ_n exp(far d), -1e9 over none; Σ_p d; how many p and n.
 * - softplus: Σ_p log(1 + Σ_n exp(factor (d_n - d_p))), how many summands are above 0, how many p.
 * - hinges: Σ_p max(0, d - near), Σ_n max(0, far - d), how many of each are above 0, how many p and n.
 * - squares: the same of squares; slopes of all p and n have nearShift and farShift added to them.
 * - rankedMeans: Σ w v / (rest + Σ w) with w = exp(temperature v), over v = d - near > 0 of p and v = far - d > 0 of n;
 *   how many p and n together.
 * - sums: Σ_p d, Σ_n d, how many p and n.
 *
 * What the pivots and scales are is for the slopes alone.
 */
const ROW_LAWS = {
  logSums: {
    parameters: ['near', 'far'],
    pulls: ['near', 'far', 'sum'],
    terms: ['near', 'far', 'sum', 'positives', 'negatives', 'pivotP', 'scaledP', 'pivotN', 'scaledN'],
  },
  softplus: {
    parameters: ['factor'],
    pulls: ['sum'],
    terms: ['sum', 'active', 'positives', 'pivot', 'scaled', 'sigmoids'],
  },
  hinges: {
    parameters: ['near', 'far'],
    pulls: ['near', 'far'],
    terms: ['near', 'far', 'nearActive', 'farActive', 'positives', 'negatives'],
  },
  squares: {
    parameters: ['near', 'far', 'nearShift', 'farShift'],
    pulls: ['near', 'far'],
    terms: ['near', 'far', 'nearActive', 'farActive', 'positives', 'negatives', 'nearReach', 'farReach'],
  },
  rankedMeans: {
    parameters: ['near', 'far', 'nearTemperature', 'farTemperature', 'rest'],
    pulls: ['near', 'far'],
    terms: ['near', 'far', 'pairs', 'topP', 'topN', 'scaleP', 'scaleN'],
  },
  sums: { parameters: [], pulls: [], terms: ['near', 'far', 'positives', 'negatives'] },
} as const;

type Laws = typeof ROW_LAWS;
export type RowLaw = keyof Laws;
export type RowParameter<L extends RowLaw> = Laws[L]['parameters'][number];
export type RowTerm<L extends RowLaw> = Laws[L]['terms'][number];
export type RowPull<L extends RowLaw> = Laws[L]['pulls'][number];

/** Row-major [anchors, references]: distances, and masks >= 0, how often a pair counts. */
export interface RowCall {
  readonly distances: Float32Array;
  readonly positives: Float32Array;
  readonly negatives: Float32Array;
  readonly anchors: number;
  readonly references: number;
  /** Default: one a core. No result depends on it. */
  readonly threads?: number;
}

export interface RowTerms<L extends RowLaw> {
  /** [terms, anchors], in the order of the law. */
  readonly all: Float32Array;
  /** [pulls, anchors]: those with derivatives. */
  readonly values: Float32Array;
  /** How many these are. */
  readonly pulls: number;
  /** [anchors] each: the rows of `all`. */
  readonly of: Readonly<Record<RowTerm<L>, Float32Array>>;
}

/**
 * Values are computed in float32 and added up in float64. A row with NaN has NaN in all sums of values, and no other
 * row has; a threshold that is NaN makes all its sums NaN. Sums are finite wherever their logarithms are, at any
 * temperature.
 * @throws ShapeError where a length does not fit
 */
export interface NativeRows {
  terms<L extends RowLaw>(
    law: L,
    call: RowCall,
    parameters: Readonly<Record<RowParameter<L>, number>>,
  ): RowTerms<L>;
  /**
   * [anchors, references]: derivatives to the distances of Σ pulls values.
   * @param terms what `terms` gave @param pulls [pulls, anchors]
   */
  slopes<L extends RowLaw>(
    law: L,
    call: RowCall,
    parameters: Readonly<Record<RowParameter<L>, number>>,
    terms: RowTerms<L>,
    pulls: Float32Array,
  ): Float32Array;
  /**
   * Masks [labels, references]: positives where labels are equal, negatives where they are not. Without references the
   * labels are compared with themselves, and no item is a pair with itself.
   */
  masks(
    labels: Int32Array,
    references?: Int32Array,
    threads?: number,
  ): { readonly positives: Float32Array; readonly negatives: Float32Array };
}

export function nativeRows(binding: NativeBinding): NativeRows {
  return {
    terms(law, call, parameters) {
      requireCells(call);
      const { anchors } = call;
      const { terms, pulls } = ROW_LAWS[law];
      const all = new Float32Array(terms.length * anchors);
      binding.rowTerms(...leading(law, call, parameters), all);
      const row = (k: number) => all.subarray(k * anchors, (k + 1) * anchors);
      const of = Object.fromEntries(terms.map((name, k) => [name, row(k)]));
      return { all, values: all.subarray(0, pulls.length * anchors), pulls: pulls.length, of } as never;
    },
    slopes(law, call, parameters, terms, pulls) {
      requireCells(call);
      const expected = ROW_LAWS[law].pulls.length * call.anchors;
      requireLength(pulls, expected, 'pulls');
      const slopes = lendFloats(call.distances.length);
      binding.rowSlopes(...leading(law, call, parameters), terms.all, pulls, slopes);
      return slopes;
    },
    masks(labels, references, threads) {
      const cells = labels.length * (references ?? labels).length;
      const [positives, negatives] = [lendFloats(cells), lendFloats(cells)];
      binding.labelMasks(labels, references, threadCount(threads), positives, negatives);
      return { positives, negatives };
    },
  };
}

/** The arguments that both calls begin with. */
function leading<L extends RowLaw>(
  law: L,
  { distances, positives, negatives, references, threads }: RowCall,
  parameters: Readonly<Record<RowParameter<L>, number>>,
) {
  const given: Readonly<Record<string, number>> = parameters;
  const values = Float64Array.from(ROW_LAWS[law].parameters, (name) => given[name]);
  const place = Object.keys(ROW_LAWS).indexOf(law);
  const count = threadCount(threads);
  return [place, distances, positives, negatives, references, count, values] as const;
}

function requireCells({ distances, positives, negatives, anchors, references }: RowCall): void {
  for (const [name, cells] of Object.entries({ distances, positives, negatives })) {
    if (cells.length === anchors * references) continue;
    const expected = `${anchors} x ${references} values`;
    throw new ShapeError(expectation(`rows ${name}`, expected, cells.length, 'pass one for each pair'));
  }
}

function requireLength(values: Float32Array, expected: number, name: string): void {
  if (values.length === expected) return;
  throw new ShapeError(expectation(`rows ${name}`, `${expected} values`, values.length, 'pass one for each'));
}
