import type * as tfjs from '../../src/engine/tf.js';
import * as gyrometric from '../../src/index.js';

const { tf } = gyrometric;
const ITEMS = 2;
const N = 3;

const clouds = (dim: number): gyrometric.PointSets => ({
  points: tf.randomNormal([ITEMS, N, dim]) as tfjs.Tensor3D,
  mask: tf.ones([ITEMS, N]),
});
const rows = (columns: number): tfjs.Tensor2D => tf.randomNormal([ITEMS, columns]);
const vectors = (dim: number): tfjs.Tensor3D => tf.randomNormal([ITEMS, dim, dim]);
const scores = (): gyrometric.Scores => ({ scores: rows(N), mask: tf.ones([ITEMS, N]) });

/** ψ, an action and its inverse, and the gradient of all of it. */
function onGroup<F, G>(
  group: gyrometric.BatchGroup<gyrometric.PointSets, F, G>,
  dim: number,
  features: (scale: tfjs.Tensor) => F,
): () => Promise<void> {
  return async () => {
    const one = tf.scalar(1);
    const through = (scale: tfjs.Tensor): tfjs.Scalar => {
      const moment = { training: true, progress: 0.5 };
      const g = group.fromFeatures(features(scale), moment);
      const { points } = group.act(group.inverse(g), group.act(g, clouds(dim)));
      const penalty = group.penalty?.(g) ?? tf.scalar(0);
      const used = tf.mul(scale, 0);
      return tf.addN([tf.sum(points), penalty, used]) as tfjs.Scalar;
    };
    tf.dispose(tf.tidy(() => tf.grad(through)(one)));
    tf.dispose([one]);
  };
}
const scaled = <T extends tfjs.Tensor>(x: T, scale: tfjs.Tensor): T => tf.mul(x, scale);
const motion = (dim: number) => (scale: tfjs.Tensor) =>
  [scaled(rows(dim), scale), scaled(vectors(dim), scale)] as const;
const order = (scale: tfjs.Tensor): gyrometric.Scores => {
  const drawn = scores();
  return { ...drawn, scores: scaled(drawn.scores, scale) };
};
const turned = (dim: number) => (scale: tfjs.Tensor) => scaled(vectors(dim), scale);

/** An autoencoder of two numbers without a group. */
export function tinyAutoencoder() {
  const map = gyrometric.linear('map', 2, 2);
  return gyrometric.invariantAutoencoder({
    layout: { columns: 2, unpack: (x: tfjs.Tensor2D) => x },
    encoder: {
      ...{ kind: 'linear', codeDim: 2, parameters: map.parameters, batchNorms: [] },
      encode: (pass, x) => ({ code: map.apply(pass, x) as tfjs.Tensor2D, features: null }),
      dispose: () => {},
    },
    decoder: { parameters: [], batchNorms: [], decode: (_, code) => code, dispose: () => {} },
    group: gyrometric.trivialBatch<tfjs.Tensor2D>(),
    error: (output, x) => tf.mean(tf.square(tf.sub(output, x))) as tfjs.Scalar,
  });
}

/** Every public function about groups on tensors. */
/** An error of an output, and its gradient. */
const onError =
  (error: (output: gyrometric.PointSets, x: gyrometric.PointSets) => tfjs.Scalar) => async () => {
    const output = tf.ones<tfjs.Rank.R3>([ITEMS, N, 3]);
    const through = (points: tfjs.Tensor): tfjs.Scalar =>
      error({ ...clouds(3), points: points as tfjs.Tensor3D }, clouds(3));
    tf.dispose(tf.tidy(() => tf.grad(through)(output)));
    output.dispose();
  };

export const GROUP_CALLS: Readonly<Record<string, () => Promise<void>>> = {
  elementsError: onError(gyrometric.elementsError),
  placesError: onError(gyrometric.placesError),
  translationsBatch: onGroup(gyrometric.translationsBatch(2), 2, (scale) => scaled(rows(2), scale)),
  rotations2dBatch: onGroup(gyrometric.rotations2dBatch(), 2, turned(2)),
  orthogonal2dBatch: onGroup(gyrometric.orthogonal2dBatch(), 2, turned(2)),
  rotations3dBatch: onGroup(gyrometric.rotations3dBatch(), 3, turned(3)),
  orthogonal3dBatch: onGroup(gyrometric.orthogonal3dBatch(), 3, turned(3)),
  scalingBatch: onGroup(gyrometric.scalingBatch(), 2, (scale) => scaled(rows(1), scale)),
  se2Batch: onGroup(gyrometric.se2Batch(), 2, motion(2)),
  se3Batch: onGroup(gyrometric.se3Batch(), 3, motion(3)),
  e3Batch: onGroup(gyrometric.e3Batch(), 3, motion(3)),
  permutationsBatch: onGroup(gyrometric.permutationsBatch(), 2, order),
  motionsAndOrdersBatch: onGroup(
    gyrometric.motionsAndOrdersBatch(),
    3,
    (scale) => [motion(3)(scale), order(scale)] as const,
  ),
  trivialBatch: onGroup(gyrometric.trivialBatch<gyrometric.PointSets>(), 2, () => null),
  semidirectBatch: onGroup(
    gyrometric.semidirectBatch(
      gyrometric.translationsBatch(2),
      gyrometric.scalingBatch(),
      (h, n) => tf.mul(h, n) as tfjs.Tensor2D,
    ),
    2,
    (scale) => [scaled(rows(2), scale), scaled(rows(1), scale)] as const,
  ),
  directBatch: onGroup(
    gyrometric.directBatch(gyrometric.rotations2dBatch(), gyrometric.scalingBatch()),
    2,
    (scale) => [scaled(vectors(2), scale), scaled(rows(1), scale)] as const,
  ),
  batchGroupLawErrors: async () => {
    const given = { items: clouds(2), features: rows(2), elements: rows(2) };
    const actOnFeatures = (g: tfjs.Tensor2D, f: tfjs.Tensor2D): tfjs.Tensor2D => tf.add(g, f);
    await gyrometric.batchGroupLawErrors(gyrometric.translationsBatch(2), { ...given, actOnFeatures });
    tf.dispose([given.items.points, given.items.mask, given.features, given.elements]);
  },
  invariantAutoencoder: async () => {
    const autoencoder = tinyAutoencoder();
    const network = new gyrometric.Network([autoencoder], new gyrometric.Rng(1));
    const { value, gradient } = network.gradient((pass) => autoencoder.loss(pass, rows(2), 0).total);
    tf.dispose(tf.tidy(() => autoencoder.canonicalize(network.inferencePass(), rows(2))));
    tf.dispose([value, gradient]);
    network.dispose();
    autoencoder.dispose();
  },
  trainAutoencoder: async () => {
    const watch = (codes: (m: gyrometric.Matrix) => Promise<unknown>) =>
      codes(gyrometric.matrix(new Float32Array(4), 2, 2));
    const options = { seed: 1, steps: 3, nextRows: () => rows(2), learningRate: 1e-2, watch };
    const trained = await gyrometric.trainAutoencoder(tinyAutoencoder(), options);
    await trained.codes(gyrometric.matrix(new Float32Array(4), 2, 2));
    trained.dispose();
  },
};
