import { expectation, ShapeError } from '../../core/errors.js';
import type * as tf from '../../engine/tf.js';

/** Axes after that of the items. @throws ShapeError unless they are these */
export function requireColumns(x: tf.Tensor, expected: readonly number[], who: string): void {
  if (x.shape.slice(1).join() === expected.join()) return;
  const want = `[n, ${expected.join(', ')}]`;
  throw new ShapeError(expectation(who, want, `[${x.shape.join(', ')}]`, "check the encoder's features"));
}

/** @throws ShapeError unless x is [n, k, dim] with k >= least */
export function requireVectors(x: tf.Tensor, least: number, dim: number, who: string): void {
  if (x.rank === 3 && (x.shape[1] as number) >= least && x.shape[2] === dim) return;
  const want = `[n, ${least} vectors or more, ${dim}]`;
  throw new ShapeError(expectation(who, want, `[${x.shape.join(', ')}]`, "check the encoder's features"));
}
