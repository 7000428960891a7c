import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { addonPath, setupCommand } from '../core/places.js';

/** Products of signals and the kernels that mix them: so3/mixedProducts.ts. */
export type MixedRows = [
  starts: Int32Array,
  factors: Int32Array,
  others: Int32Array,
  coefficients: Float32Array,
  paths: Int32Array,
  x: Float32Array,
  kernels: Float32Array,
  channels: number,
  outputs: number,
  batch: number,
];

/**
 * What the addon exports. Every method that gives a promise checks types and lengths again and works off the event
 * loop, on the memory of the arrays it is given: leave them alone until the promise settles. Results go to arrays
 * that the caller made. `control` is [ask to stop, items done].
 */
export interface NativeBinding {
  exactSearch(
    space: Float64Array,
    database: Float32Array,
    queries: Float32Array,
    k: number,
    excludeSelf: boolean,
    threads: number,
    control: Int32Array,
    rows: Int32Array,
    distances: Float32Array,
  ): Promise<void>;
  reconstruction(
    space: Float64Array,
    points: Float32Array,
    offsets: Int32Array,
    targets: Int32Array,
    threads: number,
    control: Int32Array,
    rankSums: Float64Array,
    averagePrecisions: Float64Array,
  ): Promise<void>;
  /** points: Float32Array or Float64Array. */
  distanceRows(
    space: Float64Array,
    points: Float32Array | Float64Array,
    anchors: Int32Array,
    threads: number,
    control: Int32Array,
    distances: Float64Array,
  ): Promise<void>;
  /** centre: scale, inputShift, codeShift; grades: low, perUnit, then the knots. See distances/rowQuality.ts. */
  rowQuality(
    inputs: Float64Array,
    codes: Float64Array,
    anchors: Int32Array,
    k: number,
    centre: Float64Array,
    inputGrades: Float64Array,
    codeGrades: Float64Array,
    upper: boolean,
    threads: number,
    columns: Float64Array,
    places: Int32Array,
    grades: Float64Array,
  ): Promise<void>;
  /** The methods below return when all is done: they are a part of a training step. */
  pairDistances(
    space: Float64Array,
    x: Float32Array,
    y: Float32Array | null,
    rows: boolean,
    threads: number,
    distances: Float32Array,
  ): void;
  pairGradients(
    space: Float64Array,
    x: Float32Array,
    y: Float32Array | null,
    rows: boolean,
    threads: number,
    dy: Float32Array,
    gradients: Float32Array,
    curvature: Float64Array,
  ): void;
  pairSecond(
    space: Float64Array,
    x: Float32Array,
    y: Float32Array | null,
    rows: boolean,
    threads: number,
    dy: Float32Array,
    direction: Float32Array,
    gradients: Float32Array,
    gradientToDy: Float32Array,
  ): void;
  pairSum(parts: readonly Float32Array[], factors: Float64Array, threads: number, sum: Float32Array): void;
  coupleRows(
    starts: Int32Array,
    factors: Int32Array,
    others: Int32Array,
    coefficients: Float32Array,
    a: Float32Array,
    b: Float32Array,
    columns: number,
    threads: number,
    out: Float32Array,
  ): void;
  mixRows(...call: [...MixedRows, threads: number, out: Float32Array, norms: Float32Array]): void;
  pullMixedRows(
    ...call: [
      ...MixedRows,
      threads: number,
      out: Float32Array,
      norms: Float32Array,
      dy: Float32Array,
      dx: Float32Array,
      dKernels: Float32Array,
    ]
  ): void;
  tripletSums(
    distances: Float32Array,
    positives: Float32Array,
    negatives: Float32Array,
    references: number,
    margin: number,
    threads: number,
    sums: Float32Array,
    active: Float32Array,
    slope: Float32Array,
  ): void;
  negatives(
    distances: Float32Array,
    classes: Int32Array,
    anchors: Int32Array,
    first: number,
    depth: number,
    quantile: number,
    temperatures: Float64Array,
    threads: number,
    nearest: Int32Array,
    hardest: Float64Array,
    variance: Float64Array,
    expected: Float64Array,
    counts: Int32Array,
    sums: Float64Array,
  ): void;
  /** Pulls [n, dim] and a term a row: stress/stressPull.ts. */
  stressPull(
    points: Float64Array,
    delta: Float64Array,
    weights: Float64Array | null,
    threads: number,
    pull: Float64Array,
    terms: Float64Array,
  ): void;
  cosineLogits(
    items: Float32Array,
    vectors: Float32Array,
    columns: number,
    factor: number,
    unitItems: boolean,
    unitVectors: boolean,
    threads: number,
    logits: Float32Array,
  ): void;
  /** Without values, `rows` and the multiples stand for none; so does `own` of crossEntropy. */
  cosineGradients(
    items: Float32Array,
    vectors: Float32Array,
    columns: number,
    factor: number,
    unitItems: boolean,
    unitVectors: boolean,
    threads: number,
    entries: Float32Array,
    rows: Float32Array,
    itemMultiples: Float32Array,
    vectorMultiples: Float32Array,
    toItems: Float32Array,
    toVectors: Float32Array,
  ): void;
  ownAngles(
    items: Float32Array,
    vectors: Float32Array,
    columns: number,
    factor: number,
    unitItems: boolean,
    unitVectors: boolean,
    threads: number,
    labels: Int32Array,
    centers: number,
    chords: Float64Array,
    itemNorms: Float64Array,
    vectorNorms: Float64Array,
  ): void;
  crossEntropy(
    logits: Float32Array,
    labels: Int32Array,
    classes: number,
    threads: number,
    own: Float32Array,
    values: Float32Array,
  ): void;
  squaredErrors(
    logits: Float32Array,
    labels: Int32Array,
    classes: number,
    threads: number,
    values: Float32Array,
  ): void;
  anchorSums(
    logits: Float32Array,
    labels: Int32Array,
    classes: number,
    threads: number,
    margin: number,
    values: Float32Array,
    totals: Float32Array,
  ): void;
  scaleEntries(
    logits: Float32Array,
    labels: Int32Array,
    classes: number,
    threads: number,
    own: Float32Array,
    others: Float32Array,
  ): void;
  /** Returns the logarithms, positive after positive. */
  angularSums(
    distances: Float32Array,
    positives: Float32Array,
    negatives: Float32Array,
    scales: Float32Array,
    zero: number,
    pull: number,
    threads: number,
    sums: Float32Array,
    active: Float32Array,
    counts: Float32Array,
  ): Float32Array;
  angularGradients(
    distances: Float32Array,
    positives: Float32Array,
    negatives: Float32Array,
    scales: Float32Array,
    zero: number,
    pull: number,
    threads: number,
    logarithms: Float32Array,
    dy: Float32Array,
    toDistances: Float32Array,
    toScales: Float32Array,
  ): void;
  /** law: the place of its name in ROW_LAWS of rowTerms.ts, which has the parameters and the results. */
  rowTerms(
    law: number,
    distances: Float32Array,
    positives: Float32Array,
    negatives: Float32Array,
    references: number,
    threads: number,
    parameters: Float64Array,
    terms: Float32Array,
  ): void;
  rowSlopes(
    law: number,
    distances: Float32Array,
    positives: Float32Array,
    negatives: Float32Array,
    references: number,
    threads: number,
    parameters: Float64Array,
    terms: Float32Array,
    pulls: Float32Array,
    slopes: Float32Array,
  ): void;
  labelMasks(
    labels: Int32Array,
    references: Int32Array | undefined,
    threads: number,
    positives: Float32Array,
    negatives: Float32Array,
  ): void;
  readonly Graph: new (
    space: Float64Array,
    m: number,
    efConstruction: number,
    seed: number,
  ) => NativeGraphHandle;
  callQuietly<T>(work: () => T): T;
  /** Of bytes that follow others whose sum is `before`. */
  crc32c(bytes: Uint8Array, before: number): number;
  /** Takes the whole file that this number stands for, until it is closed, unless another process or handle has it. */
  tryLockFile(file: number): boolean;
}

/** What state() of a graph says. */
export interface NativeGraphState {
  /** Rows that searches see. */
  readonly rows: number;
  /** Distinct points. */
  readonly nodes: number;
  /** Link lists above the lowest level. */
  readonly upperLists: number;
  /** The row where walks begin; -1 without rows. */
  readonly entry: number;
  readonly bytes: number;
  readonly distances: number;
  /** Nothing is left of rows that were removed. */
  readonly compact: boolean;
  /** Numbers that a row has beside its vector. */
  readonly scalars: number;
}

export interface NativeGraphHandle {
  append(vectors: Float32Array, ids: BigInt64Array, replace: boolean): Promise<number>;
  remove(ids: BigInt64Array, threads: number): Promise<number>;
  compact(threads: number): Promise<void>;
  link(threads: number, control: Int32Array): Promise<void>;
  repair(all: boolean, threads: number, control: Int32Array): Promise<number>;
  search(
    queries: Float32Array,
    k: number,
    ef: number,
    exact: boolean,
    threads: number,
    control: Int32Array,
    foundIds: BigInt64Array,
    distances: Float32Array,
    filter: BigInt64Array | Uint8Array | undefined,
  ): Promise<void>;
  countMissed(ef: number, threads: number, control: Int32Array): Promise<number>;
  ids(): BigInt64Array;
  has(ids: BigInt64Array): Uint8Array;
  copyRows(ids: BigInt64Array, vectors: Float32Array): number;
  state(): NativeGraphState;
  /** part: the place of its name in PARTS of graph.ts. */
  read(part: number, from: number, bytes: Uint8Array): Promise<void>;
  twins(): Int32Array;
  stragglers(): Int32Array;
  restore(
    levels: Int8Array,
    lowest: Uint32Array,
    upper: Uint32Array,
    entry: number,
    twins: Int32Array,
    stragglers: Int32Array,
  ): Promise<void>;
  /** layout: where each block of the file begins, and its bytes; ids to stragglers, then sums. */
  map(file: number, size: number, layout: Float64Array, rows: number, entry: number): void;
  /** now: done when it returns. */
  touch(threads: number, now: boolean, storage: number): Promise<void> | undefined;
  close(): void;
}

type Loaded = { readonly binding: NativeBinding } | { readonly reason: string };
let loaded: Loaded | undefined;

/** Loads the addon on the first call; later calls return the same answer. */
export function loadBinding(): Loaded {
  loaded ??= load();
  return loaded;
}

function load(): Loaded {
  const path = addonPath();
  if (!existsSync(path)) return { reason: `${path} does not exist: run \`${setupCommand()}\`` };
  try {
    return { binding: createRequire(import.meta.url)(path) as NativeBinding };
  } catch (error) {
    return { reason: `${path} cannot be loaded (${(error as Error).message}): run \`${setupCommand()}\`` };
  }
}
