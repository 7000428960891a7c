import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { addonPath, setupCommand } from '../core/places.js';

/**
 * What the addon exports. Every method that gives a promise checks types and lengths again and works off the event loop,
 * on the memory of the arrays it is given: leave them alone until the promise settles. Results go to arrays that the
 * caller made. `control` is [ask to stop, items done].
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
  /** The pair methods return when all is done: they are a part of a training step. */
  pairDistances(
    space: Float64Array,
    x: Float32Array,
    y: Float32Array,
    rows: boolean,
    threads: number,
    distances: Float32Array,
  ): void;
  pairGradients(
    space: Float64Array,
    x: Float32Array,
    y: Float32Array,
    rows: boolean,
    threads: number,
    dy: Float32Array,
    gradients: Float32Array,
    curvature: Float64Array,
  ): void;
  pairSecond(
    space: Float64Array,
    x: Float32Array,
    y: Float32Array,
    rows: boolean,
    threads: number,
    dy: Float32Array,
    direction: Float32Array,
    gradients: Float32Array,
    gradientToDy: Float32Array,
  ): void;
  readonly Graph: new (
    space: Float64Array,
    m: number,
    efConstruction: number,
    seed: number,
  ) => NativeGraphHandle;
  callQuietly<T>(work: () => T): T;
}

export interface NativeGraphHandle {
  insert(vectors: Float32Array, order: Int32Array, control: Int32Array): Promise<void>;
  search(
    vectors: Float32Array,
    ids: BigInt64Array,
    queries: Float32Array,
    k: number,
    ef: number,
    threads: number,
    control: Int32Array,
    foundIds: BigInt64Array,
    distances: Float32Array,
  ): Promise<void>;
  missed(
    first: number,
    ef: number,
    withStragglers: boolean,
    threads: number,
    control: Int32Array,
  ): Promise<Int32Array>;
  repair(
    first: number,
    ef: number,
    rounds: number,
    threads: number,
    control: Int32Array,
  ): Promise<Int32Array>;
  setStragglers(nodes: Int32Array): void;
  nodes(): number;
  links(): Uint32Array;
  nodeOfRow(): Int32Array;
  restore(vectors: Float32Array, links: Uint32Array, nodeOf: Int32Array): Promise<void>;
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
