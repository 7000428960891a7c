import { requireLength } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { PairProduct } from '../../symmetry/so3/pairProduct.js';
import { coupled } from './channelProducts.js';
import { type PlanTables, planTables } from './productTables.js';

/** A product of two signals with its constant tables. */
export interface PairTables {
  readonly forward: PlanTables;
  readonly toFirst: PlanTables;
  readonly toSecond: PlanTables;
  dispose(): void;
}

export function pairTables(product: PairProduct): PairTables {
  const tables = {
    forward: planTables(product.forward),
    toFirst: planTables(product.toFirst),
    toSecond: planTables(product.toSecond),
  };
  return {
    ...tables,
    dispose() {
      for (const each of Object.values(tables)) each.dispose();
    },
  };
}

/**
 * Clebsch-Gordan products of two signals, column by column: rows [(l + 1)², columns] of each -> [rows of the product,
 * columns]. Differentiable once in both.
 * @throws ShapeError for different numbers of columns
 */
export function pairProducts(tables: PairTables, first: tf.Tensor2D, second: tf.Tensor2D): tf.Tensor2D {
  requireLength(second.shape[1], first.shape[1], 'pairProducts columns of the second signal');
  const op = tf.customGrad((...args) => {
    const [a, b] = args as unknown as [tf.Tensor2D, tf.Tensor2D];
    const save = args[2] as unknown as tf.GradSaveFunc;
    save([a, b]);
    return {
      value: coupled(tables.forward, a, b),
      gradFunc: (dy: tf.Tensor, [savedA, savedB]: tf.Tensor[]) => [
        coupled(tables.toFirst, dy as tf.Tensor2D, savedB as tf.Tensor2D),
        coupled(tables.toSecond, dy as tf.Tensor2D, savedA as tf.Tensor2D),
      ],
    };
  });
  return op(first, second) as tf.Tensor2D;
}

/**
 * Products of every channel with every channel: rows [(l + 1)², channels, batch] -> [rows of the product, channels²,
 * batch], the second channel running fastest. @param tables of a pairProduct of the signal's degree with itself
 */
export function fullProducts(tables: PairTables, x: tf.Tensor3D): tf.Tensor3D {
  return tf.tidy(() => {
    const [rows, channels, batch] = x.shape;
    const pairs = [rows, channels, channels, batch];
    const flat = [rows, channels * channels * batch] as [number, number];
    const first = tf.broadcastTo(tf.reshape(x, [rows, channels, 1, batch]), pairs);
    const second = tf.broadcastTo(tf.reshape(x, [rows, 1, channels, batch]), pairs);
    const products = pairProducts(
      tables,
      tf.reshape(first, flat) as tf.Tensor2D,
      tf.reshape(second, flat) as tf.Tensor2D,
    );
    return tf.reshape(products, [-1, channels * channels, batch]) as tf.Tensor3D;
  });
}
