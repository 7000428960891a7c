import * as arcFace from '../classification/arcFace.js';
import * as cosFace from '../classification/cosFace.js';
import * as multiplicative from '../classification/multiplicativeMargin.js';
import * as p2sGrad from '../classification/p2sGrad.js';
import type { ClassLossName as VectorLaw } from '../classification/parameters.js';
import * as proxyAnchor from '../classification/proxyAnchor.js';
import * as proxySoftmax from '../classification/proxySoftmax.js';
import type { Classified, ClassifiedEmbeddings } from '../classification/similarities.js';
import * as softTriple from '../classification/softTriple.js';
import type { ReducerName } from '../reducers.js';
import type { LossTerms } from '../terms.js';

/** Options of the losses that compare items with trainable vectors, one or several a class. */
export interface ClassLossOptions {
  readonly ArcFaceLoss: arcFace.ArcFaceOptions;
  readonly CosFaceLoss: cosFace.CosFaceOptions;
  readonly LargeMarginSoftmaxLoss: multiplicative.MultiplicativeMarginOptions;
  readonly NormalizedSoftmaxLoss: proxySoftmax.NormalizedSoftmaxOptions;
  readonly P2SGradLoss: Readonly<Record<string, never>>;
  readonly ProxyAnchorLoss: proxyAnchor.ProxyAnchorOptions;
  readonly ProxyNCALoss: proxySoftmax.ProxyNcaOptions;
  readonly SoftTripleLoss: softTriple.SoftTripleOptions;
  readonly SphereFaceLoss: multiplicative.MultiplicativeMarginOptions;
  readonly SubCenterArcFaceLoss: arcFace.SubCenterArcFaceOptions;
}

export type ClassLossName = keyof ClassLossOptions;

interface Common<Options> {
  readonly reducer: ReducerName;
  /** How the class vectors are drawn. */
  readonly law: VectorLaw;
  /** Vectors a class; 1 where absent. */
  readonly centers?: (options: Options) => number;
}

/** Any distances do, or angles and lengths of coordinates are needed. */
export type ClassLossDefinition<Options> = Common<Options> &
  (
    | { readonly from: 'distances'; readonly compute: (input: Classified, options: Options) => LossTerms }
    | {
        readonly from: 'coordinates';
        readonly compute: (input: ClassifiedEmbeddings, options: Options) => LossTerms;
      }
  );

export const CLASS_LOSSES: { readonly [N in ClassLossName]: ClassLossDefinition<ClassLossOptions[N]> } = {
  ArcFaceLoss: {
    from: 'coordinates',
    law: 'arcFace',
    reducer: arcFace.ARC_FACE_REDUCER,
    compute: arcFace.arcFace,
  },
  CosFaceLoss: {
    from: 'distances',
    law: 'cosFace',
    reducer: cosFace.COS_FACE_REDUCER,
    compute: cosFace.cosFace,
  },
  LargeMarginSoftmaxLoss: {
    from: 'coordinates',
    law: 'largeMarginSoftmax',
    reducer: multiplicative.LARGE_MARGIN_SOFTMAX_REDUCER,
    compute: multiplicative.largeMarginSoftmax,
  },
  NormalizedSoftmaxLoss: {
    from: 'distances',
    law: 'normalizedSoftmax',
    reducer: proxySoftmax.NORMALIZED_SOFTMAX_REDUCER,
    compute: proxySoftmax.normalizedSoftmax,
  },
  P2SGradLoss: {
    from: 'distances',
    law: 'p2sGrad',
    reducer: p2sGrad.P2S_GRAD_REDUCER,
    compute: p2sGrad.p2sGrad,
  },
  ProxyAnchorLoss: {
    from: 'distances',
    law: 'proxyAnchor',
    reducer: proxyAnchor.PROXY_ANCHOR_REDUCER,
    compute: proxyAnchor.proxyAnchor,
  },
  ProxyNCALoss: {
    from: 'distances',
    law: 'proxyNca',
    reducer: proxySoftmax.PROXY_NCA_REDUCER,
    compute: proxySoftmax.proxyNca,
  },
  SoftTripleLoss: {
    from: 'distances',
    law: 'softTriple',
    reducer: softTriple.SOFT_TRIPLE_REDUCER,
    centers: ({ centersPerClass = softTriple.SOFT_TRIPLE_DEFAULTS.centersPerClass }) => centersPerClass,
    compute: softTriple.softTriple,
  },
  SphereFaceLoss: {
    from: 'coordinates',
    law: 'sphereFace',
    reducer: multiplicative.SPHERE_FACE_REDUCER,
    compute: multiplicative.sphereFace,
  },
  SubCenterArcFaceLoss: {
    from: 'coordinates',
    law: 'subCenterArcFace',
    reducer: arcFace.SUB_CENTER_ARC_FACE_REDUCER,
    centers: ({ subCenters = arcFace.SUB_CENTER_ARC_FACE_DEFAULTS.subCenters }) => subCenters,
    compute: arcFace.subCenterArcFace,
  },
};
