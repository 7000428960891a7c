import type * as tfjs from '../../src/engine/tf.js';
import * as gyrometric from '../../src/index.js';
import { clusters, quickConfig } from '../model/vectors/clusters.js';

const { metricOn, reducers, regularizers, tf } = gyrometric;

const COSINE = { kind: 'cosine', dim: 2 } as const;
const RELATION = { kind: 'labels', labels: Int32Array.of(0, 0, 1, 1) } as const;
const HEADS = [{ space: COSINE, temperature: 0.1 }] as const;
const metric = metricOn(COSINE);

type Use = (rows: tfjs.Tensor2D, plan: gyrometric.PairPlan) => tfjs.Tensor | undefined;

/** `use` of four rows, with its gradient where it gives something to differentiate. */
function onRows(use: Use): () => Promise<void> {
  return async () => {
    const x = tf.tensor2d([0.1, 0.2, 0.3, -0.2, -0.3, 0.4, -0.1, -0.2], [4, 2]);
    const plan = gyrometric.planOf(RELATION);
    const loss = (rows: tfjs.Tensor) =>
      tf.tidy(() => tf.sum(use(rows as tfjs.Tensor2D, plan) ?? tf.square(rows)) as tfjs.Scalar);
    const { value, grad } = tf.valueAndGrad(loss)(x);
    tf.dispose([x, plan.positives, plan.negatives, value, grad]);
  };
}

/** A loss of cosine distances, all its parts reduced by their mean. */
function onPairs(loss: (compared: gyrometric.Compared) => gyrometric.LossTerms): () => Promise<void> {
  return onRows((rows, plan) => {
    const compared = { distances: metric.pairwise(rows, rows), plan, zero: 1 };
    return reducers.reduceTerms(loss(compared), reducers.mean);
  });
}

const termsOf = (rows: tfjs.Tensor2D): gyrometric.Terms => ({
  values: tf.square(rows),
  counts: tf.fill(rows.shape, 1),
});
const byMean = (terms: gyrometric.Terms) => reducers.mean(terms);

function queueOfTwo(): gyrometric.MemoryQueue {
  const queue = new gyrometric.MemoryQueue({ capacity: 6, columns: 2 });
  tf.tidy(() => queue.enqueue({ embeddings: tf.fill([2, 2], 0.5), labels: tf.zeros([2], 'int32') }));
  return queue;
}

/** Every miner takes distances as tensors too. */
const mined = (
  miner: (distances: tfjs.Tensor2D, relation: gyrometric.BatchRelation) => gyrometric.Tuples,
): (() => Promise<void>) =>
  onRows((rows) => {
    miner(metric.pairwise(rows, rows), RELATION);
    return undefined;
  });

const rng = () => new gyrometric.Rng(1);

/** Every public function around losses that touches tensors. */
export const LOSS_CALLS: Readonly<Record<string, () => Promise<void>>> = {
  createLoss: onRows((embeddings) =>
    gyrometric.createLoss('TripletMarginLoss').evaluate({ embeddings, relation: RELATION }),
  ),
  hardContrastive: onPairs((compared) => gyrometric.hardContrastive(compared)),
  hardPairSoftmax: onRows((rows, plan) => {
    const logits = gyrometric.mixedLogits(HEADS, [rows]);
    return gyrometric.hardPairSoftmax(logits, plan, { weightLogits: logits });
  }),
  hardestNegatives: onRows((rows, plan) => {
    gyrometric.hardestNegatives(metric.pairwise(rows, rows), plan.negatives, 1);
    return undefined;
  }),
  combineHardest: onRows((rows, plan) => {
    const logits = gyrometric.mixedLogits(HEADS, [rows]);
    const chosen = gyrometric.combineHardest(plan, [logits, logits], { r: 1, combine: 'union' });
    return gyrometric.pairSoftmax(logits, chosen);
  }),
  negativesInWindow: onRows((rows, plan) => {
    const logits = gyrometric.mixedLogits(HEADS, [rows]);
    return gyrometric.pairSoftmax(logits, gyrometric.negativesInWindow(plan, logits, { low: 0.5, high: 1 }));
  }),
  debiasedContrastive: onPairs((compared) => gyrometric.debiasedContrastive(compared)),
  pairwiseCrossEntropy: onPairs((compared) => gyrometric.pairwiseCrossEntropy(compared)),
  similaritiesOf: onPairs((compared) => {
    const values = tf.square(gyrometric.similaritiesOf(compared));
    return { part: { values, counts: tf.fill(values.shape, 1) } };
  }),
  mixedLogits: onRows((rows) => gyrometric.mixedLogits(HEADS, [rows])),
  pairSoftmax: onRows((rows, plan) => gyrometric.pairSoftmax(gyrometric.mixedLogits(HEADS, [rows]), plan)),
  blockwisePairSoftmax: onRows((rows) => {
    const labels = tf.tensor1d(RELATION.labels, 'int32');
    return gyrometric.blockwisePairSoftmax(HEADS, [rows], gyrometric.blockPlanOfLabels(labels));
  }),
  blockPlanOfLabels: onRows(() => {
    gyrometric.blockPlanOfLabels(tf.tensor1d(RELATION.labels, 'int32'))(0, 2);
    return undefined;
  }),
  learnableHeads: async () => {
    const heads = gyrometric.learnableHeads([
      { name: 'flat', space: COSINE, temperature: { initial: 0.1, min: 0.01, max: 1 } },
    ]);
    const network = new gyrometric.Network([{ parameters: heads.parameters, batchNorms: [] }], rng());
    const { value, gradient } = network.gradient(
      (pass) => tf.sum(gyrometric.mixedLogits(heads.value(pass), [tf.fill([2, 2], 0.5)])) as tfjs.Scalar,
    );
    tf.dispose([value, gradient]);
    network.dispose();
  },
  selfSupervised: onRows((rows) => {
    const [first, second] = tf.split(rows, 2) as tfjs.Tensor2D[];
    return gyrometric.selfSupervised(metric, first, second).distances;
  }),
  multipleLosses: onRows((rows, plan) => {
    const loss = (compared: gyrometric.Compared) => gyrometric.pairwiseCrossEntropy(compared);
    const compared = { distances: metric.pairwise(rows, rows), plan };
    return gyrometric.multipleLosses({ one: { loss, reducer: reducers.mean } }, compared).total;
  }),
  crossBatchMemory: async () => {
    const queue = queueOfTwo();
    const loss: gyrometric.PairLoss = ({ distances, plan }) => ({
      near: { values: tf.mul(distances, plan.positives), counts: plan.positives },
    });
    await onRows((embeddings) => {
      const batch = { embeddings, labels: tf.tensor1d(RELATION.labels, 'int32') };
      return reducers.reduceTerms(gyrometric.crossBatchMemory(loss, metric, queue, batch), reducers.mean);
    })();
    queue.dispose();
  },
  pairsOfLabels: onRows(() => {
    gyrometric.pairsOfLabels(gyrometric.tf.tensor1d([0, 0, 1, 1], 'int32'));
    return undefined;
  }),
  planOfViewPairs: onRows(() => {
    gyrometric.planOfViewPairs(2, 2);
    return undefined;
  }),
  viewPairs: onRows((rows) => {
    gyrometric.viewPairs(metric.pairwise(rows, rows), 2);
    return undefined;
  }),
  planOf: onRows(() => {
    tf.dispose(Object.values(gyrometric.planOf({ kind: 'views', items: 2 })));
    return undefined;
  }),
  planOfTuples: onRows(() => {
    const pairs = [Int32Array.of(0), Int32Array.of(1)] as const;
    const plan = gyrometric.planOfTuples({ kind: 'pairs', positives: pairs, negatives: pairs }, 4, 4);
    tf.dispose(Object.values(plan));
    return undefined;
  }),

  angularMiner: mined((d, relation) => gyrometric.angularMiner(d, relation)),
  distanceWeightedMiner: mined((d, relation) =>
    gyrometric.distanceWeightedMiner(d, relation, { rng: rng(), space: { kind: 'chord', dim: 2 } }),
  ),
  hdcMiner: mined((d, relation) => gyrometric.hdcMiner(d, relation)),
  uniformHistogramMiner: mined((d, relation) =>
    gyrometric.uniformHistogramMiner(d, relation, { rng: rng() }),
  ),
  batchHardMiner: mined((d, relation) => gyrometric.batchHardMiner(d, relation)),
  batchEasyHardMiner: mined((d, relation) => gyrometric.batchEasyHardMiner(d, relation)),
  multiSimilarityMiner: mined((d, relation) => gyrometric.multiSimilarityMiner(d, relation)),
  pairMarginMiner: mined((d, relation) => gyrometric.pairMarginMiner(d, relation)),
  tripletMarginMiner: mined((d, relation) => gyrometric.tripletMarginMiner(d, relation)),

  'reducers.mean': onRows((rows) => byMean(termsOf(rows))),
  'reducers.sum': onRows((rows) => reducers.sum(termsOf(rows))),
  'reducers.avgNonZero': onRows((rows) => reducers.avgNonZero(termsOf(rows))),
  'reducers.divisor': onRows((rows) => reducers.divisor(termsOf(rows), { divisor: tf.scalar(2) })),
  'reducers.classWeighted': onRows((rows) =>
    reducers.classWeighted(termsOf(rows), { classWeights: tf.tensor1d([1, 2, 3, 4]) }),
  ),
  'reducers.threshold': onRows((rows) => reducers.threshold({ low: 0.01, high: 1 })(termsOf(rows))),
  'reducers.perAnchor': onRows((rows) => reducers.perAnchor()(termsOf(rows))),
  'reducers.reduceTerms': onRows((rows) => reducers.reduceTerms({ part: termsOf(rows) }, reducers.sum)),
  'reducers.unreduced': onRows((rows) => reducers.unreduced({ part: termsOf(rows) })['part']),
  'regularizers.lpNorm': onRows((rows) => byMean(regularizers.lpNorm(rows))),
  'regularizers.radius': onRows((rows) => byMean(regularizers.radius(rows, gyrometric.poincareBall(2, -1)))),
  'regularizers.centerInvariant': onRows((rows) => byMean(regularizers.centerInvariant(rows))),
  'regularizers.zeroMean': onRows((rows) => byMean(regularizers.zeroMean(rows))),
  'regularizers.regularFace': onRows((rows) =>
    byMean(regularizers.regularFace({ distances: metric.pairwise(rows, rows), zero: 1 })),
  ),
  'regularizers.sparseCenters': onRows((rows) =>
    byMean(regularizers.sparseCenters(metric.pairwise(rows, rows), 2, 2)),
  ),

  trainVectors: async () => {
    const data = clusters(60, 3);
    const config = gyrometric.resolveVectorConfig(quickConfig(), { items: 60, classes: 3 });
    const parts = gyrometric.splitVectors(data.classes, config.data, rng());
    const { model } = await gyrometric.trainVectors(config, data, parts, { score: async () => 1 });
    model.dispose();
  },
  trainPlacement: async () => {
    const tree = gyrometric.treeOf(['root', 'a', 'b'], Int32Array.of(-1, 0, 0));
    const vectors = { data: Float32Array.of(0, 0, 1, 0, 0, 1), rows: 3, columns: 2 };
    const inputs = { data: Float32Array.of(1, 0, 0, 1), rows: 2, columns: 2 };
    const coded = { tree, space: { kind: 'euclidean', dim: 2 } as const, vectors };
    const items = { inputs, nodes: Int32Array.of(1, 2), edges: Int32Array.of(1, 1) };
    await gyrometric.trainPlacement(coded, items, { steps: 2, items: 2, warmup: 1, hidden: 4 });
  },
};
