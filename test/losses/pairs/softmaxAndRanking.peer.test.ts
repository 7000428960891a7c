import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import type { PairPlan } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import * as angular from '../../../src/losses/pairs/angular.js';
import * as circle from '../../../src/losses/pairs/circle.js';
import * as dynamic from '../../../src/losses/pairs/dynamicSoftMargin.js';
import * as generalizedLifted from '../../../src/losses/pairs/generalizedLiftedStructure.js';
import * as lifted from '../../../src/losses/pairs/liftedStructure.js';
import * as multiSimilarity from '../../../src/losses/pairs/multiSimilarity.js';
import * as nca from '../../../src/losses/pairs/neighborhoodComponents.js';
import * as nPairs from '../../../src/losses/pairs/nPairs.js';
import * as ntXent from '../../../src/losses/pairs/ntXent.js';
import * as supCon from '../../../src/losses/pairs/supCon.js';
import * as tupletMargin from '../../../src/losses/pairs/tupletMargin.js';
import * as fastAp from '../../../src/losses/ranking/fastAp.js';
import * as histogram from '../../../src/losses/ranking/histogram.js';
import * as priorPairs from '../../../src/losses/ranking/priorPairs.js';
import * as smoothAp from '../../../src/losses/ranking/smoothAp.js';
import { REDUCERS, type ReducerName, reduceTerms } from '../../../src/losses/reducers.js';
import type { Compared, LossTerms } from '../../../src/losses/terms.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { expectClose, planOf } from './margins.js';
import { onEachRowPath } from './paths.js';

interface Batch {
  readonly embeddings: number[][];
  readonly labels: number[];
}
type Params = Readonly<Record<string, number>>;
interface Case {
  readonly loss: string;
  readonly params: Params & { readonly variant: priorPairs.PriorPairsVariant };
  readonly batch: 'unequal' | 'balanced';
  readonly mined: boolean;
  readonly value: number;
  readonly grad: number[][];
}
/** Values and gradients of the peer named in the file, in float64. */
const peer = JSON.parse(readFileSync('test/losses/pairs/softmaxAndRanking.json', 'utf8')) as {
  unequal: Batch;
  balanced: Batch;
  mined: { positives: [number, number][]; negatives: [number, number][] };
  cases: Case[];
  dynamicSteps: { value: number; grad: number[][] }[];
};
const reference = JSON.parse(readFileSync('test/reference/losses.json', 'utf8')) as {
  batch: Batch;
  labelled: { name: string; params: Case['params']; loss: number; grad: number[][] }[];
};

interface Subject {
  /** The loss under the options that the peer calls these. */
  readonly loss: (compared: Compared, params: Case['params'], e: tf.Tensor2D) => LossTerms;
  readonly reducer: ReducerName;
  readonly distance: string;
  /** In the file of all losses. */
  readonly referenceName?: string;
}

const norms = (e: tf.Tensor2D) => tf.sqrt(tf.sum(tf.square(e), 1)) as tf.Tensor1D;

const SUBJECTS: Readonly<Record<string, Subject>> = {
  ntXent: {
    loss: (compared, { temperature }) => ntXent.ntXentLoss(compared, { temperature }),
    reducer: ntXent.NT_XENT_REDUCER,
    distance: ntXent.NT_XENT_DISTANCE,
    referenceName: 'NTXentLoss',
  },
  supCon: {
    loss: (compared, { temperature }) => supCon.supConLoss(compared, { temperature }),
    reducer: supCon.SUP_CON_REDUCER,
    distance: supCon.SUP_CON_DISTANCE,
    referenceName: 'SupConLoss',
  },
  multiSimilarity: {
    loss: (compared, { alpha, beta, base }) =>
      multiSimilarity.multiSimilarityLoss(compared, { alpha, beta, base }),
    reducer: multiSimilarity.MULTI_SIMILARITY_REDUCER,
    distance: multiSimilarity.MULTI_SIMILARITY_DISTANCE,
    referenceName: 'MultiSimilarityLoss',
  },
  circle: {
    loss: (compared, { m, gamma }) => circle.circleLoss(compared, { m, gamma }),
    reducer: circle.CIRCLE_REDUCER,
    distance: circle.CIRCLE_DISTANCE,
    referenceName: 'CircleLoss',
  },
  tupletMargin: {
    loss: (compared, { margin, scale }) => tupletMargin.tupletMarginLoss(compared, { margin, scale }),
    reducer: tupletMargin.TUPLET_MARGIN_REDUCER,
    distance: tupletMargin.TUPLET_MARGIN_DISTANCE,
    referenceName: 'TupletMarginLoss',
  },
  liftedStructure: {
    loss: (compared, p) =>
      lifted.liftedStructureLoss(compared, { negMargin: p.neg_margin, posMargin: p.pos_margin }),
    reducer: lifted.LIFTED_STRUCTURE_REDUCER,
    distance: lifted.LIFTED_STRUCTURE_DISTANCE,
    referenceName: 'LiftedStructureLoss',
  },
  generalizedLiftedStructure: {
    loss: (compared, p) =>
      generalizedLifted.generalizedLiftedStructureLoss(compared, {
        negMargin: p.neg_margin,
        posMargin: p.pos_margin,
      }),
    reducer: generalizedLifted.GENERALIZED_LIFTED_STRUCTURE_REDUCER,
    distance: generalizedLifted.GENERALIZED_LIFTED_STRUCTURE_DISTANCE,
    referenceName: 'GeneralizedLiftedStructureLoss',
  },
  nPairs: {
    loss: (compared) => nPairs.nPairsLoss(compared),
    reducer: nPairs.N_PAIRS_REDUCER,
    distance: nPairs.N_PAIRS_DISTANCE,
    referenceName: 'NPairsLoss',
  },
  angular: {
    // The peer takes negatives as long as they are.
    loss: (compared, { alpha }, e) => angular.angularLoss(compared, { alpha, norms: norms(e) }),
    reducer: angular.ANGULAR_REDUCER,
    distance: angular.ANGULAR_DISTANCE,
    referenceName: 'AngularLoss',
  },
  neighborhoodComponents: {
    loss: (compared, p) => nca.neighborhoodComponentsLoss(compared, { softmaxScale: p.softmax_scale }),
    reducer: nca.NEIGHBORHOOD_COMPONENTS_REDUCER,
    distance: nca.NEIGHBORHOOD_COMPONENTS_DISTANCE,
  },
  fastAp: {
    loss: (compared, p) => fastAp.fastApLoss(compared, { bins: p.num_bins }),
    reducer: fastAp.FAST_AP_REDUCER,
    distance: fastAp.FAST_AP_DISTANCE,
    referenceName: 'FastAPLoss',
  },
  histogram: {
    loss: (compared, p) => histogram.histogramLoss(compared, { bins: p.n_bins }),
    reducer: histogram.HISTOGRAM_REDUCER,
    distance: histogram.HISTOGRAM_DISTANCE,
    referenceName: 'HistogramLoss',
  },
  smoothAp: {
    loss: (compared, { temperature }) => smoothAp.smoothApLoss(compared, { temperature }),
    reducer: smoothAp.SMOOTH_AP_REDUCER,
    distance: smoothAp.SMOOTH_AP_DISTANCE,
  },
  priorPairs: {
    loss: (compared, { variant, anneal, alpha, b }) =>
      priorPairs.priorPairsLoss(compared, { variant, anneal, alpha, b }),
    reducer: priorPairs.PRIOR_PAIRS_REDUCER,
    distance: priorPairs.PRIOR_PAIRS_DISTANCE,
  },
  dynamicSoftMargin: {
    loss: (compared, p) => {
      const margin = new dynamic.DynamicSoftMargin({ bins: p.num_bins, minValue: p.min_val });
      const terms = margin.loss(compared);
      margin.dispose();
      return terms;
    },
    reducer: dynamic.DYNAMIC_SOFT_MARGIN_REDUCER,
    distance: dynamic.DYNAMIC_SOFT_MARGIN_DISTANCE,
  },
};

/** Rows divided by their norms, to all digits of float32. */
const unit = (e: tf.Tensor2D) => tf.div(e, tf.reshape(norms(e), [-1, 1])) as tf.Tensor2D;

function comparedBy(distance: string, e: tf.Tensor2D, plan: PairPlan): Compared {
  const dim = e.shape[1];
  const between = (kind: 'cosine' | 'euclidean', x: tf.Tensor2D) => metricOn({ kind, dim }).pairwise(x, x);
  switch (distance) {
    case 'cosine':
      return { distances: between('cosine', e), plan, zero: 1 };
    case 'normalizedEuclidean':
      return { distances: between('euclidean', unit(e)), plan };
    case 'normalizedSquaredEuclidean':
      return { distances: tf.square(between('euclidean', unit(e))), plan };
    default:
      throw new Error(`no distance ${distance}`);
  }
}

function minedPlan(n: number): PairPlan {
  const mask = (pairs: [number, number][]) => {
    const values = new Float32Array(n * n);
    for (const [i, j] of pairs) values[i * n + j] = 1;
    return tf.tensor2d(values, [n, n]);
  };
  return { positives: mask(peer.mined.positives), negatives: mask(peer.mined.negatives) };
}

function expectPeer(
  subject: Subject,
  params: Case['params'],
  batch: Batch,
  mined: boolean,
  expected: { value: number; grad: number[][] },
): void {
  tf.tidy(() => {
    const plan = mined ? minedPlan(batch.labels.length) : planOf(batch.labels);
    const f = (e: tf.Tensor) => {
      const compared = comparedBy(subject.distance, e as tf.Tensor2D, plan);
      return reduceTerms(subject.loss(compared, params, e as tf.Tensor2D), REDUCERS[subject.reducer]);
    };
    const { value, grad } = tf.valueAndGrad(f)(tf.tensor2d(batch.embeddings));
    expectClose(value.dataSync()[0], grad.dataSync(), expected.value, expected.grad.flat());
  });
}

beforeAll(async () => {
  await openEngine();
});

const title = ({ loss, params, mined }: Case) => `${loss} ${JSON.stringify(params)}${mined ? ', mined' : ''}`;

onEachRowPath(() => {
  it.each(peer.cases.map((entry) => [title(entry), entry] as const))(
    '%s: values and gradients of the peer',
    (_, entry) => {
      expectPeer(SUBJECTS[entry.loss], entry.params, peer[entry.batch], entry.mined, entry);
    },
  );

  const named = Object.values(SUBJECTS).filter(({ referenceName }) => referenceName);
  it.each(named.map((subject) => [subject.referenceName, subject] as const))(
    '%s of the reference file',
    (name, subject) => {
      const entry = reference.labelled.find((row) => row.name === name);
      if (!entry) throw new Error(`no reference ${name}`);
      expectPeer(subject, entry.params, reference.batch, false, { value: entry.loss, grad: entry.grad });
    },
  );

  it('of the second batch of dynamicSoftMargin, at the momentum that the counts of the peer amount to', () => {
    const triplets = (labels: readonly number[]) =>
      labels.reduce((sum, a) => {
        const same = labels.filter((b) => b === a).length;
        return sum + (same - 1) * (labels.length - same);
      }, 0);
    const counted = 0.002 * triplets(peer.unequal.labels);
    const margin = new dynamic.DynamicSoftMargin({ momentum: counted / (1 - 0.002 + counted) });
    const subject: Subject = {
      loss: (compared) => margin.loss(compared),
      reducer: dynamic.DYNAMIC_SOFT_MARGIN_REDUCER,
      distance: dynamic.DYNAMIC_SOFT_MARGIN_DISTANCE,
    };
    const { params } = peer.cases[0];
    expectPeer(subject, params, peer.balanced, false, peer.dynamicSteps[0]);
    expectPeer(subject, params, peer.unequal, false, peer.dynamicSteps[1]);
    expect(margin.save().reduce((sum, share) => sum + share)).toBeCloseTo(1, 5);
    margin.dispose();
  });
});
