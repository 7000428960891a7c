import * as tf from '../../engine/tf.js';
import { type Classes, entriesAlone, entriesAt, withEntries } from './classes.js';

/**
 * What a margin makes of the similarity s of an item to its own class: f(s) and df/ds, [n, 1] each (a slope may be a
 * number). Neither needs a gradient.
 */
export type Margin = (own: tf.Tensor2D) => {
  readonly value: tf.Tensor2D;
  readonly slope: tf.Tensor2D | number;
};

/** f and its slope for one item on the host, from the squared chord 2 - 2 s, which keeps the digits of small angles. */
export type PointMargin = (squaredChord: number) => { readonly value: number; readonly slope: number };

/** f(s) = s - margin. */
export function lowered(margin: number): Margin {
  return (own) => ({ value: tf.sub(own, margin) as tf.Tensor2D, slope: 1 });
}

export interface MarginOptions {
  readonly margin: Margin;
  /** What turns similarities into logits, > 0: a number, or [n, 1] with a gradient. */
  readonly scale: number | tf.Tensor2D;
}

/**
 * Cross-entropy of each item's own class, with z_y = scale f(own logit / scale) in place of its own logit:
 * log Σ_j exp z_j - z_y. Value and gradient in closed form, once differentiable. Call inside tidy.
 * @param logits  [n, k], scale x similarity
 * @param options absent: no margin, f(s) = s
 * @returns       [n], nats; >= 0. NaN for an item whose class does not exist.
 */
export function marginCrossEntropy(
  logits: tf.Tensor2D,
  classes: Classes,
  options?: MarginOptions,
): tf.Tensor1D {
  const { cells, known } = classes;
  const scale = options?.scale ?? 1;
  const op = tf.customGrad((...args) => {
    const save = args[args.length - 1] as unknown as tf.GradSaveFunc;
    const l = args[0] as tf.Tensor2D;
    const a = typeof scale === 'number' ? scale : (args[1] as tf.Tensor2D);
    const own = entriesAt(l, cells);
    const moved = options && withMargin(own, a, options.margin);
    // As the sum rounds it, so that no value is below 0.
    const target = moved ? tf.add(own, moved.shift) : own;
    const z = moved ? tf.add(l, entriesAlone(moved.shift, cells, l.shape[1])) : l;
    const top = tf.max(z, 1, true);
    const powers = tf.exp(tf.sub(z, top));
    const sum = tf.sum(powers, 1, true);
    const total = known ? tf.mul(sum, known) : sum;
    const value = tf.add(tf.sub(top, target), tf.log(total));
    const missed = tf.sub(tf.div(tf.exp(tf.sub(target, top)), total), 1);
    // What a forward pass was given may be freed before the backward pass unless it is saved.
    const saved = [powers, total, tf.clone(cells), moved ? tf.mul(missed, moved.slope) : missed];
    if (moved) saved.push(tf.mul(missed, moved.toScale));
    save(saved);
    const gradFunc = (dy: tf.Tensor, [sPowers, sTotal, sCells, sOwn, sToScale]: tf.Tensor[]) => {
      const rows = tf.reshape(dy, [-1, 1]);
      const spread = tf.mul(sPowers, tf.div(rows, sTotal)) as tf.Tensor2D;
      const toLogits = withEntries(spread, sCells as tf.Tensor2D, tf.mul(rows, sOwn));
      return typeof scale === 'number' ? toLogits : [toLogits, tf.mul(rows, sToScale)];
    };
    return { value: tf.reshape(value, [-1]), gradFunc };
  });
  return op(...(typeof scale === 'number' ? [logits] : [logits, scale])) as tf.Tensor1D;
}

/** z_y - l_y with z_y = a f(l_y / a), dz_y/dl_y and dz_y/da; a = 0, a row of zeros, has z_y = 0. */
function withMargin(own: tf.Tensor2D, a: number | tf.Tensor2D, margin: Margin) {
  const similarity = (typeof a === 'number' ? tf.mul(own, 1 / a) : tf.divNoNan(own, a)) as tf.Tensor2D;
  const { value, slope } = margin(similarity);
  return {
    shift: tf.sub(tf.mul(value, a), own) as tf.Tensor2D,
    slope,
    toScale: tf.sub(value, tf.mul(similarity, slope)),
  };
}
