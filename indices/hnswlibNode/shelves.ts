import { expectation, UsageError } from '../../src/core/errors.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { type Ball, ballOf } from '../bands/ball.js';
import { type BandPlan, bandOf, planBands } from '../bands/bands.js';
import { searchBands } from '../bands/searchBands.js';
import type { IndexSettings } from '../vectorIndex.js';
import type { HnswlibNode } from './library.js';
import { Shelf } from './shelf.js';

/** Exact distances of rows to the query. */
type Measure = (rows: readonly number[]) => ArrayLike<number>;

/** The graphs of one index. */
export interface Shelves {
  add(vector: Float32Array, row: number): void;
  hide(vector: Float32Array, row: number): void;
  /** Rows with their exact distances, the k nearest among them as far as they were found. */
  nearest(
    query: Float32Array,
    k: number,
    ef: number,
    measure: Measure,
    allowed: ReadonlySet<number> | undefined,
  ): Promise<Map<number, number>>;
}

/** Candidates beyond k: the package's float32 sums rank near ties wrongly. */
const SPARE = 8;

/** @throws UsageError for a space whose order of neighbours the package cannot find */
export function openShelves(
  space: Space,
  settings: IndexSettings,
  library: HnswlibNode,
  bandWidth: number | undefined,
): Shelves {
  const ball = ballOf(space);
  if (ball) return bandShelves(ball, planBands(ball.c, bandWidth), settings, library);
  return flatShelf(new Shelf(library, measureOf(space), columnsOf(space), settings));
}

function measureOf(space: Space): 'l2' | 'ip' | 'cosine' {
  if (space.kind === 'euclidean' || space.kind === 'sphere') return 'l2';
  if (space.kind === 'innerProduct') return 'ip';
  if (space.kind === 'cosine') return 'cosine';
  const kinds = 'a euclidean, sphere, cosine, innerProduct or hyperbolic space';
  throw new UsageError(
    expectation('engine "hnswlib-node" space', kinds, space.kind, 'use the engine "hnsw"'),
  );
}

function flatShelf(shelf: Shelf): Shelves {
  return {
    add: (vector, row) => shelf.add(vector, row),
    hide: (_, row) => shelf.hide(row),
    async nearest(query, k, ef, measure, allowed) {
      const { rows } = shelf.nearest([...query], k + SPARE, ef, allowed && ((row) => allowed.has(row)));
      const distances = measure(rows);
      return new Map(rows.map((row, i) => [row, distances[i]]));
    },
  };
}

function bandShelves(ball: Ball, plan: BandPlan, settings: IndexSettings, library: HnswlibNode): Shelves {
  const shelves = new Map<number, Shelf>();
  const sizes = new Map<number, number>();
  const shelfOf = (vector: Float32Array): Shelf => {
    const band = bandOf(plan, ball.radius(vector));
    const there = shelves.get(band);
    if (there) return there;
    const fresh = new Shelf(library, 'l2', ball.columns, settings);
    shelves.set(band, fresh);
    return fresh;
  };
  const change = (vector: Float32Array, act: (shelf: Shelf) => void) => {
    const shelf = shelfOf(vector);
    act(shelf);
    sizes.set(bandOf(plan, ball.radius(vector)), shelf.size);
  };
  return {
    add: (vector, row) => change(vector, (shelf) => shelf.add(ball.place(vector), row)),
    hide: (vector, row) => change(vector, (shelf) => shelf.hide(row)),
    nearest(query, k, ef, measure, allowed) {
      const place = [...ball.place(query)];
      return searchBands({
        plan,
        sizes,
        radius: ball.radius(query),
        k,
        rounding: ball.rounding,
        measure,
        ask(band, count) {
          const shelf = shelves.get(band) as Shelf;
          const { rows, distances } = shelf.nearest(place, count, ef, allowed && ((row) => allowed.has(row)));
          return { rows, farthest: Math.sqrt(distances.at(-1) ?? 0) };
        },
      });
    },
  };
}
