import type * as tfjs from '../../src/engine/tf.js';
import * as gyrometric from '../../src/index.js';

const { tf } = gyrometric;

const rng = () => new gyrometric.Rng(1);
const plane = { kind: 'euclidean', dim: 2 } as const;
const manifold = gyrometric.manifoldOn(plane);
const rows = () => tf.tensor2d([0.1, 0.2, 0.3, -0.2, -0.3, 0.4, -0.1, -0.2], [4, 2]);

type Penalty = (codes: tfjs.Tensor2D, inputs: tfjs.Tensor2D) => tfjs.Tensor;

/** A penalty of the distances of four codes, with its gradient. */
const kept = (penalty: Penalty) => async () => {
  const x = rows();
  tf.tidy(() => {
    const inputs = tf.square(manifold.pairwise(x, x)) as tfjs.Tensor2D;
    tf.grad((codes) => {
      const points = codes as tfjs.Tensor2D;
      return tf.sum(penalty(manifold.pairwise(points, points), inputs));
    })(x);
  });
  x.dispose();
};

/** Distances that a target gives, and its end. */
const targeted =
  (make: () => gyrometric.TargetDistance, columns = 2) =>
  async () => {
    const target = make();
    const batch = { rows: tf.fill([2, columns], 0.5) as tfjs.Tensor2D, items: [0, 1] };
    tf.dispose([batch.rows, tf.tidy(() => target.pairwise(batch))]);
    target.dispose();
  };

/** A layer of two columns: value, derivative, bounds and gradient. */
const layered = (layer: gyrometric.RowLayer) => async () => {
  const network = new gyrometric.Network(
    [
      { parameters: layer.parameters, batchNorms: [] },
      { parameters: gyrometric.linear('other', 4, 2).parameters, batchNorms: [] },
    ],
    rng(),
  );
  const { value, gradient } = network.gradient((pass) => {
    const { value: y, pushforward, pullback } = layer.linearize(pass, rows());
    const moved = pushforward(pass.weight('other/kernel'));
    const sums = [layer.apply(pass, rows()), y, moved, pullback(y)].map((t) => tf.sum(t));
    return tf.addN([...sums, layer.lipschitz(pass).upper]) as tfjs.Scalar;
  });
  await gyrometric.lipschitzBounds(layer, network);
  tf.dispose([value, gradient]);
  network.dispose();
};

type Jacobian = (map: gyrometric.CodeMap, directions: tfjs.Tensor3D) => tfjs.Scalar;

/** A penalty of the derivative of a decoder from the plane. */
const derived = (penalty: Jacobian) => async () => {
  const layer = gyrometric.perceptron('decoder', [2, 3, 4], undefined, 'tanh');
  const network = new gyrometric.Network([{ parameters: layer.parameters, batchNorms: [] }], rng());
  const { value, gradient } = network.gradient((pass) => {
    const codes = rows();
    const map = { side: 'decoder', linearization: layer.linearize(pass, codes), codes, manifold } as const;
    return penalty(map, gyrometric.frameDirections(4, 2));
  });
  tf.dispose([value, gradient]);
  network.dispose();
};

const table = gyrometric.matrix(Float32Array.of(0, 1, 1, 0), 2, 2);

/** Public functions around distances that are kept. */
export const PRESERVATION_CALLS: Readonly<Record<string, () => Promise<void>>> = {
  distancePreservation: kept(gyrometric.distancePreservation),
  pairStress: kept((codes, inputs) => gyrometric.pairStress(codes, inputs, { scale: 'best' })),
  learnableScale: async () => {
    const scale = gyrometric.learnableScale('scale', { initial: 1, min: 0.1, max: 10 });
    const network = new gyrometric.Network([{ parameters: scale.parameters, batchNorms: [] }], rng());
    const { value, gradient } = network.gradient((pass) =>
      gyrometric.pairStress(tf.tensor1d([1, 2]), tf.tensor1d([2, 3]), { scale: scale.value(pass) }),
    );
    tf.dispose([value, gradient]);
    network.dispose();
  },
  rankCorrelation: kept((codes, inputs) => gyrometric.rankCorrelation(codes, inputs)),
  topologicalPenalty: kept((codes, inputs) => gyrometric.topologicalPenalty(codes, inputs)),
  orderHinge: kept((codes, inputs) =>
    gyrometric.orderHinge(codes, inputs, gyrometric.sampleTriplets(4, 5, rng())),
  ),
  neighborWeights: kept((codes, inputs) => {
    const weights = gyrometric.neighborWeights(inputs, { kind: 'nearest', k: 2 });
    return gyrometric.pairStress(codes, inputs, { weights });
  }),
  isometryPenalty: derived((map, directions) => gyrometric.isometryPenalty(map, directions)),
  isotropyPenalty: derived((map, directions) => gyrometric.isotropyPenalty(map, directions, 'batch')),
  volumePenalty: derived((map, directions) => gyrometric.volumePenalty(map, directions)),
  frameDirections: async () => gyrometric.frameDirections(2, 2).dispose(),
  randomDirections: async () => gyrometric.randomDirections(3, 2, 2, rng()).dispose(),
  codesBetween: async () => {
    const codes = rows();
    tf.dispose([codes, gyrometric.codesBetween(manifold, codes, { rng: rng() })]);
  },
  unitTangents: async () => {
    tf.tidy(() => {
      gyrometric.unitTangents(manifold, rows(), gyrometric.frameDirections(4, 2));
    });
  },
  tensorOrbitDistance: async () =>
    gyrometric.tensorOrbitDistance({ height: 4, width: 4, radii: 2, angles: 4 }).dispose(),
  orbitTarget: targeted(() => gyrometric.orbitTarget({ height: 4, width: 4, radii: 2, angles: 4 }), 16),
  spaceTarget: targeted(() => gyrometric.spaceTarget(plane)),
  tableTarget: targeted(() => gyrometric.tableTarget('graph', table)),
  treeTarget: targeted(() => gyrometric.treeTarget(Int32Array.of(-1, 0))),
  customTarget: targeted(() => gyrometric.customTarget('own', ({ rows: x }) => manifold.pairwise(x, x))),
  'GradientBalance, updated': async () => {
    const layer = gyrometric.linear('a', 2, 1);
    const network = new gyrometric.Network([{ parameters: layer.parameters, batchNorms: [] }], rng());
    const balance = new gyrometric.GradientBalance({ share: 0.1 });
    const loss = (pass: gyrometric.Pass) => tf.sum(layer.apply(pass, rows())) as tfjs.Scalar;
    balance.update(network, loss, loss);
    balance.write(await balance.read());
    balance.dispose();
    network.dispose();
  },

  activation: layered(gyrometric.activation('softplus')),
  ballPoints: layered(gyrometric.ballPoints(2, -1)),
  biLipschitz: layered(gyrometric.biLipschitz('layer', { width: 2, blocks: 1 })),
  boundedLinear: layered(gyrometric.boundedLinear('layer', 2, 2, 1)),
  inSequence: layered(
    gyrometric.inSequence([gyrometric.linear('layer', 2, 2), gyrometric.activation('relu')]),
  ),
  lipschitzBounds: layered(gyrometric.linear('layer', 2, 2)),
  orthogonalDense: layered(gyrometric.orthogonalDense('layer', 2, 2)),
  residual: layered(gyrometric.residual(gyrometric.activation('tanh'))),
  spectralNormBound: async () => {
    tf.tidy(() => {
      tf.grad((W) => gyrometric.spectralNormBound(W as tfjs.Tensor2D))(rows());
    });
  },
  mlp: async () => {
    const encoder = gyrometric.mlp({ columns: 2, hidden: 3 });
    const network = new gyrometric.Network([encoder], rng());
    const { value, gradient } = network.gradient((pass) => {
      const { value: code, pullback } = encoder.linearize(pass, rows());
      return tf.sum(tf.add(pullback(code), encoder.lipschitz(pass).upper)) as tfjs.Scalar;
    });
    tf.dispose([value, gradient]);
    network.dispose();
    encoder.dispose();
  },
};
