import { requireNumber, requirePositive } from '../../core/checks.js';
import { type ClassCall, type FusedKernels, fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { DividedTerms } from '../reducers.js';
import { type Classes, entriesAlone, entriesAt, hostLabels, withEntries } from './classes.js';
import { type HostTerms, termsOfSimilarities } from './hostLogits.js';
import { zerosFrom } from './itemTerms.js';
import { type Classified, similaritiesTo, sizesOf } from './similarities.js';

export interface ProxyAnchorOptions {
  /** δ, in the unit of similarity, finite: positives should be nearer than it, negatives farther than -δ. */
  readonly margin?: number;
  /** Factor of similarity and margin, > 0. */
  readonly alpha?: number;
}
export const PROXY_ANCHOR_DEFAULTS = { margin: 0.1, alpha: 32 } as const;
export const PROXY_ANCHOR_REDUCER = 'divisor';

/** Added to the exponent of an item that is no negative of a proxy; exp of it is 0 in float32. */
const EXCLUDED = -1e9;

/**
 * Each proxy is an anchor: log(1 + Σ exp(-α(s - δ))) over the items of its class, divided by the number of classes that
 * have items, and log(1 + Σ exp(α(s + δ))) over all others, divided by the number of classes. s is the cosine, or
 * zero - distance. Gradient in closed form, once differentiable.
 * @returns values [k], a class each, nats
 * @throws ShapeError for shapes that do not belong together, DomainError for labels or options out of range
 * @source Kim et al. 2020, arXiv:2003.13911, eq. 4
 */
export function proxyAnchor(
  input: Classified,
  options: ProxyAnchorOptions = {},
): { readonly positive: DividedTerms; readonly negative: DividedTerms } {
  const { margin, alpha } = { ...PROXY_ANCHOR_DEFAULTS, ...options };
  requireNumber(margin, 'proxyAnchor margin');
  requirePositive(alpha, 'proxyAnchor alpha');
  const { n, k } = sizesOf(input, 'proxyAnchor');
  const { terms, sizes } = anchorsOf(input, alpha, alpha * margin);
  const [positive, negative] = tf.split(terms, 2);
  const occurs = tf.step(sizes);
  return {
    positive: { values: tf.reshape(positive, [k]), counts: occurs, divisor: tf.sum(occurs) as tf.Scalar },
    negative: {
      values: tf.reshape(negative, [k]),
      counts: tf.step(tf.sub(n, sizes)),
      divisor: tf.scalar(k),
    },
  };
}

/** The terms [2, k] and the items of each class [k]: by the fused kernels where they are, else on tensors. */
function anchorsOf(input: Classified, alpha: number, margin: number): { terms: tf.Tensor; sizes: tf.Tensor } {
  const { n, k } = sizesOf(input, 'proxyAnchor');
  const kernels = fused('classes');
  if (n === 0) return { terms: zerosFrom(input, [2, k]), sizes: tf.fill([k], 0) };
  if (!kernels) {
    const { scaled, classes } = similaritiesTo(input, alpha, 'proxyAnchor');
    const sizes = itemsOf(classes.index, tf.fill([n], 1), k);
    return { terms: anchorTerms(scaled, classes, margin), sizes };
  }
  const labels = hostLabels(input.labels);
  const terms = termsOfSimilarities(kernels, input, alpha, [2, k], (logits) =>
    hostAnchors(kernels, { logits, labels, classes: k }, margin),
  );
  const sizes = new Float32Array(k);
  for (const label of labels) sizes[Math.min(Math.max(label, 0), k - 1)]++;
  return { terms, sizes: tf.tensor1d(sizes) };
}

/** `anchorTerms` on the host, which writes into the logits. */
function hostAnchors({ terms }: FusedKernels['classes'], call: ClassCall, margin: number): HostTerms {
  const { values, totals } = terms.anchorSums(call, margin);
  const pull = (dy: Float32Array) => {
    const shares = dy.map((pulled, j) => (j < call.classes ? -pulled : pulled) / totals[j]);
    terms.scaleEntries(call, shares.subarray(0, call.classes), shares.subarray(call.classes));
    return { entries: call.logits };
  };
  return { values, pull };
}

/** Sums of the items' numbers over each class: [n] -> [k]. */
function itemsOf(index: tf.Tensor1D, numbers: tf.Tensor, k: number): tf.Tensor1D {
  const n = index.size;
  return tf.scatterND(tf.reshape(index, [n, 1]), tf.reshape(numbers, [n]), [k]) as tf.Tensor1D;
}

/** [2, k]: the positive and the negative term of each proxy, from α s [n, k] and α δ. */
function anchorTerms(scaled: tf.Tensor2D, classes: Classes, margin: number): tf.Tensor2D {
  const [n, k] = scaled.shape;
  const { index, cells, known } = classes;
  const op = tf.customGrad((...args) => {
    const [l, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const own = entriesAt(l, cells);
    // An item whose class does not exist makes a term NaN.
    const lack = tf.sub(margin, known ? tf.mul(own, known) : own) as tf.Tensor2D;
    const near = shifted(tf.relu(tf.max(entriesAlone(lack, cells, k), 0)));
    const nearPowers = tf.exp(tf.sub(lack, tf.gather(tf.reshape(near.top, [k, 1]), index)));
    const nearTotal = tf.add(itemsOf(index, nearPowers, k), near.one);

    const others = tf.add(l, entriesAlone(tf.fill([n, 1], EXCLUDED), cells, k));
    const far = shifted(tf.relu(tf.add(tf.max(others, 0), margin)));
    const farPowers = tf.exp(tf.sub(others, tf.sub(far.top, margin)));
    const farTotal = tf.add(tf.sum(farPowers, 0), far.one);

    save([tf.clone(cells), tf.clone(index), nearPowers, nearTotal, farPowers, farTotal]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [sCells, sIndex, sNear, sNearTotal, sFar, sFarTotal] = saved;
      const [toNear, toFar] = tf.split(dy, 2);
      const perItem = tf.gather(
        tf.div(tf.reshape(toNear, [k, 1]), tf.reshape(sNearTotal, [k, 1])),
        sIndex as tf.Tensor1D,
      );
      const repelled = tf.mul(sFar, tf.div(toFar, tf.reshape(sFarTotal, [1, k]))) as tf.Tensor2D;
      return withEntries(repelled, sCells as tf.Tensor2D, tf.neg(tf.mul(perItem, sNear)));
    };
    const values = [tf.add(near.top, tf.log(nearTotal)), tf.add(far.top, tf.log(farTotal))];
    return { value: tf.concat(values.map((value) => tf.reshape(value, [1, k]))), gradFunc };
  });
  return op(scaled) as tf.Tensor2D;
}

/** The largest exponent of a sum that begins with exp 0, and what that 1 becomes when all are lowered by it. */
function shifted(top: tf.Tensor): { top: tf.Tensor; one: tf.Tensor } {
  return { top, one: tf.exp(tf.neg(top)) };
}
