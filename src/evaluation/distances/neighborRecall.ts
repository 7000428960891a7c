import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import type { Matrix, Matrix32 } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import { leaveOneOutNeighbors } from '../neighbors.js';

/** Points whose neighbours are watched while codes are trained. */
export interface WatchedPoints {
  /** [n, columnsOf(inputSpace)] */
  readonly inputs: Matrix;
  /** Codes of the same rows as the model makes them now: [n, columnsOf(codeSpace)]. */
  readonly codes: () => Promise<Matrix> | Matrix;
}

export interface NeighborRecallPoint {
  readonly step: number;
  /** By the name of the points: mean share of the k nearest inputs among the k nearest codes, 0..1. */
  readonly recall: Readonly<Record<string, number>>;
}

export interface NeighborRecallOptions {
  readonly inputSpace: Space;
  readonly codeSpace: Space;
  /** Default 10. */
  readonly k?: number;
}

/** Asks whether points that are near as inputs are near as codes, as often as it is told to look. */
export interface NeighborRecallMonitor {
  /** Every look so far, ascending by step. */
  readonly history: readonly NeighborRecallPoint[];
  look(step: number): Promise<NeighborRecallPoint>;
}

/**
 * A monitor for training: neighbour recall of training and of test points. Neighbours of inputs are searched once; a look
 * costs the codes and an exact search among them. Give it a thousand or two of each.
 * @param watched by name, for instance { train, test }
 * @throws UsageError for k that some of the points are too few for; ShapeError, DomainError for rows that are no points of
 *   their space, at the first look
 */
export function neighborRecallMonitor(
  watched: Readonly<Record<string, WatchedPoints>>,
  { inputSpace, codeSpace, k = 10 }: NeighborRecallOptions,
): NeighborRecallMonitor {
  for (const [name, { inputs }] of Object.entries(watched)) {
    requireInteger(k, 1, `neighborRecallMonitor k of ${name}`, inputs.rows - 1);
  }
  const history: NeighborRecallPoint[] = [];
  const known = new Map<string, Int32Array>();
  return {
    history,
    async look(step) {
      const last = history.at(-1)?.step ?? -1;
      if (!(step > last)) {
        const remedy = 'look at later steps after earlier ones';
        throw new UsageError(expectation('neighborRecallMonitor step', `more than ${last}`, step, remedy));
      }
      const recall: Record<string, number> = {};
      for (const [name, { inputs, codes }] of Object.entries(watched)) {
        let near = known.get(name);
        if (!near) {
          near = (await leaveOneOutNeighbors(inputSpace, single(inputs), k)).rows;
          known.set(name, near);
        }
        const now = await codes();
        if (now.rows !== inputs.rows) {
          const remedy = 'make the codes of the same rows';
          throw new ShapeError(
            expectation(`neighborRecallMonitor codes of ${name}`, `${inputs.rows} rows`, now.rows, remedy),
          );
        }
        recall[name] = sharedShare(near, (await leaveOneOutNeighbors(codeSpace, single(now), k)).rows, k);
      }
      const point = { step, recall };
      history.push(point);
      return point;
    },
  };
}

/** Searches work on float32. */
function single({ data, rows, columns }: Matrix): Matrix32 {
  return { data: data instanceof Float32Array ? data : Float32Array.from(data), rows, columns };
}

function sharedShare(a: Int32Array, b: Int32Array, k: number): number {
  let shared = 0;
  for (let from = 0; from < a.length; from += k) {
    const near = b.subarray(from, from + k);
    for (const j of a.subarray(from, from + k)) if (near.includes(j)) shared++;
  }
  return shared / a.length;
}
