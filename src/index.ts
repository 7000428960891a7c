export { writeCheckpoint } from './checkpoint/checkpoint.js';
export { rowsByClass } from './core/classes.js';
export {
  DomainError,
  FormatError,
  GyrometricError,
  MissingError,
  ShapeError,
  StorageError,
  UsageError,
} from './core/errors.js';
export { sha256, writeFileAtomic } from './core/files.js';
export {
  concatColumns,
  type Matrix,
  type Matrix32,
  type Matrix64,
  matrix,
  row,
  sliceColumns,
  takeRows,
} from './core/matrix.js';
export { formatNpy, type NpyArray, parseNpy } from './core/npy.js';
export { formatNpz, parseNpz } from './core/npz.js';
export { cacheFolder } from './core/places.js';
export type {
  EmbeddedHead,
  EmbeddingSet,
  HardnessComparison,
  HardnessStatistics,
  LabelledImages,
  Metrics,
  NeighborTable,
  Relation,
  RetrievalScores,
  StepEvent,
} from './core/records.js';
export { Rng } from './core/rng.js';
export { columnsOf, type ProductSpace, parseSpace, type Space } from './core/space.js';
export { type Subtree, subtreeOf, transitiveClosure } from './data/closure.js';
export { drawDigitSets } from './data/digitSets.js';
export { type EdgeList, parseEdges } from './data/edges.js';
export { type CatalogueEntry, lastWord } from './data/furniture/catalogue.js';
export { type Extents, meshExtents, surfaceCentroid } from './data/furniture/extents.js';
export {
  type FurnitureModel,
  furnitureFolder,
  hasFurniture,
  loadFurniture,
} from './data/furniture/furniture.js';
export { type Mesh, parseObj, sampleSurface } from './data/furniture/mesh.js';
export { loadMnist } from './data/mnist.js';
export { type CellGrid, cellGrid, pointsWithin } from './data/proteins/cellGrid.js';
export { parseCif } from './data/proteins/cif.js';
export { dockstringFolder, hasDockstring, loadDockstring, type Target } from './data/proteins/dockstring.js';
export {
  type Neighborhood,
  type NeighborhoodOptions,
  neighborhoodFinder,
} from './data/proteins/neighborhoods.js';
export { parsePdb, parsePdbqt } from './data/proteins/pdb.js';
export type { Protein, Residue } from './data/proteins/protein.js';
export { readProtein } from './data/proteins/readProtein.js';
export { type Chain, hasTheseus, loadTheseus, theseusFolder } from './data/proteins/theseus.js';
export { turnRandomly } from './data/rotate.js';
export { firstImages, holdOut, takeImages } from './data/split.js';
export {
  drawTetris,
  TETRIS_SHAPES,
  type TetrisClouds,
  type TetrisOptions,
  type TetrisShape,
} from './data/tetris.js';
export { type Tree, treeDistance, treeOf } from './data/tree.js';
export { loadNouns, type Nouns, nounTree } from './data/wordnet.js';
export {
  firstNounSenses,
  type NounSenses,
  parseWordVectors,
  readWordVectors,
  type WordVectors,
  writeWordVectors,
} from './data/wordVectors.js';
export { ballPoints } from './encoders/ballPoints.js';
export { type BiLipschitzOptions, biLipschitz, boundedLinear, residual } from './encoders/biLipschitz.js';
export { type CloudDecoderOptions, cloudDecoder } from './encoders/clouds/cloudDecoder.js';
export {
  type CloudEncoderOptions,
  type CloudFeatures,
  cloudEncoder,
} from './encoders/clouds/cloudEncoder.js';
export { type Dense, linear, perceptron } from './encoders/dense.js';
export { affineImages } from './encoders/groups/affineImages.js';
export { AT_INFERENCE, type BatchGroup, type Moment } from './encoders/groups/batchGroup.js';
export { type FiniteImageGroup, finiteImageGroup } from './encoders/groups/finiteImageGroup.js';
export { imageIsometries, imageRotations, type TwoVectors } from './encoders/groups/imageRotations.js';
export {
  type BatchGroupLawErrors,
  type BatchGroupLawOptions,
  batchGroupLawErrors,
} from './encoders/groups/laws.js';
export {
  e3Batch,
  type MotionAndOrderGroup,
  type MotionGroup,
  motionsAndOrdersBatch,
  se2Batch,
  se3Batch,
} from './encoders/groups/motions.js';
export {
  type Orders,
  type PermutationOptions,
  permutationsBatch,
  type Scores,
} from './encoders/groups/permutations.js';
export { directBatch, semidirectBatch, type Two, trivialBatch } from './encoders/groups/products.js';
export {
  type MatrixGroup,
  orthogonal2dBatch,
  orthogonal3dBatch,
  rotations2dBatch,
  rotations3dBatch,
} from './encoders/groups/rotations.js';
export { scalingBatch } from './encoders/groups/scaling.js';
export { translationsBatch } from './encoders/groups/translations.js';
export { type ConvEncoderOptions, convEncoder } from './encoders/images/convEncoder.js';
export { type ImageDecoderOptions, imageDecoder } from './encoders/images/imageDecoder.js';
export { encoderOfImages, orientedEncoder, plainEncoder } from './encoders/images/imageEncoders.js';
export { type PlainCnnOptions, plainCnn } from './encoders/images/plainCnn.js';
export { type PolarCnnOptions, polarCnn } from './encoders/images/polarCnn.js';
export { type ResidualCnnOptions, residualCnn } from './encoders/images/residualCnn.js';
export {
  type Decoder,
  type EquivariantEncoder,
  type InvariantAutoencoder,
  type InvariantAutoencoderParts,
  invariantAutoencoder,
  type Layout,
  type Reconstruction,
} from './encoders/invariantAutoencoder.js';
export { imageLayout, type PointSetLayoutOptions, pointSetLayout } from './encoders/layouts.js';
export { type MlpOptions, mlp, type SmoothEncoder } from './encoders/mlp.js';
export { type OrthogonalOptions, orthogonalDense } from './encoders/orthogonalDense.js';
export { packPointSets } from './encoders/packPointSets.js';
export {
  type ActivationKind,
  activation,
  inSequence,
  type LipschitzBounds,
  lipschitzBounds,
  type RowLayer,
} from './encoders/rowLayer.js';
export { type OrderedSetOptions, orderedSetDecoder, orderedSetEncoder } from './encoders/sets/orderedSets.js';
export { type SetDecoderOptions, setDecoder } from './encoders/sets/setDecoder.js';
export { type SetEncoderOptions, setEncoder } from './encoders/sets/setEncoder.js';
export { attentionLayer, deepSetLayer, type SetLayer } from './encoders/sets/setLayers.js';
export { spectralNormBound } from './encoders/spectralNorm.js';
export { channelProducts } from './encoders/spherical/channelProducts.js';
export { type ProductTables, productTables } from './encoders/spherical/productTables.js';
export {
  type SphericalAutoencoder,
  type SphericalAutoencoderOptions,
  sphericalAutoencoder,
} from './encoders/spherical/sphericalAutoencoder.js';
export { type AngularKernel, angularKernels } from './encoders/steerable/angularKernels.js';
export { fieldBatchNorm } from './encoders/steerable/fieldBatchNorm.js';
export {
  channelsOf,
  type FieldType,
  fieldType,
  frequencyFields,
  regularFields,
  scalarFields,
} from './encoders/steerable/fieldType.js';
export { irrepBatchNorm } from './encoders/steerable/irrepNorm.js';
export { type KernelBasis, kernelBasis } from './encoders/steerable/kernelBasis.js';
export { type SteerableLayer, steerableSequence } from './encoders/steerable/layer.js';
export { fieldRelu, fourierRelu, gatedRelu, normRelu } from './encoders/steerable/nonlinearities.js';
export {
  allRotations,
  allRotationsAndReflections,
  cyclic,
  dihedral,
  elementsOf,
  type PlaneElement,
  type PlaneGroup,
} from './encoders/steerable/planeGroup.js';
export { antialiasedPool, averagePool, groupPool, normPool } from './encoders/steerable/pooling.js';
export {
  directSum,
  frequenciesUpTo,
  irrep,
  type Representation,
  type RepresentationPart,
  regularRepresentation,
  signIrrep,
} from './encoders/steerable/representation.js';
export { type SteerableCnnOptions, steerableCnn } from './encoders/steerable/steerableCnn.js';
export { type SteerableConvOptions, steerableConv } from './encoders/steerable/steerableConv.js';
export type { Linearization } from './engine/linearization.js';
export { type ModuleSpec, Network, type Pass } from './engine/network.js';
export { ENGINES, type Engine, type EngineName, openEngine } from './engine/openEngine.js';
export { FlatParameters, type ParameterSpec } from './engine/parameters.js';
export type { LossReport, PairPlan, PointSets } from './engine/records.js';
export * as tf from './engine/tf.js';
export {
  type BootstrapOptions,
  bootstrapMeans,
  bootstrapRatios,
  bootstrapSamples,
  type Interval,
  percentileInterval,
  type RatioOfSums,
} from './evaluation/bootstrap.js';
export { calibrateThreshold, type ThresholdCalibration, type ThresholdGoal } from './evaluation/calibrate.js';
export { type ClusterScores, clusterScores } from './evaluation/clusterScores.js';
export { spearman } from './evaluation/correlation.js';
export { type BoundsOptions, type DistanceBounds, distanceBounds } from './evaluation/distances/bounds.js';
export {
  type DistanceReport,
  type DistanceReportOptions,
  distanceReport,
  type PairSample,
  type WorstPair,
} from './evaluation/distances/distanceReport.js';
export {
  type DistanceSource,
  type SourceControl,
  spaceDistances,
  tableDistances,
} from './evaluation/distances/distanceSource.js';
export type { DistanceMeasures } from './evaluation/distances/measures.js';
export {
  type NeighborRecallMonitor,
  type NeighborRecallOptions,
  type NeighborRecallPoint,
  neighborRecallMonitor,
  type WatchedPoints,
} from './evaluation/distances/neighborRecall.js';
export { type PackingBound, packingBound } from './evaluation/distances/packingBound.js';
export type { PointQuality } from './evaluation/distances/pointQuality.js';
export {
  type LearnedWeights,
  type LearnWeightsOptions,
  learnWeights,
} from './evaluation/ensemble/learnWeights.js';
export {
  distanceSpreads,
  type Ensemble,
  type EnsembleMember,
  ensembleOf,
} from './evaluation/ensemble/members.js';
export { reciprocalRankFusion } from './evaluation/ensemble/rankFusion.js';
export { codeRelativeChange, orientationErrorDegrees } from './evaluation/equivariance.js';
export {
  type EquivarianceError,
  type EquivarianceOptions,
  equivarianceError,
} from './evaluation/equivarianceError.js';
export { compareHardness } from './evaluation/hardNegatives.js';
export { measureHyperbolicity } from './evaluation/hyperbolicity.js';
export { type KMeans, type KMeansOptions, kMeans } from './evaluation/kMeans.js';
export { knnAccuracy, type LabelledVectors } from './evaluation/knnAccuracy.js';
export { mutualInformation } from './evaluation/mutualInformation.js';
export type { NegativesArm } from './evaluation/negatives/arms.js';
export { curvatureSweep, SWEEP_CURVATURES, type SweepPoint } from './evaluation/negatives/curvatureSweep.js';
export {
  type NegativeStatisticsOptions,
  negativeStatistics,
} from './evaluation/negatives/negativeStatistics.js';
export { type OrderVerdict, orderVerdict } from './evaluation/negatives/orderVerdict.js';
export { type RadiusSpread, radiusSpreads } from './evaluation/negatives/radii.js';
export type {
  AnchorValues,
  ArmSummary,
  Estimate,
  EstimateAt,
  FalseNegativeSummary,
  NegativeStatistics,
  NegativesSummary,
  PairSummary,
  WeightSummary,
} from './evaluation/negatives/records.js';
export {
  type NegativesMoment,
  type NegativesSnapshot,
  negativesOverTime,
} from './evaluation/negatives/series.js';
export { leaveOneOutNeighbors } from './evaluation/neighbors.js';
export { type ClusterAgreement, clusterAgreement } from './evaluation/probes/clusterAgreement.js';
export {
  classify,
  type LinearClassifier,
  logisticRegression,
} from './evaluation/probes/logisticRegression.js';
export { neighborVote } from './evaluation/probes/neighborVote.js';
export { rocArea } from './evaluation/probes/rocArea.js';
export { rankScores, rankScoresOf } from './evaluation/rankScores.js';
export { type ReconstructionScores, reconstruction } from './evaluation/reconstruction.js';
export { leaveOneOutScores, retrievalScores } from './evaluation/retrieval.js';
export { saturation } from './evaluation/saturation.js';
export { scoreTreeCodes, type TreeScores } from './evaluation/treeCodes.js';
export { ancestorLevels, type TreeLevelScores, treeLevelScores } from './evaluation/treeLevelScores.js';
export { distance, distanceMatrix } from './geometry/distance.js';
export { type AnchorHardness, anchorHardness } from './geometry/hardness.js';
export { requirePoints } from './geometry/points.js';
export {
  type BlockPlan,
  blockPlanOfLabels,
  blockwisePairSoftmax,
} from './losses/contrastive/blockwisePairSoftmax.js';
export {
  debiasedContrastive,
  type HardContrastiveOptions,
  type HardPairSoftmaxOptions,
  hardContrastive,
  hardPairSoftmax,
} from './losses/contrastive/hardContrastive.js';
export { type HeadConfig, type LearnableHeads, learnableHeads } from './losses/contrastive/learnableHeads.js';
export { type LearnableScale, learnableScale, type ScaleRange } from './losses/contrastive/learnableScale.js';
export { type MixedHead, mixedLogits } from './losses/contrastive/mixedLogits.js';
export { pairSoftmax } from './losses/contrastive/pairSoftmax.js';
export { pairwiseCrossEntropy } from './losses/contrastive/pairwiseCrossEntropy.js';
export { planOfViewPairs, viewPairs } from './losses/contrastive/viewPairs.js';
export {
  createLoss,
  LOSS_NAMES,
  type LossName,
  type LossSetting,
  type NamedLossOptions,
} from './losses/named/createLoss.js';
export type { LossBatch, MetricLoss } from './losses/named/metricLoss.js';
export {
  type BetweenOptions,
  codesBetween,
  frameDirections,
  randomDirections,
  unitTangents,
} from './losses/preservation/directions.js';
export { distancePreservation } from './losses/preservation/distancePreservation.js';
export { GradientBalance, type GradientBalanceOptions } from './losses/preservation/gradientBalance.js';
export {
  type GraphDistanceOptions,
  graphDistances,
  type NeighborLists,
} from './losses/preservation/graphDistances.js';
export {
  type CodeMap,
  isometryPenalty,
  isotropyPenalty,
  volumePenalty,
} from './losses/preservation/jacobian.js';
export { type NeighborWeighting, neighborWeights } from './losses/preservation/neighborWeights.js';
export { type OrbitDistanceOptions, tensorOrbitDistance } from './losses/preservation/orbitDistance.js';
export {
  type OrderHingeOptions,
  orderHinge,
  sampleQuadruplets,
  sampleTriplets,
} from './losses/preservation/orderHinge.js';
export { type PairList, samplePairs } from './losses/preservation/pairs.js';
export { type RankCorrelationOptions, rankCorrelation } from './losses/preservation/rankCorrelation.js';
export { minimumSpanningTree } from './losses/preservation/spanningTree.js';
export { pairStress, type StressOptions } from './losses/preservation/stress.js';
export {
  customTarget,
  orbitTarget,
  spaceTarget,
  type TargetBatch,
  type TargetDistance,
  tableTarget,
  treeTarget,
} from './losses/preservation/targets.js';
export { type TopologyOptions, topologicalPenalty } from './losses/preservation/topology.js';
export { type WeightSchedule, weightAt } from './losses/preservation/weightSchedule.js';
export { elementsError, imageError, placesError } from './losses/reconstruction.js';
export * as reducers from './losses/reducers.js';
export * as regularizers from './losses/regularizers.js';
export { type Compared, type LossTerms, similaritiesOf, type Terms } from './losses/terms.js';
export { crossBatchMemory } from './losses/wrappers/crossBatchMemory.js';
export { multipleLosses, type PairLoss, type WeightedLoss } from './losses/wrappers/multipleLosses.js';
export { selfSupervised } from './losses/wrappers/selfSupervised.js';
export * as conversions from './manifolds/conversions.js';
export { cosineSpace, innerProductSpace, normalizeRows } from './manifolds/cosine.js';
export { type LearnableCurvature, learnableCurvature } from './manifolds/curvature.js';
export { type DistanceBlock, distanceBlocks } from './manifolds/distance/distanceBlocks.js';
export { pairwiseDistance } from './manifolds/distance/pairwise.js';
export { rowDistance } from './manifolds/distance/rows.js';
export * as gyrovector from './manifolds/gyrovector.js';
export { hyperbolicAttention, hyperbolicAttentionLayer } from './manifolds/layers/attention.js';
export { hyperbolicBatchNorm } from './manifolds/layers/batchNorm.js';
export { betaConcat, betaSplit } from './manifolds/layers/beta.js';
export { changeManifold } from './manifolds/layers/changeManifold.js';
export { hyperbolicConvolution2d } from './manifolds/layers/convolution2d.js';
export { hyperbolicEmbedding } from './manifolds/layers/embedding.js';
export { type CurvatureSource, chain, type Layer, sequential } from './manifolds/layers/layer.js';
export { fullyConnected, hyperbolicLinear } from './manifolds/layers/linear.js';
export { lorentzLinear } from './manifolds/layers/lorentzLinear.js';
export { hyperbolicAveragePool2d, hyperbolicMaxPool2d } from './manifolds/layers/pooling.js';
export { hyperbolicRegression } from './manifolds/layers/regression.js';
export { hyperbolicRelu, tangentSequential } from './manifolds/layers/tangent.js';
export { hyperbolicFlatten, hyperbolicUnfold } from './manifolds/layers/unfold.js';
export type { Curvature, Manifold, Metric } from './manifolds/manifold.js';
export { type Curvatures, manifoldOn, metricOn } from './manifolds/manifoldOn.js';
export { poincareBall } from './manifolds/poincare.js';
export { wrappedNormal } from './manifolds/sampling.js';
export * as stereographic from './manifolds/stereographic.js';
export { tangentDistances } from './manifolds/tangentDistance.js';
export { type AutoencoderTrainingOptions, trainAutoencoder } from './model/autoencoder/trainAutoencoder.js';
export { TrainedAutoencoder } from './model/autoencoder/trainedAutoencoder.js';
export type { ClosureConfig } from './model/closureEmbedding/config.js';
export {
  type ClosureEpoch,
  type TrainClosureOptions,
  type TrainedClosure,
  trainClosure,
} from './model/closureEmbedding/trainClosure.js';
export { type ModelConfig, parseModelConfig } from './model/config.js';
export type { Model } from './model/model.js';
export { checkpointOf, openModel } from './model/openModel.js';
export {
  type PointSetConfig,
  parsePointSetConfig,
  pointSetPreset,
  type ResolvedPointSetConfig,
} from './model/pointSets/config.js';
export { type LabelledPointSets, resolvePointSetConfig } from './model/pointSets/items.js';
export { namedPointSets } from './model/pointSets/named.js';
export { type PointSetModel, trainPointSets } from './model/pointSets/pointSetModel.js';
export { presetConfig } from './model/presets.js';
export type { HeldOutSignals } from './model/spherical/bestWeights.js';
export {
  type SphericalCodes,
  TrainedSphericalAutoencoder,
} from './model/spherical/trainedSphericalAutoencoder.js';
export {
  type SphericalTrainingOptions,
  trainSphericalAutoencoder,
} from './model/spherical/trainSphericalAutoencoder.js';
export { trainModel } from './model/trainModel.js';
export { type TreeArm, treeArms } from './model/treeCodes/arms.js';
export { parseTreeConfig, type TreeConfig } from './model/treeCodes/config.js';
export { readTreeFolder } from './model/treeCodes/folder.js';
export { partOfPair } from './model/treeCodes/heldOut.js';
export { type TrainedTree, trainTree } from './model/treeCodes/trainTree.js';
export { type CodeChart, codeChart } from './model/treePlacement/codeChart.js';
export type { PlacementConfig } from './model/treePlacement/config.js';
export { type Placement, placeItems } from './model/treePlacement/placement.js';
export { type PrunedTree, prunedTree } from './model/treePlacement/prunedTree.js';
export { type CodedTree, type PlacedItems, trainPlacement } from './model/treePlacement/trainPlacement.js';
export { parseVectorConfig, resolveVectorConfig, type VectorConfig } from './model/vectors/config.js';
export { writeVectorFolder } from './model/vectors/folder.js';
export { splitVectors } from './model/vectors/split.js';
export { type TrainedVectors, trainVectors } from './model/vectors/trainVectors.js';
export { rowsOf, type VectorModel } from './model/vectors/vectorModel.js';
export { type ClassicalMds, classicalMds } from './reduction/classicalMds.js';
export { diskPicture } from './reduction/diskPicture.js';
export { horoPca } from './reduction/horoPca.js';
export { hydra } from './reduction/hydra.js';
export {
  type HyperbolicMds,
  type HyperbolicMdsOptions,
  hyperbolicMds,
} from './reduction/hyperbolicMds.js';
export { placeHyperbolicPoints } from './reduction/hyperbolicPlacement.js';
export { chooseLandmarks, type Landmarks, landmarkMds } from './reduction/landmarks.js';
export {
  type LinearAutoencoder,
  linearAutoencoder,
  type TrainedLinearAutoencoder,
  trainLinearAutoencoder,
} from './reduction/linearAutoencoder.js';
export { applyLinear, type LinearMap, reconstructLinear } from './reduction/linearMap.js';
export { pca } from './reduction/pca.js';
export { type Placed, type PlacementOptions, placePoints } from './reduction/placement.js';
export { type RandomProjectionOptions, randomProjection } from './reduction/randomProjection.js';
export { type SmacofOptions, type SmacofResult, smacof } from './reduction/smacof.js';
export { tangentPca } from './reduction/tangentPca.js';
export { type DistancePageInput, renderDistancePage } from './report/distances/distancePage.js';
export { neighborRecallFigure, shepardPairsFigure } from './report/distances/figures.js';
export { distanceVerdict } from './report/distances/verdict.js';
export {
  type MultipleLine,
  type MultiplePanel,
  type MultiplesInput,
  multiplesFigure,
  standaloneFigure,
} from './report/multiples.js';
export { encodePng } from './report/picture.js';
export { ClassBalancedSampler } from './sampling/classBalanced.js';
export { MemoryQueue, type Staleness } from './sampling/memory/memoryQueue.js';
export { angularMiner } from './sampling/miners/angular.js';
export { batchEasyHardMiner, batchHardMiner } from './sampling/miners/batchEasyHard.js';
export { distanceWeightedMiner } from './sampling/miners/distanceWeighted.js';
export { hdcMiner } from './sampling/miners/hardAware.js';
export { multiSimilarityMiner } from './sampling/miners/multiSimilarity.js';
export { packagedTripletsMiner } from './sampling/miners/packagedTriplets.js';
export { pairMarginMiner } from './sampling/miners/pairMargin.js';
export { tripletMarginMiner } from './sampling/miners/tripletMargin.js';
export { pairsOfTuples, planOfTuples, type Tuples, tripletsOfTuples } from './sampling/miners/tuples.js';
export { uniformHistogramMiner } from './sampling/miners/uniformHistogram.js';
export {
  type CurriculumStage,
  EASY_TO_HARD,
  type HardnessWindow,
  negativesInWindow,
  windowAt,
} from './sampling/negatives/curriculum.js';
export { type Combination, combineHardest, hardestNegatives } from './sampling/negatives/hardest.js';
export { pairsOfLabels } from './sampling/pairs.js';
export { hostPlanOf, planOf } from './sampling/plan.js';
export type { BatchRelation } from './sampling/relation.js';
export { FixedTripletSampler } from './sampling/samplers/fixedTriplets.js';
export { HierarchicalSampler } from './sampling/samplers/hierarchical.js';
export { WeightedSampler, weightsOfTuples } from './sampling/samplers/tupleWeights.js';
export { treeDistances } from './sampling/treeDistances.js';
export type { Group } from './symmetry/group.js';
export { cyclicGroup } from './symmetry/groups/cyclic.js';
export { dihedralGroup } from './symmetry/groups/dihedral.js';
export {
  e3Group,
  motionAndOrderGroup,
  rotationGroup2d,
  se2Group,
  se3Group,
} from './symmetry/groups/motions.js';
export { orthogonalGroup2d, orthogonalGroup3d } from './symmetry/groups/orthogonal.js';
export { permutationGroup } from './symmetry/groups/permutations.js';
export { directProduct, type Pair, semidirectProduct, trivialGroup } from './symmetry/groups/products.js';
export { rotationGroup3d } from './symmetry/groups/rotations3d.js';
export { scalingGroup } from './symmetry/groups/scaling.js';
export { so2, so2OnImages, wrapAngle } from './symmetry/groups/so2.js';
export { translationGroup } from './symmetry/groups/translations.js';
export { type GroupLawErrors, type GroupLawOptions, groupLawErrors } from './symmetry/laws.js';
export { polarSamplingMatrix } from './symmetry/polar.js';
export { rotateImages } from './symmetry/rotation.js';
export { type BallOptions, ballCoefficients, ballMultiplicities } from './symmetry/so3/ballProjection.js';
export {
  type ChannelProduct,
  type CouplingPlan,
  channelProduct,
  type ProductPath,
  productPaths,
} from './symmetry/so3/channelProduct.js';
export { type CouplingTable, couplingTable, type DegreeTriple } from './symmetry/so3/coupling.js';
export { coefficientCount, MAX_DEGREE, type Multiplicities, singleChannels } from './symmetry/so3/degrees.js';
export {
  coefficientsFromE3nn,
  coefficientsToE3nn,
  pointsFromE3nn,
  pointsToE3nn,
  rotationFromE3nn,
  rotationToE3nn,
  wignerDFromE3nn,
  wignerDToE3nn,
} from './symmetry/so3/e3nn.js';
export { type HarmonicsOptions, type Normalization, sphericalHarmonics } from './symmetry/so3/harmonics.js';
export { sphericalHarmonicsGradient } from './symmetry/so3/harmonicsGradient.js';
export { crossSpectrum, powerSpectrum } from './symmetry/so3/powerSpectrum.js';
export {
  type AxisAngle,
  axisAngleFromRotation,
  type Quaternion,
  quaternionFromRotation,
  randomRotation,
  rotationFromAxisAngle,
  rotationFromQuaternion,
} from './symmetry/so3/quaternion.js';
export {
  composeRotations,
  type EulerAngles,
  eulerFromRotation,
  inverseRotation,
  type RotationMatrix,
  requireRotation,
  rotatePoints,
  rotationFromEuler,
} from './symmetry/so3/rotationMatrix.js';
export { gridPoints, type Rings, type SphereGrid, sphereGrid } from './symmetry/so3/sphereGrid.js';
export {
  type FourierOptions,
  fourierForward,
  fourierForwardMatrix,
  fourierInverse,
  type SphericalFourier,
  sphericalFourier,
} from './symmetry/so3/sphericalFourier.js';
export {
  projectImages,
  type SphereSampling,
  type StereographicOptions,
  stereographicSampling,
} from './symmetry/so3/stereographicImages.js';
export { type SparseCoupling, sparseWigner3j, wigner3j } from './symmetry/so3/wigner3j.js';
export { rotateCoefficients, wignerD } from './symmetry/so3/wignerD.js';
export {
  type RadialOptions,
  type RadialScale,
  radialFunctions,
  radialOrders,
} from './symmetry/so3/zernike.js';
export { AdamW } from './training/adamW.js';
export { type Assignment, assignmentOf, flatWarning, formatAssignment } from './training/assignment.js';
export { EmbeddingTable, gatherRows, uniqueRows } from './training/embeddingTable.js';
export { type TrainingOptions, trainingLoop } from './training/loop.js';
export type { Optimizer } from './training/optimizer.js';
export { RiemannianAdam } from './training/riemannianAdam.js';
export { RiemannianSGD } from './training/riemannianSgd.js';
export { geometricSchedule, linearRamp, warmupCosine } from './training/schedule.js';
export { SparseRiemannianAdam } from './training/sparseAdam.js';
export { SparseRiemannianSGD } from './training/sparseSgd.js';
