import { expectation, UsageError } from '../../core/errors.js';
import { Rng } from '../../core/rng.js';
import type { Space } from '../../core/space.js';
import type { ParameterSpec } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { normalizeRows } from '../../manifolds/cosine.js';
import { metricOn } from '../../manifolds/manifoldOn.js';
import * as softmax from '../classification/proxySoftmax.js';
import * as angular from '../pairs/angular.js';
import * as centroid from '../pairs/centroidTriplet.js';
import type { ContrastiveOptions } from '../pairs/contrastive.js';
import * as dynamic from '../pairs/dynamicSoftMargin.js';
import * as walks from '../pairs/manifoldLoss.js';
import * as margin from '../pairs/margin.js';
import * as nPairs from '../pairs/nPairs.js';
import * as noise from '../pairs/signalToNoise.js';
import * as triplet from '../pairs/tripletMargin.js';
import * as views from '../pairs/vicReg.js';
import type { ReducerName } from '../reducers.js';
import type { LossTerms } from '../terms.js';
import type { LossBatch } from './metricLoss.js';
import { compare, distancesIn, planFor, type StandardDistance } from './standardDistance.js';
import { trainablePoints } from './trainablePoints.js';

/** Options of the losses that need more than distances and pairs: coordinates, classes, triplets or a state. */
export interface TupleLossOptions {
  readonly AngularLoss: Partial<Pick<angular.AngularOptions, 'alpha'>>;
  readonly CentroidTripletLoss: Partial<centroid.CentroidTripletOptions>;
  readonly DynamicSoftMarginLoss: Partial<dynamic.DynamicSoftMarginOptions>;
  readonly InstanceLoss: softmax.InstanceOptions;
  readonly ManifoldLoss: Partial<walks.ManifoldOptions> & {
    /** Proxies, k >= 2; each stands for about n / k items of a batch, drawn anew. */
    readonly proxies: number;
    /** Of their first values and of the draws. Default 1. */
    readonly seed?: number;
  };
  readonly MarginLoss: Partial<Omit<margin.MarginOptions, 'beta'>> & {
    /** The boundary, at the start where it is learned. Default 1.2. */
    readonly beta?: number;
    /** Default: a constant. 'class' wants `classes` in the setting. */
    readonly learnBeta?: 'one' | 'class';
  };
  readonly NPairsLoss: Readonly<Record<string, never>>;
  readonly SignalToNoiseRatioContrastiveLoss: Partial<ContrastiveOptions>;
  readonly TripletMarginLoss: Partial<triplet.TripletMarginOptions>;
  readonly VICRegLoss: Partial<views.VicRegOptions>;
}

export type TupleLossName = keyof TupleLossOptions;

export interface TupleSetting {
  /** Of the embeddings; absent: the distance that the loss was published with. */
  readonly space: Space | undefined;
  readonly classes: number | undefined;
  readonly columns: number | undefined;
}

/** A loss made once and evaluated on many batches. */
export interface TupleLoss {
  readonly reducer: ReducerName;
  readonly parameters?: readonly ParameterSpec[];
  readonly compute: (batch: LossBatch, parameters: ReadonlyMap<string, tf.Tensor>) => LossTerms;
  /** Of what it keeps between batches. */
  readonly dispose?: () => void;
}

const NORMALIZED: StandardDistance = 'normalizedEuclidean';
/** The root of 0 has no gradient. */
const SMALL_SQUARE = 1e-12;

export const TUPLE_LOSSES: {
  readonly [N in TupleLossName]: (options: TupleLossOptions[N], setting: TupleSetting) => TupleLoss;
} = {
  AngularLoss: (options, { space }) => ({
    reducer: angular.ANGULAR_REDUCER,
    compute: (batch) => {
      const compared = compare(batch, space ?? angular.ANGULAR_DISTANCE, 'AngularLoss');
      // The best known form takes cosines, but negatives as long as they come.
      if (space) return angular.angularLoss(compared, options);
      const squares = tf.sum(tf.square(batch.embeddings), 1);
      const norms = tf.sqrt(tf.maximum(squares, SMALL_SQUARE)) as tf.Tensor1D;
      return angular.angularLoss(compared, { ...options, norms });
    },
  }),

  CentroidTripletLoss: (options, { space }) => ({
    reducer: centroid.CENTROID_TRIPLET_REDUCER,
    compute: (batch) => {
      requireOwn(batch, 'CentroidTripletLoss');
      const plan = planFor(batch, 'CentroidTripletLoss');
      const points = space ? batch.embeddings : normalizeRows(batch.embeddings);
      const metric = metricOn(space ?? { kind: 'euclidean', dim: points.shape[1] });
      return centroid.centroidTripletLoss(points, plan, metric, options);
    },
  }),

  DynamicSoftMarginLoss: (options, { space }) => {
    const state = new dynamic.DynamicSoftMargin(options);
    return {
      reducer: dynamic.DYNAMIC_SOFT_MARGIN_REDUCER,
      compute: (batch) =>
        state.loss(compare(batch, space ?? dynamic.DYNAMIC_SOFT_MARGIN_DISTANCE, 'DynamicSoftMarginLoss')),
      dispose: () => state.dispose(),
    };
  },

  InstanceLoss: (options, { space }) => ({
    reducer: softmax.INSTANCE_REDUCER,
    compute: (batch) => {
      requireOwn(batch, 'InstanceLoss');
      const labels = labelsOf(batch, 'InstanceLoss');
      if (!space) return softmax.instance({ embeddings: batch.embeddings, labels }, options);
      return softmax.instance(
        { ...distancesIn(space, batch.embeddings, undefined, 'InstanceLoss'), labels },
        options,
      );
    },
  }),

  ManifoldLoss: ({ proxies, seed = 1, ...options }, { space, columns }) => {
    const rng = new Rng(seed).split('ManifoldLoss');
    const trained = trainablePoints('proxies', proxies, space, requireGiven(columns, 'ManifoldLoss columns'));
    return {
      reducer: walks.MANIFOLD_REDUCER,
      parameters: [trained.spec],
      compute: (batch, parameters) => {
        requireOwn(batch, 'ManifoldLoss');
        const proxyOf = walks.drawProxies(batch.embeddings.shape[0], proxies, rng);
        const points = trained.points(parameterOf(parameters, 'proxies', 'ManifoldLoss') as tf.Tensor2D);
        const all = tf.concat([batch.embeddings, points]) as tf.Tensor2D;
        const compared = distancesIn(space ?? 'cosine', all, undefined, 'ManifoldLoss');
        return walks.manifoldLoss(compared, proxyOf, options);
      },
    };
  },

  MarginLoss: ({ learnBeta, beta = margin.MARGIN_DEFAULTS.beta as number, ...options }, setting) => {
    const { space, classes } = setting;
    const shape = learnBeta === 'class' ? [requireGiven(classes, 'MarginLoss classes')] : [1];
    const spec = {
      name: 'beta',
      shape,
      initial: (_: Rng, size: number) => new Float32Array(size).fill(beta),
    };
    const boundary = (batch: LossBatch, parameters: ReadonlyMap<string, tf.Tensor>) => {
      if (!learnBeta) return beta;
      const learned = parameterOf(parameters, 'beta', 'MarginLoss');
      if (learnBeta === 'one') return tf.reshape(learned, []) as tf.Scalar;
      return tf.gather(learned, tf.tensor1d(labelsOf(batch, 'MarginLoss'), 'int32')) as tf.Tensor1D;
    };
    return {
      reducer: margin.MARGIN_REDUCER,
      parameters: learnBeta ? [spec] : [],
      compute: (batch, parameters) =>
        margin.marginLoss(compare(batch, space ?? NORMALIZED, 'MarginLoss'), {
          ...options,
          beta: boundary(batch, parameters),
        }),
    };
  },

  NPairsLoss: (_, { space }) => ({
    reducer: nPairs.N_PAIRS_REDUCER,
    compute: (batch) => {
      const pairs = batch.tuples ? undefined : firstPairs(batch);
      const own = space ?? nPairs.N_PAIRS_DISTANCE;
      if (!pairs) return nPairs.nPairsLoss(compare(batch, own, 'NPairsLoss'));
      // Of each class one pair counts: nothing else needs to be compared.
      const rows = tf.tensor1d([...pairs.anchors, ...pairs.positives], 'int32');
      const [x, y] = tf.split(tf.gather(batch.embeddings, rows), 2) as tf.Tensor2D[];
      const { distances } = distancesIn(own, x, y, 'NPairsLoss');
      return nPairs.nPairsOf(distances, pairs.anchors, batch.embeddings.shape[0]);
    },
  }),

  SignalToNoiseRatioContrastiveLoss: (options, { space }) => {
    refuseSpace(space, 'SignalToNoiseRatioContrastiveLoss');
    return {
      reducer: noise.SIGNAL_TO_NOISE_REDUCER,
      compute: (batch) => {
        const plan = planFor(batch, 'SignalToNoiseRatioContrastiveLoss');
        const [x, y] = [batch.embeddings, batch.references ?? batch.embeddings].map(normalizeRows);
        return noise.signalToNoiseContrastiveLoss(x, plan, options, y);
      },
    };
  },

  TripletMarginLoss: (options, { space }) => ({
    reducer: triplet.TRIPLET_MARGIN_REDUCER,
    compute: (batch) => {
      const { tuples } = batch;
      const mined = tuples?.kind === 'triplets' ? { triplets: tuples } : {};
      return triplet.tripletMarginLoss(compare(batch, space ?? NORMALIZED, 'TripletMarginLoss'), {
        ...options,
        ...mined,
      });
    },
  }),

  VICRegLoss: (options, { space }) => {
    refuseSpace(space, 'VICRegLoss');
    return {
      reducer: views.VIC_REG_REDUCER,
      compute: ({ embeddings, references }) => {
        if (references) return views.vicRegLoss(embeddings, references, options);
        throw new UsageError(
          expectation('VICRegLoss', 'references', undefined, 'pass the other views there'),
        );
      },
    };
  },
};

/** The first two items of each class; undefined where no class has two, or classes are not what is known. */
function firstPairs({
  embeddings,
  references,
  relation,
}: LossBatch): { anchors: Int32Array; positives: Int32Array } | undefined {
  if (references || relation.kind !== 'labels' || relation.labels.length !== embeddings.shape[0])
    return undefined;
  const pairs = new Map<number, number[]>();
  for (let i = 0; i < relation.labels.length; i++) {
    const rows = pairs.get(relation.labels[i]);
    if (!rows) pairs.set(relation.labels[i], [i]);
    else if (rows.length === 1) rows.push(i);
  }
  const whole = [...pairs.values()].filter((rows) => rows.length === 2);
  if (whole.length === 0) return undefined;
  const column = (k: number) => Int32Array.from(whole, (rows) => rows[k]);
  return { anchors: column(0), positives: column(1) };
}

/** The class of each item. @throws UsageError for a relation that is no labels */
export function labelsOf({ relation }: LossBatch, who: string): Int32Array {
  if (relation.kind === 'labels') return Int32Array.from(relation.labels);
  throw new UsageError(expectation(`${who} relation`, 'labels', relation.kind, 'this loss needs classes'));
}

/** @throws UsageError for a batch compared with references, which this loss has no use for */
export function requireOwn({ references }: LossBatch, who: string): void {
  if (!references) return;
  throw new UsageError(
    expectation(`${who} references`, 'none', references.shape, 'compare the batch with itself'),
  );
}

/** A parameter's tensor. @throws UsageError where it is missing */
export function parameterOf(
  parameters: ReadonlyMap<string, tf.Tensor>,
  name: string,
  who: string,
): tf.Tensor {
  const found = parameters.get(name);
  if (found) return found;
  const remedy = 'pass the views of FlatParameters(loss.parameters)';
  throw new UsageError(expectation(`${who} parameters`, name, [...parameters.keys()], remedy));
}

/** @throws UsageError for a setting that was left out */
export function requireGiven(value: number | undefined, who: string): number {
  if (value !== undefined) return value;
  throw new UsageError(expectation(who, 'a whole number', undefined, 'pass it to createLoss'));
}

function refuseSpace(space: Space | undefined, who: string): void {
  if (!space) return;
  throw new UsageError(expectation(`${who} space`, 'none', space.kind, 'this loss reads coordinates'));
}
