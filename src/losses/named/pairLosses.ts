import * as circle from '../pairs/circle.js';
import * as contrastive from '../pairs/contrastive.js';
import * as generalizedLifted from '../pairs/generalizedLiftedStructure.js';
import * as intraPairVariance from '../pairs/intraPairVariance.js';
import * as lifted from '../pairs/liftedStructure.js';
import * as multiSimilarity from '../pairs/multiSimilarity.js';
import * as nca from '../pairs/neighborhoodComponents.js';
import * as ntXent from '../pairs/ntXent.js';
import * as rankedList from '../pairs/rankedList.js';
import * as supCon from '../pairs/supCon.js';
import * as thresholds from '../pairs/thresholdConsistentMargin.js';
import * as tuplet from '../pairs/tupletMargin.js';
import * as fastAp from '../ranking/fastAp.js';
import * as histogram from '../ranking/histogram.js';
import * as priorPairs from '../ranking/priorPairs.js';
import * as smoothAp from '../ranking/smoothAp.js';
import type { ReducerName } from '../reducers.js';
import type { Compared, LossTerms } from '../terms.js';
import type { StandardDistance } from './standardDistance.js';

/** Options of the losses that see nothing but distances and pairs. */
export interface PairLossOptions {
  readonly CircleLoss: Partial<circle.CircleOptions>;
  readonly ContrastiveLoss: Partial<contrastive.ContrastiveOptions>;
  readonly FastAPLoss: Partial<fastAp.FastApOptions>;
  readonly GeneralizedLiftedStructureLoss: Partial<lifted.LiftedStructureOptions>;
  readonly HistogramLoss: Partial<histogram.HistogramOptions>;
  readonly IntraPairVarianceLoss: Partial<intraPairVariance.IntraPairVarianceOptions>;
  readonly LiftedStructureLoss: Partial<lifted.LiftedStructureOptions>;
  readonly MultiSimilarityLoss: Partial<multiSimilarity.MultiSimilarityOptions>;
  readonly NCALoss: Partial<nca.NeighborhoodComponentsOptions>;
  readonly NTXentLoss: Partial<ntXent.NtXentOptions>;
  readonly PNPLoss: Partial<priorPairs.PriorPairsOptions>;
  readonly RankedListLoss: rankedList.RankedListOptions;
  readonly SmoothAPLoss: Partial<smoothAp.SmoothApOptions>;
  readonly SupConLoss: Partial<supCon.SupConOptions>;
  readonly ThresholdConsistentMarginLoss: Partial<thresholds.ThresholdConsistentMarginOptions>;
  readonly TupletMarginLoss: Partial<tuplet.TupletMarginOptions>;
}

export type PairLossName = keyof PairLossOptions;

export interface PairLossDefinition<Options> {
  /** What it was published with, where no space is given. */
  readonly distance: StandardDistance;
  readonly reducer: ReducerName;
  readonly compute: (compared: Compared, options: Options) => LossTerms;
}

export const PAIR_LOSSES: { readonly [N in PairLossName]: PairLossDefinition<PairLossOptions[N]> } = {
  CircleLoss: {
    distance: circle.CIRCLE_DISTANCE,
    reducer: circle.CIRCLE_REDUCER,
    compute: circle.circleLoss,
  },
  ContrastiveLoss: {
    distance: 'normalizedEuclidean',
    reducer: contrastive.CONTRASTIVE_REDUCER,
    compute: contrastive.contrastiveLoss,
  },
  FastAPLoss: {
    distance: fastAp.FAST_AP_DISTANCE,
    reducer: fastAp.FAST_AP_REDUCER,
    compute: fastAp.fastApLoss,
  },
  GeneralizedLiftedStructureLoss: {
    distance: generalizedLifted.GENERALIZED_LIFTED_STRUCTURE_DISTANCE,
    reducer: generalizedLifted.GENERALIZED_LIFTED_STRUCTURE_REDUCER,
    compute: generalizedLifted.generalizedLiftedStructureLoss,
  },
  HistogramLoss: {
    distance: histogram.HISTOGRAM_DISTANCE,
    reducer: histogram.HISTOGRAM_REDUCER,
    compute: histogram.histogramLoss,
  },
  IntraPairVarianceLoss: {
    distance: 'cosine',
    reducer: intraPairVariance.INTRA_PAIR_VARIANCE_REDUCER,
    compute: intraPairVariance.intraPairVarianceLoss,
  },
  LiftedStructureLoss: {
    distance: lifted.LIFTED_STRUCTURE_DISTANCE,
    reducer: lifted.LIFTED_STRUCTURE_REDUCER,
    compute: lifted.liftedStructureLoss,
  },
  MultiSimilarityLoss: {
    distance: multiSimilarity.MULTI_SIMILARITY_DISTANCE,
    reducer: multiSimilarity.MULTI_SIMILARITY_REDUCER,
    compute: multiSimilarity.multiSimilarityLoss,
  },
  NCALoss: {
    distance: nca.NEIGHBORHOOD_COMPONENTS_DISTANCE,
    reducer: nca.NEIGHBORHOOD_COMPONENTS_REDUCER,
    compute: nca.neighborhoodComponentsLoss,
  },
  NTXentLoss: {
    distance: ntXent.NT_XENT_DISTANCE,
    reducer: ntXent.NT_XENT_REDUCER,
    compute: ntXent.ntXentLoss,
  },
  PNPLoss: {
    distance: priorPairs.PRIOR_PAIRS_DISTANCE,
    reducer: priorPairs.PRIOR_PAIRS_REDUCER,
    compute: priorPairs.priorPairsLoss,
  },
  RankedListLoss: {
    distance: 'normalizedEuclidean',
    reducer: rankedList.RANKED_LIST_REDUCER,
    compute: rankedList.rankedListLoss,
  },
  SmoothAPLoss: {
    distance: smoothAp.SMOOTH_AP_DISTANCE,
    reducer: smoothAp.SMOOTH_AP_REDUCER,
    compute: smoothAp.smoothApLoss,
  },
  SupConLoss: {
    distance: supCon.SUP_CON_DISTANCE,
    reducer: supCon.SUP_CON_REDUCER,
    compute: supCon.supConLoss,
  },
  ThresholdConsistentMarginLoss: {
    distance: 'cosine',
    reducer: thresholds.THRESHOLD_CONSISTENT_MARGIN_REDUCER,
    compute: thresholds.thresholdConsistentMarginLoss,
  },
  TupletMarginLoss: {
    distance: tuplet.TUPLET_MARGIN_DISTANCE,
    reducer: tuplet.TUPLET_MARGIN_REDUCER,
    compute: tuplet.tupletMarginLoss,
  },
};
