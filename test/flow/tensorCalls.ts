import type * as tfjs from '../../src/engine/tf.js';
import * as gyrometric from '../../src/index.js';

const { conversions, gyrovector, Network, Rng, stereographic, tf } = gyrometric;

const K = -1;
const BALL = { kind: 'poincare', dim: 2, curvature: K } as const;
const rows = (...values: number[]) => tf.tensor2d(values, [values.length / 2, 2]);

/** Calls `work` with two [2, 2] arrays of points of the unit ball, and disposes of those and of what it returns. */
function onPoints(work: (x: tfjs.Tensor2D, y: tfjs.Tensor2D) => unknown): () => Promise<void> {
  return async () => {
    const [x, y] = [rows(0.1, 0.2, -0.3, 0.4), rows(0.2, -0.1, 0.3, 0.1)];
    tf.dispose([x, y, work(x, y) as tfjs.TensorContainer]);
  };
}

/** A training step and an inference of a layer. */
function onLayer<X extends tfjs.Tensor>(
  layer: gyrometric.Layer<X, tfjs.Tensor>,
  input: () => X,
): () => Promise<void> {
  return async () => {
    const network = new Network([layer, { parameters: [OTHER], batchNorms: [] }], new Rng(1));
    const loss = (pass: gyrometric.Pass) =>
      tf.add(tf.sum(layer.apply(pass, input())), tf.sum(pass.weight('other')));
    const { value, gradient } = network.gradient(loss as (pass: gyrometric.Pass) => tfjs.Scalar);
    tf.dispose(tf.tidy(() => layer.apply(network.inferencePass(), input())));
    tf.dispose([value, gradient]);
    network.dispose();
  };
}

/** So that there is a gradient for layers without weights too. */
const OTHER = { name: 'other', shape: [1], initial: () => new Float32Array(1) };
const points = () => rows(0.1, 0.2, -0.3, 0.4);
const images = () => tf.fill([1, 4, 4, 2], 0.1) as tfjs.Tensor4D;
const widths = { name: 'layer', inputDim: 2, outputDim: 3, curvature: K };
const windows = { kernel: 2, curvature: K };

type Maps = Readonly<Record<string, (x: tfjs.Tensor2D, y: tfjs.Tensor2D) => unknown>>;
const named = (space: string, maps: Maps) =>
  Object.fromEntries(Object.entries(maps).map(([name, map]) => [`${space}.${name}`, onPoints(map)]));

const s = stereographic;
const STEREOGRAPHIC: Maps = {
  stereographic: () => s.stereographic({ kind: 'stereographic', dim: 2, curvature: K }).origin(),
  conformalFactor: (x) => s.conformalFactor(x, K),
  inner: (x, y) => s.inner(x, y, y, K),
  norm: (x, y) => s.norm(x, y, K),
  dist0: (x) => s.dist0(x, K),
  mobiusAdd: (x, y) => s.mobiusAdd(x, y, K),
  exp: (x, y) => s.exp(x, y, K),
  exp0: (x) => s.exp0(x, K),
  exp0Within: (x) => s.exp0Within(x, K),
  log: (x, y) => s.log(x, y, K),
  log0: (x) => s.log0(x, K),
  geodesic: (x, y) => s.geodesic(0.5, x, y, K),
  geodesicUnit: (x, y) => s.geodesicUnit(0.5, x, y, K),
  retract: (x, y) => s.retract(x, y, K),
  transport: (x, y) => s.transport(x, y, y, K),
  turn: (x, y) => s.turn(x, y, y, K),
  transport0: (x, y) => s.transport0(x, y, K),
  transport0Back: (x, y) => s.transport0Back(x, y, K),
  egrad2rgrad: (x, y) => s.egrad2rgrad(x, y, K),
  project: (x) => s.project(x, K),
  antipode: (x) => s.antipode(x, 1),
};

const g = gyrovector;
const GYROVECTOR: Maps = {
  mobiusSub: (x, y) => g.mobiusSub(x, y, K),
  coadd: (x, y) => g.coadd(x, y, K),
  cosub: (x, y) => g.cosub(x, y, K),
  gyration: (x, y) => g.gyration(x, y, y, K),
  mobiusScalarMul: (x) => g.mobiusScalarMul(0.5, x, K),
  mobiusPointwiseMul: (x, y) => g.mobiusPointwiseMul(y, x, K),
  mobiusMatvec: (x, y) => g.mobiusMatvec(y, x, K),
  mobiusApply: (x) => g.mobiusApply((v) => tf.relu(v), x, K),
  midpoint: (x, y) => tf.tidy(() => g.midpoint(x, tf.abs(y), K)),
  frechetMean: (x) => tf.tidy(() => g.frechetMean(x, tf.ones([1, 2]), K)),
  frechetVariance: (x) => tf.tidy(() => g.frechetVariance(x, tf.zeros([1, 2]), K)),
  distanceToHyperplane: (x, y) => g.distanceToHyperplane(x, y, y, K),
  hyperplaneScores: (x, y) => g.hyperplaneScores(x, y, null, K),
};

const c = conversions;
const CONVERSIONS: Maps = {
  poincareToLorentz: (x) => c.poincareToLorentz(x, K),
  lorentzToPoincare: (x) => tf.tidy(() => c.lorentzToPoincare(c.poincareToLorentz(x, K), K)),
  poincareToKlein: (x) => c.poincareToKlein(x, K),
  kleinToPoincare: (x) => c.kleinToPoincare(x, K),
  poincareToHalfSpace: (x) => c.poincareToHalfSpace(x, K),
  halfSpaceToPoincare: (x) => tf.tidy(() => c.halfSpaceToPoincare(tf.abs(x), K)),
  stereographicToSphere: (x) => c.stereographicToSphere(x, 1),
  sphereToStereographic: (x) => tf.tidy(() => c.sphereToStereographic(c.stereographicToSphere(x, 1), 1)),
};

/** Every public function on tensors that needs no data; those of a namespace as `namespace.function`. */
export const TENSOR_CALLS: Readonly<Record<string, () => Promise<void>>> = {
  ...named('stereographic', STEREOGRAPHIC),
  ...named('gyrovector', GYROVECTOR),
  ...named('conversions', CONVERSIONS),
  pairwiseDistance: onPoints((x, y) => gyrometric.pairwiseDistance(BALL, x, y)),
  rowDistance: onPoints((x, y) => gyrometric.rowDistance(BALL, x, y)),
  tangentDistances: onPoints((x, y) => gyrometric.tangentDistances(x, y)),
  codeChart: onPoints((x) => gyrometric.codeChart(BALL).toPoints(x)),
  distanceBlocks: onPoints((x, y) => {
    for (const { distances } of gyrometric.distanceBlocks(BALL, x, y, 1)) distances.dispose();
  }),
  manifoldOn: onPoints((x) => gyrometric.manifoldOn(BALL).log0(x)),
  metricOn: onPoints((x, y) => gyrometric.metricOn({ kind: 'cosine', dim: 2 }).pairwise(x, y)),
  poincareBall: onPoints((x, y) => gyrometric.poincareBall(2, K).exp(x, y)),
  cosineSpace: onPoints((x, y) => gyrometric.cosineSpace(2).pairwise(x, y)),
  innerProductSpace: onPoints((x, y) => gyrometric.innerProductSpace(2).pairwise(x, y)),
  normalizeRows: onPoints((x) => gyrometric.normalizeRows(x)),
  wrappedNormal: onPoints((x, y) => gyrometric.wrappedNormal(gyrometric.manifoldOn(BALL), x, 0.1, y)),
  gatherRows: onPoints((x) => tf.tidy(() => gyrometric.gatherRows(x, tf.tensor1d([1, 1], 'int32')))),
  betaConcat: onPoints((x, y) => gyrometric.betaConcat([x, y], K)),
  betaSplit: onPoints((x) => gyrometric.betaSplit(x, [1, 1], K)),
  fullyConnected: onPoints((x, y) => gyrometric.fullyConnected(x, y, null, K)),
  hyperbolicAttention: onPoints((x, y) =>
    gyrometric.hyperbolicAttention({ queries: x, keys: y, values: x }, K, 1),
  ),
  trainClosure: async () => {
    const relation = { offsets: Int32Array.of(0, 0, 1, 3), targets: Int32Array.of(0, 0, 1) };
    await gyrometric.trainClosure(relation, {
      ...{ geometry: 'poincare', parameters: 'points', star: false, numbers: 2, epochs: 2, anchors: 2 },
      ...{ negatives: 2, temperature: 0.5, learningRate: 0.1, burnIn: 0, startNorm: 0.1, seed: 1 },
    });
  },
  learnableCurvature: async () => {
    const learned = gyrometric.learnableCurvature({ name: 'k', initial: -1, min: -4, max: -0.1 });
    const layer = { ...learned, apply: (pass: gyrometric.Pass) => learned.value(pass) };
    await onLayer({ ...layer, batchNorms: [] }, points)();
  },
  changeManifold: onLayer(
    gyrometric.changeManifold({ from: { kind: 'euclidean' }, to: { kind: 'poincare', curvature: K } }),
    points,
  ),
  chain: onLayer(
    gyrometric.chain(gyrometric.hyperbolicLinear(widths), gyrometric.hyperbolicRelu({ curvature: K })),
    points,
  ),
  sequential: onLayer(gyrometric.sequential([gyrometric.hyperbolicRelu({ curvature: K })]), points),
  tangentSequential: onLayer(gyrometric.tangentSequential({ layers: [], curvature: K }), points),
  hyperbolicRelu: onLayer(gyrometric.hyperbolicRelu({ curvature: K }), points),
  hyperbolicLinear: onLayer(gyrometric.hyperbolicLinear(widths), points),
  lorentzLinear: onLayer(gyrometric.lorentzLinear(widths), () =>
    tf.tidy(() => c.poincareToLorentz(points(), K)),
  ),
  hyperbolicRegression: onLayer(
    gyrometric.hyperbolicRegression({ name: 'layer', dim: 2, classes: 3, curvature: K }),
    points,
  ),
  hyperbolicAttentionLayer: onLayer(
    gyrometric.hyperbolicAttentionLayer({ name: 'layer', inputDim: 2, dim: 2, curvature: K }),
    points,
  ),
  hyperbolicBatchNorm: onLayer(
    gyrometric.hyperbolicBatchNorm({ name: 'layer', dim: 2, curvature: K }),
    points,
  ),
  hyperbolicConvolution2d: onLayer(gyrometric.hyperbolicConvolution2d({ ...widths, ...windows }), images),
  hyperbolicAveragePool2d: onLayer(gyrometric.hyperbolicAveragePool2d(windows), images),
  hyperbolicMaxPool2d: onLayer(gyrometric.hyperbolicMaxPool2d(windows), images),
  hyperbolicUnfold: onLayer(gyrometric.hyperbolicUnfold(windows), images),
  hyperbolicFlatten: onLayer(gyrometric.hyperbolicFlatten({ curvature: K }), images),
  hyperbolicEmbedding: onLayer(
    gyrometric.hyperbolicEmbedding({
      name: 'layer',
      count: 4,
      space: BALL,
      initial: { kind: 'uniform', radius: 1 },
    }),
    () => tf.tensor1d([0, 3, 3], 'int32'),
  ),
};
