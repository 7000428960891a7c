import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { gradsOnOwnTape } from '../../engine/ownTape.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { Curvature } from '../../manifolds/manifold.js';
import type { Curvatures } from '../../manifolds/manifoldOn.js';
import { anchorValues, softmaxOfAnchors } from './anchorValues.js';
import { type MixedHead, mixedLogits, requireItems, type Scale } from './mixedLogits.js';

/** Masks of the anchors [from, from + rows) against all references, [rows, m]. Called inside tidy, once a block. */
export type BlockPlan = (from: number, rows: number) => PairPlan;

/** The rows of `pairsOfLabels`. @param labels [n], int32; to be kept as long as the plan is used */
export function blockPlanOfLabels(labels: tf.Tensor1D): BlockPlan {
  const n = labels.shape[0];
  return (from, rows) => {
    const anchors = tf.reshape(tf.slice(labels, [from], [rows]), [rows, 1]);
    const same = tf.cast(tf.equal(anchors, tf.reshape(labels, [1, n])), 'float32') as tf.Tensor2D;
    const index = tf.reshape(tf.range(from, from + rows, 1, 'int32'), [rows, 1]);
    const self = tf.cast(tf.equal(index, tf.reshape(tf.range(0, n, 1, 'int32'), [1, n])), 'float32');
    return { positives: tf.sub(same, self), negatives: tf.sub(1, same) };
  };
}

export interface BlockwiseOptions {
  /** One a head, [m, columns]. Default: the embeddings. */
  readonly references?: readonly tf.Tensor2D[];
  /** >= 1. Default 256. */
  readonly rowsPerBlock?: number;
}

/**
 * `pairSoftmax` of `mixedLogits` without an [n, m] array: value and gradient to embeddings, references and learned
 * scalars are those of the full form, while memory is O(rowsPerBlock m) beside the inputs and their gradients. An anchor's
 * softmax lies within its block, so each block is gone through once: what is kept for the backward pass are the
 * gradients, computed with the value. A value alone costs the same. Once differentiable.
 * @param embeddings one a head, [n, columns]
 * @returns scalar, nats, >= 0; 0 with gradient 0 when the plan has no positive pair
 * @throws as mixedLogits; UsageError for rowsPerBlock, ShapeError for masks of another shape than [rows, m]
 */
export function blockwisePairSoftmax(
  heads: readonly MixedHead[],
  embeddings: readonly tf.Tensor2D[],
  plan: BlockPlan,
  { references, rowsPerBlock = 256 }: BlockwiseOptions = {},
): tf.Scalar {
  requireInteger(rowsPerBlock, 1, 'blockwisePairSoftmax rowsPerBlock');
  requireItems(heads, embeddings, references ?? embeddings);
  const scalars = heads.flatMap(scalarsOf);
  const inputs = [...embeddings, ...(references ?? []), ...scalars];
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const given = args as tf.Tensor[];
    const from = given.slice(0, heads.length) as tf.Tensor2D[];
    const to = (references ? given.slice(heads.length, 2 * heads.length) : from) as tf.Tensor2D[];
    const learned = given.slice(given.length - scalars.length) as tf.Scalar[];
    const { value, gradients } = overBlocks({ heads, from, to, learned, plan, rowsPerBlock });
    const toAnchors = gradients.slice(0, heads.length);
    const toReferences = gradients.slice(heads.length, 2 * heads.length);
    const points = references
      ? [...toAnchors, ...toReferences]
      : toAnchors.map((gradient, h) => tf.add(gradient, toReferences[h]));
    save([...points, ...gradients.slice(2 * heads.length)]);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved.map((g) => tf.mul(g, dy)) };
  });
  return tf.tidy(() => op(...inputs) as tf.Scalar);
}

interface Work {
  readonly heads: readonly MixedHead[];
  readonly from: readonly tf.Tensor2D[];
  readonly to: readonly tf.Tensor2D[];
  readonly learned: readonly tf.Scalar[];
  readonly plan: BlockPlan;
  readonly rowsPerBlock: number;
}

/** The loss and its gradients to from, to and learned, in this order. */
function overBlocks(work: Work): { value: tf.Scalar; gradients: tf.Tensor[] } {
  const { heads, from, rowsPerBlock } = work;
  const n = from[0].shape[0];
  const anchors: tf.Tensor[][] = heads.map(() => []);
  let sums: tf.Tensor[] = [];
  // One block at least, so that wrong shapes are refused and the gradients exist without rows too.
  for (let start = 0; start < Math.max(n, 1); start += rowsPerBlock) {
    const { toAnchors, toSum } = tf.scope(() => blockOf(work, start, Math.min(rowsPerBlock, n - start)));
    for (const [h, gradient] of toAnchors.entries()) anchors[h].push(gradient);
    const before = sums;
    sums = before.length === 0 ? toSum : tf.tidy(() => toSum.map((t, i) => tf.add(before[i], t)));
    if (before.length > 0) tf.dispose([before, toSum]);
  }
  const [total, count, ...rest] = sums;
  const share = tf.div(1, tf.maximum(count, 1));
  const gradients = [...anchors.map((parts) => tf.concat(parts, 0)), ...rest];
  return { value: tf.mul(total, share), gradients: gradients.map((g) => tf.mul(g, share)) };
}

interface Block {
  /** One a head, [rows, columns]. */
  readonly toAnchors: tf.Tensor[];
  /** Added up over blocks: loss, number of positives, then the gradients to references and scalars. */
  readonly toSum: tf.Tensor[];
}

function blockOf({ heads, from, to, learned, plan }: Work, start: number, rows: number): Block {
  const masks = plan(start, rows);
  requireMasks(masks, rows, to[0].shape[0]);
  const anchors = from.map((x) => tf.slice(x, [start, 0], [rows, x.shape[1]]));
  let total: tf.Tensor | undefined;
  const loss = (...given: tf.Tensor[]) => {
    const xs = given.slice(0, heads.length) as tf.Tensor2D[];
    const ys = given.slice(heads.length, 2 * heads.length) as tf.Tensor2D[];
    const scalars = given.slice(2 * heads.length).values() as IterableIterator<tf.Scalar>;
    const now = heads.map((head) => withScalars(head, () => scalars.next().value as tf.Scalar));
    const values = anchorValues(mixedLogits(now, xs, ys), (s) => softmaxOfAnchors(s, masks));
    const sum = tf.sum(values);
    total = tf.keep(tf.clone(sum));
    return sum;
  };
  // Clones, because a tensor that is passed twice would be given the sum of both gradients twice.
  const gradients = gradsOnOwnTape(
    loss,
    [...anchors, ...to, ...learned].map((t) => tf.clone(t)),
  );
  const value = tf.clone(total as unknown as tf.Tensor);
  (total as unknown as tf.Tensor).dispose();
  const count = tf.sum(masks.positives);
  return {
    toAnchors: gradients.slice(0, heads.length),
    toSum: [value, count, ...gradients.slice(heads.length)],
  };
}

function requireMasks({ positives, negatives }: PairPlan, rows: number, m: number): void {
  for (const { shape } of [positives, negatives]) {
    if (shape[0] === rows && shape[1] === m) continue;
    const remedy = 'give the masks of the rows that were asked for';
    throw new ShapeError(expectation('blockwisePairSoftmax plan', `[${rows}, ${m}]`, shape, remedy));
  }
}

const isTensor = (value: Scale | Curvature | undefined): value is tf.Scalar => typeof value === 'object';

function curvatureList(curvature: Curvatures | undefined): readonly Curvature[] {
  if (curvature === undefined) return [];
  return (Array.isArray(curvature) ? curvature : [curvature]) as readonly Curvature[];
}

/** What is a tensor of a head's temperature, weight and curvatures, in this order. */
function scalarsOf({ temperature, weight, curvature }: MixedHead): tf.Scalar[] {
  return [temperature, weight, ...curvatureList(curvature)].filter(isTensor);
}

/** The head with its tensors replaced, in the order of `scalarsOf`. */
function withScalars(head: MixedHead, next: () => tf.Scalar): MixedHead {
  const temperature = isTensor(head.temperature) ? next() : head.temperature;
  const weight = isTensor(head.weight) ? next() : head.weight;
  const curvatures = curvatureList(head.curvature).map((K) => (isTensor(K) ? next() : K));
  const curvature = Array.isArray(head.curvature) ? curvatures : curvatures[0];
  return {
    ...{ space: head.space, temperature },
    ...(weight === undefined ? {} : { weight }),
    ...(curvature === undefined ? {} : { curvature }),
  };
}
