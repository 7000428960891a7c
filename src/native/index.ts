import { requireInteger } from '../core/checks.js';
import { expectation, ShapeError, UsageError } from '../core/errors.js';
import type { Matrix32 } from '../core/matrix.js';
import type { Relation } from '../core/records.js';
import { columnsOf, type Space } from '../core/space.js';
import { loadBinding, type NativeBinding } from './binding.js';
import { type TaskOptions, threadCount, withControl } from './control.js';
import { type NativeDistanceRows, nativeDistanceRows } from './distances/distanceRows.js';
import { type NativeRowQuality, nativeRowQuality } from './distances/rowQuality.js';
import { encodeSpace } from './encodeSpace.js';
import { type GraphOptions, NativeGraph } from './graph.js';
import { type NativeAngular, nativeAngular } from './losses/angular.js';
import { type NativeClassTerms, nativeClassTerms } from './losses/classTerms.js';
import { type NativeCosines, nativeCosines } from './losses/cosines.js';
import { type NativeRows, nativeRows } from './losses/rowTerms.js';
import { type NativeTriplets, nativeTriplets } from './losses/triplets.js';
import { type NativeNegatives, nativeNegatives } from './negatives.js';
import { type NativePairs, nativePairs } from './pairs/pairwise.js';
import {
  type ReconstructionOptions,
  type ReconstructionRanks,
  reconstructionRanks,
} from './reconstruction.js';
import { type NativeCouplings, nativeCouplings } from './so3/couplings.js';
import { type NativeMixedProducts, nativeMixedProducts } from './so3/mixedProducts.js';
import { type NativeStress, nativeStress } from './stress/stressPull.js';

export type { DistanceRowsOptions, NativeDistanceRows } from './distances/distanceRows.js';
export {
  GRADES,
  type GradeMap,
  type NativeRowQuality,
  ROW_COLUMNS,
  type RowQuality,
  type RowQualityCall,
} from './distances/rowQuality.js';
export type {
  GraphFile,
  GraphLinks,
  GraphOptions,
  GraphPart,
  NativeGraph,
  NativeGraphState,
  Storage,
} from './graph.js';
export type { AngularCall, AngularGradients, AngularSums, NativeAngular } from './losses/angular.js';
export type { AnchorSums, ClassCall, CrossEntropyCall, NativeClassTerms } from './losses/classTerms.js';
export type { CosineCall, CosinePull, NativeCosines, OwnAngles } from './losses/cosines.js';
export type {
  NativeRows,
  RowCall,
  RowLaw,
  RowParameter,
  RowPull,
  RowTerm,
  RowTerms,
} from './losses/rowTerms.js';
export type { NativeTriplets, TripletCall, TripletSums } from './losses/triplets.js';
export type { NativeNegatives, NegativesCall, NegativesResult } from './negatives.js';
export type { NativePairs, PairCall } from './pairs/pairwise.js';
export type { ReconstructionOptions, ReconstructionRanks } from './reconstruction.js';
export type { CouplingTerms, NativeCouplings } from './so3/couplings.js';
export type { MixedProductsCall, NativeMixedProducts } from './so3/mixedProducts.js';
export type { NativeStress, StressCall } from './stress/stressPull.js';

/** Both [queries * k]: ascending by float32 distance, ties by smaller row, padded with -1 and Infinity. */
export interface NearestRows {
  readonly rows: Int32Array;
  readonly distances: Float32Array;
}

export interface ExactSearchOptions extends TaskOptions {
  /** Query i is row i of the database and is not its own neighbour. Default false. */
  readonly excludeSelf?: boolean | undefined;
  /** Default: one a core. The result does not depend on it. */
  readonly threads?: number | undefined;
}

/**
 * The addon's work; all but `pairs`, `triplets`, `couplings`, `mixedProducts`, `negatives`, `classes`, `rows`, `angular`, `crc32c`, `tryLockFile` and
 * `quietly` is off the event loop.
 * The addon's work; all but `pairs`, `triplets`, `couplings`, `mixedProducts`, `negatives`, `classes`, `rows`, `angular`, `stress` and `quietly` is off the
 * event loop.
 */
export interface Native {
  /**
   * The k nearest rows of the database for each query, exactly: the same rows as geometry's `nearest`. Points must be
   * valid (requirePoints); the arrays must not change until the promise settles.
   * @param database [n, columnsOf(space)] @param queries [m, columnsOf(space)] @param k >= 1, may exceed n
   * @throws ShapeError for other columns or float64 data, or excludeSelf with more queries than rows; UsageError for k
   */
  exactSearch(
    space: Space,
    database: Matrix32,
    queries: Matrix32,
    k: number,
    options?: ExactSearchOptions,
  ): Promise<NearestRows>;
  /** See evaluation's `reconstruction`, which checks its arguments; the arrays must not change until it settles. */
  reconstruction(
    space: Space,
    points: Matrix32,
    relation: Relation,
    options?: ReconstructionOptions,
  ): Promise<ReconstructionRanks>;
  createGraph(space: Space, options: GraphOptions): NativeGraph;
  /** Distances between points with their derivatives, on the calling thread and others, done when they return. */
  readonly distanceRows: NativeDistanceRows;
  readonly rowQuality: NativeRowQuality;
  readonly pairs: NativePairs;
  /** Margin losses of all triplets with their derivatives, done as `pairs` are. */
  readonly triplets: NativeTriplets;
  /** Products of signals on the sphere, done as `pairs` are. */
  readonly couplings: NativeCouplings;
  /** The same with their norm and a linear map, done as `pairs` are. */
  readonly mixedProducts: NativeMixedProducts;
  /** p(x-) of anchors and their hardest negatives, done as `pairs` are. */
  readonly negatives: NativeNegatives;
  /** Angular losses with their derivatives, done as `pairs` are. */
  readonly angular: NativeAngular;
  /** Cosines to class vectors, and softmax over them, with derivatives, done as `pairs` are. */
  readonly classes: { readonly cosines: NativeCosines; readonly terms: NativeClassTerms };
  /** Sums over the pairs of each anchor with their derivatives, and masks of pairs, done as `pairs` are. */
  readonly rows: NativeRows;
  /** CRC-32C of bytes that follow others, whose sum is `before`; 0 for none. */
  crc32c(bytes: Uint8Array, before: number): number;
  /**
   * Takes an open file for this handle alone until it is closed, at the latest when the process ends (flock).
   * @param file its number @returns false if another handle has it @throws Error where the system has no such locks
   */
  tryLockFile(file: number): boolean;
  /** Stress of multidimensional scaling with its derivatives, done as `pairs` are. */
  readonly stress: NativeStress;
  /** Calls `work` with stderr of the whole process muted: for libraries that greet when they are loaded. */
  quietly<T>(work: () => T): T;
}

let native: Native | undefined;

/** The addon, or undefined where it has not been built or cannot be loaded: see nativeUnavailableReason. */
export function loadNative(): Native | undefined {
  const loaded = loadBinding();
  if ('reason' in loaded) return undefined;
  native ??= {
    exactSearch: (space, database, queries, k, options = {}) =>
      exactSearch(loaded.binding, space, database, queries, k, options),
    reconstruction: (space, points, relation, options = {}) =>
      reconstructionRanks(loaded.binding, space, points, relation, options),
    createGraph: (space, options) => new NativeGraph(loaded.binding, space, options),
    distanceRows: nativeDistanceRows(loaded.binding),
    rowQuality: nativeRowQuality(loaded.binding),
    pairs: nativePairs(loaded.binding),
    triplets: nativeTriplets(loaded.binding),
    couplings: nativeCouplings(loaded.binding),
    mixedProducts: nativeMixedProducts(loaded.binding),
    negatives: nativeNegatives(loaded.binding),
    angular: nativeAngular(loaded.binding),
    classes: { cosines: nativeCosines(loaded.binding), terms: nativeClassTerms(loaded.binding) },
    rows: nativeRows(loaded.binding),
    crc32c: (bytes, before) => loaded.binding.crc32c(bytes, before),
    tryLockFile: (file) => loaded.binding.tryLockFile(file),
    stress: nativeStress(loaded.binding),
    quietly: (work) => loaded.binding.callQuietly(work),
  };
  return native;
}

/** One sentence, with the command that helps; undefined if the addon is there. */
export function nativeUnavailableReason(): string | undefined {
  const loaded = loadBinding();
  return 'reason' in loaded ? loaded.reason : undefined;
}

async function exactSearch(
  binding: NativeBinding,
  space: Space,
  database: Matrix32,
  queries: Matrix32,
  k: number,
  { excludeSelf = false, threads, ...task }: ExactSearchOptions,
): Promise<NearestRows> {
  requireInteger(k, 1, 'exactSearch k', 2 ** 31 - 2);
  if (threads !== undefined) requireInteger(threads, 1, 'exactSearch threads');
  requireColumns(space, database, 'exactSearch database');
  requireColumns(space, queries, 'exactSearch queries');
  if (excludeSelf && queries.rows > database.rows) {
    const remedy = 'with excludeSelf, query i must be row i of the database';
    throw new ShapeError(
      expectation('exactSearch queries', `at most ${database.rows} rows`, queries.rows, remedy),
    );
  }
  const { rows, distances } = emptyResult(queries.rows, k);
  const codes = encodeSpace(space);
  await withControl(task, (control) =>
    binding.exactSearch(
      codes,
      database.data,
      queries.data,
      k,
      excludeSelf,
      threadCount(threads),
      control,
      rows,
      distances,
    ),
  );
  return { rows, distances };
}

function emptyResult(queries: number, k: number): NearestRows {
  try {
    return {
      rows: new Int32Array(queries * k).fill(-1),
      distances: new Float32Array(queries * k).fill(Number.POSITIVE_INFINITY),
    };
  } catch (cause) {
    const message = expectation('exactSearch', `${queries} x k results that fit in memory`, k, 'lower k');
    throw new UsageError(message, { cause });
  }
}

function requireColumns(space: Space, { data, rows, columns }: Matrix32, who: string): void {
  const expected = columnsOf(space);
  if (columns !== expected) {
    throw new ShapeError(
      expectation(who, `${expected} columns`, columns, `pass vectors of the ${space.kind} space`),
    );
  }
  if (!(data instanceof Float32Array)) {
    throw new ShapeError(expectation(who, 'a Float32Array', data, 'convert with Float32Array.from'));
  }
  if (data.length !== rows * columns) {
    throw new ShapeError(expectation(who, `${rows} x ${columns} values`, data.length, 'check the shape'));
  }
}
