import { requireFinite, requireInteger } from '../../core/checks.js';
import { DomainError, expectation, ShapeError, UsageError } from '../../core/errors.js';
import type { Matrix } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import { floatsOf } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import { metricOn } from '../../manifolds/manifoldOn.js';
import { treeDistances } from '../../sampling/treeDistances.js';
import { type OrbitDistanceOptions, tensorOrbitDistance } from './orbitDistance.js';

/** Items whose distances a penalty wants codes to keep. */
export interface TargetBatch {
  /** [n, columns], as the encoder takes them */
  readonly rows: tf.Tensor2D;
  /** Which item each row is: its row in a table or its node in a tree. Targets of the rows alone do without. */
  readonly items?: ArrayLike<number>;
}

/** The distance that codes shall keep. Dispose of it when done: some keep tables on the device. */
export interface TargetDistance {
  readonly name: string;
  /** Distances of all items of a batch, [n, n], >= 0. Call inside tidy. @throws UsageError where it needs items */
  pairwise(batch: TargetBatch): tf.Tensor2D;
  dispose(): void;
}

const nothing = (): void => {};

/**
 * Distances of the rows in any space: {kind: 'euclidean'}, {kind: 'cosine'} for 1 - cos, a product.
 * @throws ShapeError for rows of other columns; and as the space's distances
 */
export function spaceTarget(space: Space): TargetDistance {
  const metric = metricOn(space);
  return { name: space.kind, pairwise: ({ rows }) => metric.pairwise(rows, rows), dispose: nothing };
}

/** Distance of images as they are turned to fit best: `tensorOrbitDistance`. */
export function orbitTarget(options: OrbitDistanceOptions): TargetDistance {
  const orbit = tensorOrbitDistance(options);
  return { name: 'orbit', pairwise: ({ rows }) => orbit.pairwise(rows), dispose: () => orbit.dispose() };
}

/**
 * Distances from a table of all items, as `graphDistances` makes one; only those of the batch go to the device.
 * @param table [items, items], symmetric, finite
 * @throws ShapeError unless square, DomainError naming a row that is not finite; UsageError for an item that is not there
 */
export function tableTarget(name: string, table: Matrix): TargetDistance {
  const { data, rows: count, columns } = table;
  if (count !== columns) {
    const remedy = 'measure from every item';
    throw new ShapeError(expectation(`${name} table`, 'a square table', `${count} x ${columns}`, remedy));
  }
  requireFinite(data, columns, `${name} table`);
  return {
    name,
    pairwise(batch) {
      const items = itemsOf(name, batch);
      for (let i = 0; i < items.length; i++) requireInteger(items[i], 0, `${name} item`, count - 1);
      const n = items.length;
      const values = new Float32Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) values[i * n + j] = data[items[i] * count + items[j]];
      }
      return tf.tensor2d(values, [n, n]);
    },
    dispose: nothing,
  };
}

/** Edges between nodes of a tree, over their lowest common ancestor. @param parents -1 at the root @throws as treeDistances */
export function treeTarget(parents: Int32Array): TargetDistance {
  return {
    name: 'tree',
    pairwise(batch) {
      const nodes = itemsOf('tree', batch);
      const { data, rows } = treeDistances({ kind: 'tree', parents, nodes, positiveWithin: 0 });
      return tf.tensor2d(Float32Array.from(data), [rows, rows]);
    },
    dispose: nothing,
  };
}

/**
 * A distance of your own, in tensors. What it gives is looked at once, in its first batch.
 * @throws ShapeError unless it gives [n, n]; DomainError naming the first row that holds a value that is not >= 0
 */
export function customTarget(name: string, pairwise: (batch: TargetBatch) => tf.Tensor2D): TargetDistance {
  let looked = false;
  return {
    name,
    pairwise(batch) {
      const distances = pairwise(batch);
      const [n] = batch.rows.shape;
      if (distances.shape.join() !== `${n},${n}`) {
        throw new ShapeError(
          expectation(`${name} distances`, `${n} x ${n}`, distances.shape.join(' x '), 'compare all rows'),
        );
      }
      if (!looked) requireDistances(name, floatsOf(distances), n);
      looked = true;
      return distances;
    },
    dispose: nothing,
  };
}

function itemsOf(name: string, { rows, items }: TargetBatch): ArrayLike<number> {
  const [n] = rows.shape;
  if (items?.length === n) return items;
  const remedy = 'say which item each row is';
  throw new UsageError(
    expectation(`${name} target items`, `${n}, one a row`, items?.length ?? 'none', remedy),
  );
}

function requireDistances(name: string, values: Float32Array, n: number): void {
  const at = values.findIndex((d) => !(d >= 0));
  if (at < 0) return;
  const remedy = 'give distances >= 0';
  throw new DomainError(
    expectation(`${name} distances row ${Math.floor(at / n)}`, 'numbers >= 0', values[at], remedy),
  );
}
