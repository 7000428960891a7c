import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as tf from '../../src/engine/tf.js';
import * as gyrometric from '../../src/index.js';
import { ENCODER_CALLS } from './encoderCalls.js';
import { GROUP_CALLS } from './groupCalls.js';
import { IMAGE_CALLS } from './imageCalls.js';
import { LOSS_CALLS } from './lossCalls.js';
import { PRESERVATION_CALLS } from './preservationCalls.js';
import { SPHERICAL_CALLS } from './sphericalCalls.js';
import { TENSOR_CALLS } from './tensorCalls.js';

const {
  checkpointOf,
  firstImages,
  loadMnist,
  openEngine,
  openModel,
  parseModelConfig,
  trainModel,
  writeCheckpoint,
} = gyrometric;

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-leaks-'));
const config = parseModelConfig({
  schemaVersion: 1,
  encoder: { kind: 'polarCnn', channels: [4, 6, 8, 8] },
  heads: { euclidean: { dim: 8 }, poincare: { dim: 8 } },
  training: { steps: 4, perClass: 2, reportEvery: 2, warmup: 1 },
});
const images = firstImages(loadMnist('train'), 200);
const pixels = Float32Array.from(images.pixels.subarray(0, 3 * 784), (value) => value / 255);

/** Every public function that touches tensors, and classes of errors on the way. */
const WITH_TENSORS: Readonly<Record<string, () => Promise<void>>> = {
  trainModel: async () => {
    const { model } = await trainModel(config, images);
    model.dispose();
  },
  'trainModel, stopped': async () => {
    const controller = new AbortController();
    const onEvent = () => controller.abort();
    await expect(trainModel(config, images, { onEvent, signal: controller.signal })).rejects.toThrow();
  },
  'trainModel, too few classes': async () => {
    await expect(trainModel(config, firstImages(images, 3))).rejects.toThrow(/classes/);
  },
  checkpointOf: async () => {
    const { model, history } = await trainModel(config, images);
    writeCheckpoint(join(folder, 'model'), await checkpointOf(model, history, 'any'));
    model.dispose();
  },
  openModel: async () => {
    const model = openModel(join(folder, 'model'));
    await model.embed(pixels);
    await expect(model.embed(new Float32Array(7))).rejects.toThrow(/images of 28 x 28/);
    model.dispose();
  },
  openEngine: async () => void (await openEngine()),
  ...TENSOR_CALLS,
  ...LOSS_CALLS,
  ...GROUP_CALLS,
  ...IMAGE_CALLS,
  ...ENCODER_CALLS,
  ...SPHERICAL_CALLS,
  ...PRESERVATION_CALLS,
};

/** Public functions on plain arrays alone. */
const PLAIN = `ancestorLevels anchorHardness angularKernels applyLinear assignmentOf axisAngleFromRotation
  ballCoefficients ballMultiplicities bootstrapMeans bootstrapRatios bootstrapSamples cacheFolder
  calibrateThreshold cellGrid channelProduct channelsOf chooseLandmarks classicalMds classify
  clusterAgreement clusterScores codeRelativeChange coefficientCount coefficientsFromE3nn
  coefficientsToE3nn columnsOf compareHardness composeRotations concatColumns couplingTable crossSpectrum
  curvatureSweep cyclic cyclicGroup dihedral dihedralGroup directProduct directSum diskPicture distance
  distanceBounds distanceMatrix distanceReport distanceSpreads distanceVerdict dockstringFolder
  drawDigitSets drawTetris e3Group elementsOf encodePng ensembleOf equivarianceError eulerFromRotation
  fieldType firstImages firstNounSenses flatWarning formatAssignment formatNpy formatNpz fourierForward
  fourierForwardMatrix fourierInverse frequenciesUpTo frequencyFields furnitureFolder geometricSchedule
  graphDistances gridPoints groupLawErrors hasDockstring hasFurniture hasTheseus holdOut horoPca
  hostPlanOf hydra hyperbolicMds imageLayout inverseRotation irrep kernelBasis kMeans knnAccuracy
  landmarkMds lastWord learnWeights leaveOneOutNeighbors leaveOneOutScores linear linearAutoencoder
  linearRamp loadDockstring loadFurniture loadMnist loadNouns loadTheseus logisticRegression matrix
  measureHyperbolicity meshExtents minimumSpanningTree motionAndOrderGroup multiplesFigure
  mutualInformation namedPointSets negativesOverTime negativeStatistics neighborhoodFinder
  neighborRecallFigure neighborRecallMonitor neighborVote nounTree orderVerdict orientationErrorDegrees
  orthogonalGroup2d orthogonalGroup3d packagedTripletsMiner packingBound packPointSets pairsOfTuples
  parseCif parseEdges parseModelConfig parseNpy parseNpz parseObj parsePdb parsePdbqt parsePointSetConfig
  parseSpace parseTreeConfig parseVectorConfig parseWordVectors partOfPair pca percentileInterval
  perceptron permutationGroup placeHyperbolicPoints placeItems placePoints pointSetLayout pointSetPreset
  pointsFromE3nn pointsToE3nn pointsWithin polarSamplingMatrix powerSpectrum presetConfig productPaths
  projectImages prunedTree quaternionFromRotation radialFunctions radialOrders radiusSpreads
  randomProjection randomRotation rankScores rankScoresOf readProtein readTreeFolder readWordVectors
  reciprocalRankFusion reconstruction reconstructLinear regularFields regularRepresentation
  renderDistancePage requirePoints requireRotation residualCnn resolvePointSetConfig resolveVectorConfig
  retrievalScores rocArea rotateCoefficients rotateImages rotatePoints rotationFromAxisAngle
  rotationFromE3nn rotationFromEuler rotationFromQuaternion rotationGroup2d rotationGroup3d rotationToE3nn
  row rowsByClass rowsOf samplePairs sampleQuadruplets sampleSurface sampleTriplets saturation
  scalarFields scalingGroup scoreTreeCodes se2Group se3Group semidirectProduct sha256 shepardPairsFigure
  signIrrep singleChannels sliceColumns smacof so2 so2OnImages spaceDistances sparseWigner3j spearman
  sphereGrid sphericalAutoencoder sphericalFourier sphericalHarmonics sphericalHarmonicsGradient
  splitVectors standaloneFigure stereographicSampling subtreeOf surfaceCentroid tableDistances takeImages
  takeRows tangentPca theseusFolder trainingLoop trainLinearAutoencoder trainTree transitiveClosure
  translationGroup treeArms treeDistance treeDistances treeLevelScores treeOf tripletsOfTuples
  trivialGroup turnRandomly uniqueRows warmupCosine weightAt weightsOfTuples wigner3j wignerD
  wignerDFromE3nn wignerDToE3nn windowAt wrapAngle writeCheckpoint writeFileAtomic writeVectorFolder
  writeWordVectors`.split(/\s+/);

const isClass = (value: unknown) => typeof value === 'function' && /^class /.test(String(value));
const functionsOf = (entry: object) =>
  Object.entries(entry)
    .filter(([, value]) => typeof value === 'function' && !isClass(value))
    .map(([name]) => name);

beforeAll(async () => {
  await openEngine();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('public functions leave no tensors behind', () => {
  it('are all listed here', () => {
    const { conversions, gyrovector, reducers, regularizers, stereographic } = gyrometric;
    const namespaces = Object.entries({ conversions, gyrovector, reducers, regularizers, stereographic });
    const names = [
      ...functionsOf(gyrometric),
      ...namespaces.flatMap(([name, entry]) => functionsOf(entry).map((key) => `${name}.${key}`)),
    ].sort();
    expect(names).toEqual(
      [...PLAIN, ...Object.keys(WITH_TENSORS).filter((name) => !name.includes(','))].sort(),
    );
  });

  it.each(Object.keys(WITH_TENSORS))('%s', async (name) => {
    const before = tf.memory().numTensors;
    await WITH_TENSORS[name]();
    expect(tf.memory().numTensors).toBe(before);
  });
});
