import { fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { Terms } from '../terms.js';
import { above } from './anchorOp.js';
import { type ComparedPairs, fusedTerms } from './fusedTerms.js';
import { type HingeParts, hingeParts } from './hingeParts.js';

/** Which side of the threshold costs something: distances beyond it, or distances within it. */
export type Side = 'beyond' | 'within';

/** Σ over the mask of how far each distance is on the wrong side of the threshold: [n, m], a value a pair. */
export function hinge(distances: tf.Tensor2D, mask: tf.Tensor2D, threshold: number, side: Side): Terms {
  const sign = side === 'beyond' ? 1 : -1;
  const op = tf.customGrad((...args) => {
    const [d, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const excess = side === 'beyond' ? tf.sub(d, threshold) : tf.sub(threshold, d);
    save([tf.mul(above(excess, 0), mask)]);
    const gradFunc = (dy: tf.Tensor, [wrong]: tf.Tensor[]) => tf.mul(tf.mul(dy, wrong), sign);
    return { value: tf.mul(tf.relu(excess), mask), gradFunc };
  });
  return { values: op(distances), counts: mask };
}

/** Up to where positives, and from where on negatives cost nothing. */
export interface Thresholds {
  readonly positive: number;
  readonly negative: number;
}

/** The hinges of positives beyond their threshold and of negatives within theirs; a value a pair. */
export function hinges(compared: ComparedPairs, { positive, negative }: Thresholds): HingeParts {
  const { distances, plan } = compared;
  const kernels = fused('rows');
  return hingeParts(
    plan,
    {
      positive: () => hinge(distances, plan.positives, positive, 'beyond'),
      negative: () => hinge(distances, plan.negatives, negative, 'within'),
    },
    kernels && (() => fusedTerms(kernels, 'hinges', compared, { near: positive, far: negative })),
  );
}
