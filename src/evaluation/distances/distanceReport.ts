import { requireInteger } from '../../core/checks.js';
import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import { GRADES, loadNative, ROW_COLUMNS, type RowQuality, type RowQualityCall } from '../../native/index.js';
import type { Interval } from '../bootstrap.js';
import { spearman } from '../correlation.js';
import type { DistanceSource, SourceControl } from './distanceSource.js';
import { gradeMap, gradeOf, spearmanOfGrades } from './grades.js';
import { intervalsOf } from './intervals.js';
import { type DistanceMeasures, meansOf, measuresOf } from './measures.js';
import { type PointQuality, pointQuality } from './pointQuality.js';
import { rowQuality } from './rowQuality.js';

export interface DistanceReportOptions extends SourceControl {
  /** Neighbours looked at, 1 <= k < n / 2. Default 10. */
  readonly k?: number;
  /** Rows that are compared with all others, drawn at random where they are fewer than there are. Default: all. */
  readonly anchors?: number;
  /** Of the rows drawn, of the order of the pairs and of intervals. */
  readonly rng: Rng;
  /** Of intervals. Default 1000. */
  readonly resamples?: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A factor by which a distance grew or shrank, and the pair of rows where that is worst. */
export interface WorstPair {
  readonly factor: number;
  readonly rows: readonly [number, number];
}

export interface DistanceReport extends DistanceMeasures {
  /** max b/a and max a/b: how much distances were at most stretched and shrunk. Infinity if only one side is 0. */
  readonly expansion: WorstPair;
  readonly contraction: WorstPair;
  /** Their product, >= 1; 1 for a scaled copy. Over the pairs looked at: if `sampled`, a lower bound. */
  readonly worstCaseDistortion: number;
  readonly n: number;
  readonly k: number;
  /** Rows compared with all others. */
  readonly anchors: number;
  readonly sampled: boolean;
  /** How far shepardSpearman may be off: 0 where the pairs were few enough to be sorted. */
  readonly spearmanError: number;
  /** 95 % of bootstrap samples of the anchors; absent unless `sampled`. */
  readonly intervals?: Readonly<Record<keyof DistanceMeasures, Interval>>;
  /** One value an anchor. */
  readonly points: PointQuality;
  /** Distances of pairs drawn at random, or of all where there are not more. */
  readonly pairs: PairSample;
}

export interface PairSample {
  readonly input: Float64Array;
  readonly code: Float64Array;
}

/** Up to so many pairs are sorted, for an exact rank correlation: those of 2048 rows. */
const SORTED_PAIRS = 2 ** 21;
/** Numbers in memory at a time: 256 MB with both sides. */
const BLOCK_NUMBERS = 2 ** 24;
const LARGEST_BLOCK = 256;
/** Rows of the pairs that give scale, shifts and the provisional order of distances, and others for each. */
const PILOT_ROWS = 2 ** 14;
const PILOT_PARTNERS = 16;
/** Enough for scale and shifts, where no order is needed. */
const FEW_PILOT_ROWS = 256;

/**
 * Compares all distances and the ranks of neighbours of the same rows on two sides. Distances are computed some rows at a
 * time and never kept: time grows with anchors * n, memory does not.
 * @throws ShapeError for sides of different rows; UsageError for k or anchors out of range; DomainError for inputs that all
 *   coincide, and naming a row with a distance that is not a finite number >= 0
 * @source docs/distances.md
 */
export async function distanceReport(
  inputs: DistanceSource,
  codes: DistanceSource,
  options: DistanceReportOptions,
): Promise<DistanceReport> {
  const n = inputs.rows;
  if (codes.rows !== n) {
    const remedy = 'pass the codes of the same rows in the same order';
    throw new ShapeError(expectation('distanceReport codes', `${n} rows`, codes.rows, remedy));
  }
  const { k = 10, anchors: asked = n, rng, resamples = 1000 } = options;
  requireInteger(n, 3, 'distanceReport rows', 2 ** 23);
  requireInteger(k, 1, 'distanceReport k', Math.ceil(n / 2) - 1);
  requireInteger(asked, 2, 'distanceReport anchors');
  const sampled = asked < n;
  const anchors = sampled
    ? rng.split('anchors').permutation(n).slice(0, asked).sort()
    : Int32Array.from({ length: n }, (_, i) => i);
  const sorted = !sampled && (n * (n - 1)) / 2 <= SORTED_PAIRS;
  const pilot = pilotPairs(inputs, codes, sorted ? FEW_PILOT_ROWS : PILOT_ROWS, rng.split('pairs'));
  const centre = centreOf(pilot);
  const grades = new Float64Array(4 * GRADES);
  const scan = { inputs, codes, anchors, options };
  const call: Omit<RowQualityCall, 'inputs' | 'codes' | 'anchors'> = {
    ...{ k, ...centre, upper: !sampled, grades, threads: options.threads },
    inputGrades: gradeMap(pilot.input.slice()),
    codeGrades: gradeMap(pilot.code.slice()),
  };
  const pairs = sorted
    ? { input: new Float64Array((n * (n - 1)) / 2), code: new Float64Array((n * (n - 1)) / 2) }
    : pilot;
  const { columns, places } = await scanRows(scan, call, sorted ? pairs : undefined);
  const means = meansOf(columns, anchors.length);
  if (!(means.inputSquares > 0)) {
    const remedy = 'pass at least two different inputs';
    throw new DomainError(expectation('distanceReport', 'an input distance > 0', 'none', remedy));
  }
  const graded = sorted
    ? undefined
    : spearmanOfGrades(grades, means.gradeProducts * anchors.length, {
        input: pilot.input.map((d) => gradeOf(call.inputGrades, d)),
        code: pilot.code.map((d) => gradeOf(call.codeGrades, d)),
      });
  const rank = graded?.value ?? spearman(pairs.input, pairs.code);
  const set = { n, k, centre };
  const measures = measuresOf(means, set, rank);
  const worst = worstPairs(columns, places, anchors);
  return {
    ...measures,
    ...worst,
    worstCaseDistortion: worst.expansion.factor * worst.contraction.factor,
    ...{ n, k, anchors: anchors.length, sampled, spearmanError: graded?.error ?? 0 },
    ...(sampled && { intervals: intervalsOf(columns, set, measures, rng.split('intervals'), resamples) }),
    points: pointQuality(columns, anchors, set, measures.scale),
    pairs,
  };
}

interface Scan {
  readonly inputs: DistanceSource;
  readonly codes: DistanceSource;
  readonly anchors: Int32Array;
  readonly options: DistanceReportOptions;
}

/** @param pairs filled with the pairs of rows i < j, row by row, where all rows are anchors */
async function scanRows(
  { inputs, codes, anchors, options: { threads, signal, onProgress } }: Scan,
  call: Omit<RowQualityCall, 'inputs' | 'codes' | 'anchors'>,
  pairs: PairSample | undefined,
): Promise<RowQuality> {
  const n = inputs.rows;
  const columns = new Float64Array(anchors.length * ROW_COLUMNS.length);
  const places = new Int32Array(2 * anchors.length);
  const size = Math.max(1, Math.min(LARGEST_BLOCK, Math.floor(BLOCK_NUMBERS / n)));
  let filled = 0;
  for (let from = 0; from < anchors.length; from += size) {
    signal?.throwIfAborted();
    const block = anchors.slice(from, from + size);
    const a = await inputs.from(block, { threads, signal });
    const b = await codes.from(block, { threads, signal });
    const found = await rowQuality({ ...call, inputs: a, codes: b, anchors: block });
    requireDistances(found.columns, block, { a, b });
    columns.set(found.columns, from * ROW_COLUMNS.length);
    places.set(found.places, 2 * from);
    if (pairs) {
      for (let i = 0; i < block.length; i++) {
        pairs.input.set(a.subarray(i * n + block[i] + 1, (i + 1) * n), filled);
        pairs.code.set(b.subarray(i * n + block[i] + 1, (i + 1) * n), filled);
        filled += n - block[i] - 1;
      }
    }
    onProgress?.(from + block.length, anchors.length);
    // Without the addon all of it happens on this thread.
    if (!loadNative()) await new Promise((resolve) => setImmediate(resolve));
  }
  return { columns, places };
}

function requireDistances(
  columns: Float64Array,
  anchors: Int32Array,
  sides: { readonly a: Float64Array; readonly b: Float64Array },
): void {
  const bad = anchors.findIndex((_, i) => Number.isNaN(columns[i * ROW_COLUMNS.length]));
  if (bad < 0) return;
  const n = sides.a.length / anchors.length;
  for (const [side, values] of [
    ['inputs', sides.a],
    ['codes', sides.b],
  ] as const) {
    for (let j = 0; j < n; j++) {
      const value = values[bad * n + j];
      if (j === anchors[bad] || (value >= 0 && value < Number.POSITIVE_INFINITY)) continue;
      const where = `distanceReport ${side} row ${anchors[bad]} to row ${j}`;
      throw new DomainError(
        expectation(where, 'a finite distance >= 0', value, 'repair the row or the distances'),
      );
    }
  }
}

function pilotPairs(inputs: DistanceSource, codes: DistanceSource, rows: number, rng: Rng): PairSample {
  const n = inputs.rows;
  const left = Int32Array.from({ length: rows }, () => rng.below(n));
  const right = Int32Array.from({ length: rows * PILOT_PARTNERS }, (_, at) => {
    const i = left[Math.floor(at / PILOT_PARTNERS)];
    const j = rng.below(n - 1);
    return j < i ? j : j + 1;
  });
  return { input: inputs.between(left, right), code: codes.between(left, right) };
}

/** What the sums are taken about: anything near will do, but the same on every run. */
function centreOf({ input, code }: PairSample) {
  const finite = (value: number) => (Number.isFinite(value) ? value : 0);
  let [a, b, ab, bb] = [0, 0, 0, 0];
  for (let i = 0; i < input.length; i++) {
    a += input[i];
    b += code[i];
    ab += input[i] * code[i];
    bb += code[i] * code[i];
  }
  return {
    scale: bb > 0 ? finite(ab / bb) : 0,
    inputShift: finite(a / input.length),
    codeShift: finite(b / input.length),
  };
}

function worstPairs(columns: Float64Array, places: Int32Array, anchors: Int32Array) {
  const width = ROW_COLUMNS.length;
  const [most, least] = [ROW_COLUMNS.indexOf('most'), ROW_COLUMNS.indexOf('least')];
  let [stretched, shrunk] = [0, 0];
  for (let i = 1; i < anchors.length; i++) {
    if (columns[i * width + most] > columns[stretched * width + most]) stretched = i;
    if (columns[i * width + least] < columns[shrunk * width + least]) shrunk = i;
  }
  return {
    expansion: {
      factor: columns[stretched * width + most],
      rows: [anchors[stretched], places[2 * stretched]] as const,
    },
    contraction: {
      factor: 1 / columns[shrunk * width + least],
      rows: [anchors[shrunk], places[2 * shrunk + 1]] as const,
    },
  };
}
