import { type MixedHead, normalizeRows, poincareBall, tf } from '../../src/index.js';
import type { Arm, BallSetting, CosineSetting, Feeding, HeadSetting } from './settings.js';

/** c r² of a point of the ball at most (1 - BALL_EDGE)², beyond which float32 cannot tell distances. */
const BALL_EDGE = 1e-3;

/** Some heads of an arm, and how they get their points from its outputs. */
export interface Reading {
  readonly heads: readonly HeadSetting[];
  readonly feeding: Feeding;
  readonly ownMaps: boolean;
  readonly dim: number;
}

/** As the arm trains. */
export function trainedReading({ heads, feeding = 'unit', ownMaps = false }: Arm, dim: number): Reading {
  return { heads, feeding, ownMaps, dim };
}

/** Columns of the outputs. */
export function outputColumns(arm: Arm, dim: number): number {
  return arm.ownMaps ? 2 * dim : dim;
}

export const isCosine = (head: HeadSetting): head is CosineSetting => head.space === 'cosine';
export const isBall = (head: HeadSetting): head is BallSetting => head.space === 'poincare';

/** The heads as the losses and logits know them. */
export function mixedHeads({ heads, dim }: Reading): MixedHead[] {
  return heads.map((head) => ({
    space: isCosine(head) ? { kind: 'cosine', dim } : { kind: 'poincare', dim, curvature: head.curvature },
    temperature: head.temperature,
    weight: head.weight ?? 1,
  }));
}

/** Points of each head. @param outputs [n, outputColumns]; with maps of their own the first half is the cosine's */
export function pointsOf(outputs: tf.Tensor2D, { heads, feeding, ownMaps, dim }: Reading): tf.Tensor2D[] {
  const [flat, curved] = (ownMaps ? tf.split(outputs, 2, 1) : [outputs, outputs]) as tf.Tensor2D[];
  return heads.map((head) =>
    isCosine(head)
      ? normalizeRows(flat)
      : poincareBall(dim, head.curvature).exp0(tangentOf(curved, feeding, head.curvature)),
  );
}

/**
 * Outputs -> tangent vectors at the ball's origin. A clip beyond what the ball has room for in float32, tanh⁻¹(.999) / √c,
 * is that: 12 at c = .1, 3.8 at c = 1.
 */
function tangentOf(outputs: tf.Tensor2D, feeding: Feeding, curvature: number): tf.Tensor2D {
  if (feeding === 'unit') return normalizeRows(outputs);
  const clip = clipOf(feeding, curvature);
  const v = tf.mul(outputs, feeding.scale);
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(v), 1, true), 1e-10));
  return tf.mul(v, tf.minimum(tf.div(clip, norm), 1));
}

/** Largest norm of a tangent vector. */
export function clipOf({ clip }: Exclude<Feeding, 'unit'>, curvature: number): number {
  return Math.min(clip, Math.atanh(1 - BALL_EDGE) / Math.sqrt(-curvature));
}
