import type { LossName } from '../../../src/index.js';

/** A loss and its options on both sides. */
export interface Case {
  readonly name: LossName;
  readonly ours: Readonly<Record<string, unknown>>;
  readonly peer: Readonly<Record<string, unknown>>;
  /** It has a state or vectors of its own, other ones on each side: values differ, work does not. */
  readonly drawn?: boolean;
}

const own = (name: LossName, ours = {}, peer = {}, drawn = false): Case => ({ name, ours, peer, drawn });

/** All losses by the names they have in the peer. Options are the defaults of both but where there are none. */
export function casesFor(classes: number, columns: number): Case[] {
  const sizes = { num_classes: classes, embedding_size: columns };
  const vectors = (name: LossName) => own(name, {}, sizes, true);
  return [
    own('AngularLoss'),
    vectors('ArcFaceLoss'),
    own('CircleLoss'),
    own('ContrastiveLoss'),
    vectors('CosFaceLoss'),
    // Its histogram remembers the batches before.
    own('DynamicSoftMarginLoss', {}, {}, true),
    own('FastAPLoss', {}, { num_bins: 10 }),
    own('GeneralizedLiftedStructureLoss'),
    own('HistogramLoss', {}, { n_bins: 100 }),
    own('InstanceLoss'),
    own('IntraPairVarianceLoss'),
    vectors('LargeMarginSoftmaxLoss'),
    own('LiftedStructureLoss'),
    own('ManifoldLoss', { proxies: 50 }, { l: columns, K: 50 }, true),
    own('MarginLoss'),
    own('MultiSimilarityLoss'),
    own('NCALoss'),
    own('NPairsLoss'),
    own('NTXentLoss'),
    vectors('NormalizedSoftmaxLoss'),
    { ...vectors('P2SGradLoss'), peer: { descriptors_dim: columns, num_classes: classes } },
    own('PNPLoss'),
    vectors('ProxyAnchorLoss'),
    vectors('ProxyNCALoss'),
    own('RankedListLoss', { margin: 0.4, tn: 5 }, { margin: 0.4, Tn: 5 }),
    own('SignalToNoiseRatioContrastiveLoss'),
    own('SmoothAPLoss'),
    vectors('SoftTripleLoss'),
    vectors('SphereFaceLoss'),
    vectors('SubCenterArcFaceLoss'),
    own('SupConLoss'),
    own('ThresholdConsistentMarginLoss'),
    own('TripletMarginLoss'),
    own('TupletMarginLoss'),
    own('VICRegLoss'),
  ];
}
