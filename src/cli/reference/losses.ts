import { openEngine } from '../../engine/openEngine.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { hardContrastive } from '../../losses/contrastive/hardContrastive.js';
import { pairSoftmax } from '../../losses/contrastive/pairSoftmax.js';
import { mean } from '../../losses/reducers.js';
import { cosineSpace } from '../../manifolds/cosine.js';
import { poincareBall } from '../../manifolds/poincare.js';
import { pairsOfLabels } from '../../sampling/pairs.js';
import { noteLine } from '../output.js';
import type { Recompute, Tolerance } from './compare.js';
import type { Format } from './format.js';
import { numberAt, rowsAt } from './inputs.js';
import { recomputeLabelled } from './labelledLosses.js';
import type { JsonObject } from './leaves.js';

const VALUE: Tolerance = { value: 1e-5, relativeTo: 'each' };
const GRADIENT: Tolerance = { value: 1e-4, relativeTo: 'largest' };

/** losses.json: values and gradients of losses, ours in float32 on the tensor engine. */
export const losses: Format = {
  shape: {
    inputs: [
      ...['c', 'tauE', 'tauH', 'lambda_', 'e0', 'e1', 'h0', 'h1', 'beta', 'tauPlus', 'temperature'],
      ...['batch', 'params', 'parameterShapes'],
    ],
    // One gradient for each of e0, e1, h0, h1.
    lists: ['grads'],
  },
  prepare: async () => {
    await openEngine({ onNotice: noteLine });
    return recompute;
  },
  toleranceOf: ({ key }) => (key === 'loss' ? VALUE : GRADIENT),
};

const recompute: Recompute = (leaf) =>
  leaf.quantity.startsWith('pairwise.') ? recomputePairwise(leaf) : recomputeLabelled(leaf);

const recomputePairwise: Recompute = ({ quantity, key, index, owners }) => {
  const kind = /^pairwise\.(euclidean|hyperbolic|hypmix|hcl)\.(loss|grads)$/.exec(quantity)?.[1];
  if (kind === undefined) return undefined;
  const { loss, grads } =
    kind === 'hcl' ? hardContrastiveLoss(owners[1], owners[2]) : pairwiseLoss(owners[1], kind);
  return key === 'loss' ? [loss] : grads[index];
};

interface LossAndGradients {
  readonly loss: number;
  /** In the views: e0, e1, h0 and h1, or e0 and e1; each [n * dim]. */
  readonly grads: readonly Float32Array[];
}

/**
 * The published pairwise loss on two views of n items: logits e·e / tauE ("euclidean"), -d(h, h) / tauH ("hyperbolic"),
 * or the first plus lambda times the second ("hypmix"). Ours has 1 - e·e for e·e: the softmax does not see a constant.
 */
function pairwiseLoss(given: JsonObject, kind: string): LossAndGradients {
  const views = ['e0', 'e1', 'h0', 'h1'].map((key) => rowsAt(given, key));
  const perE = kind === 'hyperbolic' ? 0 : -1 / numberAt(given, 'tauE');
  const share = { euclidean: 0, hypmix: numberAt(given, 'lambda_') }[kind] ?? 1;
  const perH = -share / numberAt(given, 'tauH');
  const flat = cosineSpace(views[0][0].length);
  const ball = poincareBall(views[2][0].length, -numberAt(given, 'c'));
  return withGradients(views, ([e0, e1, h0, h1]) => {
    const e = tf.concat([e0, e1]);
    const h = tf.concat([h0, h1]);
    const logits = tf.add(tf.mul(flat.pairwise(e, e), perE), tf.mul(ball.pairwise(h, h), perH));
    return pairSoftmax(logits as tf.Tensor2D, twoViews(views[0].length));
  });
}

/** HCL of two views with cosine similarity: every item of both is an anchor, whose positive is its other view. */
function hardContrastiveLoss(given: JsonObject, options: JsonObject): LossAndGradients {
  const views = [rowsAt(given, 'e0'), rowsAt(given, 'e1')];
  const [beta, tauPlus, temperature] = ['beta', 'tauPlus', 'temperature'].map((key) =>
    numberAt(options, key),
  );
  const metric = cosineSpace(views[0][0].length);
  return withGradients(views, ([e0, e1]) => {
    const e = tf.concat([e0, e1]);
    const plan = pairsOfLabels(itemsOfViews(views[0].length));
    const compared = { distances: metric.pairwise(e, e), plan, zero: 1 };
    return mean(hardContrastive(compared, { beta, tauPlus, temperature })['positives']);
  });
}

function withGradients(
  views: readonly number[][][],
  loss: (views: readonly tf.Tensor2D[]) => tf.Scalar,
): LossAndGradients {
  return tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads((...inputs) => loss(inputs as tf.Tensor2D[]))(
      views.map((rows) => tf.tensor2d(rows)),
    );
    return { loss: value.dataSync()[0], grads: grads.map((grad) => grad.dataSync() as Float32Array) };
  });
}

/** Anchors are the items of the first view; each has its positive in the second and its negatives in both. */
function twoViews(n: number): PairPlan {
  const { positives, negatives } = pairsOfLabels(itemsOfViews(n));
  const inFirstView = tf.concat([tf.ones([n, 1]), tf.zeros([n, 1])]);
  return { positives: tf.mul(positives, inFirstView), negatives };
}

/** [2n]: which item each row of the first view, then of the second, is. */
function itemsOfViews(n: number): tf.Tensor1D {
  return tf.tile(tf.range(0, n, 1, 'int32'), [2]);
}
