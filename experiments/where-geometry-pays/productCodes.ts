import {
  AdamW,
  type Matrix32,
  matrix,
  Network,
  parseTreeConfig,
  partOfPair,
  Rng,
  type Space,
  type Tree,
  tangentDistances,
  tf,
  trainTree,
  treeDistance,
  warmupCosine,
} from '../../src/index.js';

/** Those of `trainTree`. */
const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, clipNorm: 10 };
const SCHEDULE = { peak: 0.02, warmup: 50 };
const NODES = 128;
/** Deviation of the Euclidean columns at the start. */
const NOISE = 0.1;
/** Of a squared distance, so that its root has a gradient at 0. */
const LEAST = 1e-12;

/**
 * Codes of a tree in a product of Euclidean and hyperbolic space, dim / 2 numbers each (the odd one hyperbolic), distances
 * √(d_E² + d_H²) times a learned scale: relative stress as in `trainTree`, which knows no products. They begin with
 * trained codes of the hyperbolic numbers alone, and take half as many steps more.
 */
export async function fitProductCodes(
  tree: Tree,
  { dim, steps: first, seed }: { readonly dim: number; readonly steps: number; readonly seed: number },
): Promise<{ space: Space; vectors: Matrix32 }> {
  const n = tree.names.length;
  const flat = Math.floor(dim / 2);
  const curved = dim - flat;
  const json = { schemaVersion: 1, kind: 'tree', dim: curved, star: false, seed, heldOut: true };
  const { parameters } = await trainTree(tree, parseTreeConfig({ ...json, training: { steps: first } }));
  const steps = Math.ceil(first / 2);
  const rng = new Rng(seed).split('product codes');
  const specs = [
    { name: 'flat', shape: [n, flat], initial: (r: Rng, size: number) => noise(r, size) },
    { name: 'curved', shape: [n, curved], initial: () => Float32Array.from(parameters.codes) },
    { name: 'logScale', shape: [], initial: () => Float32Array.of(parameters.logScale) },
  ];
  const network = new Network([{ parameters: specs, batchNorms: [] }], rng.split('start'));
  const optimizer = new AdamW(network.parameters, ADAM);
  const edges = edgesOf(tree);
  const draws = rng.split('batches');
  try {
    for (let step = 0; step < steps; step++) {
      const drawn = draws.permutation(n).subarray(0, NODES);
      const { value, gradient } = network.gradient((pass) => {
        const rows = tf.tensor1d(drawn, 'int32');
        const [x, u] = [pass.weight<tf.Tensor2D>('flat'), pass.weight<tf.Tensor2D>('curved')].map((codes) =>
          tf.gather(codes, rows),
        );
        const d = tf.mul(distances(x, u), tf.exp(pass.weight('logScale')));
        const [t, counts] = [edges.between, edges.trains].map((all) =>
          tf.gather(tf.gather(all, rows), rows, 1),
        );
        const errors = tf.mul(tf.square(tf.sub(tf.div(d, t), 1)), counts);
        return tf.div(tf.sum(errors), tf.sum(counts)) as tf.Scalar;
      });
      optimizer.apply(gradient, warmupCosine(step, { ...SCHEDULE, steps }));
      tf.dispose([value, gradient]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return codesOf(await network.parameters.read(), n, flat, curved);
  } finally {
    network.dispose();
    optimizer.dispose();
    tf.dispose(Object.values(edges));
  }
}

function noise(rng: Rng, size: number): Float32Array {
  return Float32Array.from({ length: size }, () => NOISE * rng.normal());
}

/** [n, flat], [n, curved] tangent vectors -> [n, n] */
function distances(x: tf.Tensor2D, u: tf.Tensor2D): tf.Tensor2D {
  const across = tf.sub(tf.expandDims(x, 1), tf.expandDims(x, 0));
  const squared = tf.add(tf.sum(tf.square(across), 2), tf.square(tangentDistances(u, u)));
  return tf.sqrt(tf.maximum(squared, LEAST));
}

/** [n, n] edges, 1 on the diagonal; [n, n] 1 for pairs that train. */
function edgesOf(tree: Tree): { between: tf.Tensor2D; trains: tf.Tensor2D } {
  const n = tree.names.length;
  const edges = treeDistance(tree);
  const between = new Float32Array(n * n).fill(1);
  const trains = new Float32Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      if (a === b) continue;
      between[a * n + b] = edges(a, b);
      trains[a * n + b] = partOfPair(a, b) === 'train' ? 1 : 0;
    }
  }
  return { between: tf.tensor2d(between, [n, n]), trains: tf.tensor2d(trains, [n, n]) };
}

function codesOf(
  weights: Awaited<ReturnType<Network['parameters']['read']>>,
  n: number,
  flat: number,
  curved: number,
): { space: Space; vectors: Matrix32 } {
  const of = (name: string) => weights.find((weight) => weight.name === name)?.data as Float32Array;
  const [x, u] = [of('flat'), of('curved')];
  const vectors = new Float32Array(n * (flat + curved));
  for (let i = 0; i < n; i++) {
    const tangent = u.subarray(i * curved, (i + 1) * curved);
    const norm = Math.hypot(...tangent);
    const factor = norm > 0 ? Math.tanh(norm / 2) / norm : 0;
    vectors.set(x.subarray(i * flat, (i + 1) * flat), i * (flat + curved));
    vectors.set(
      tangent.map((v) => factor * v),
      i * (flat + curved) + flat,
    );
  }
  const weight = Math.exp(2 * of('logScale')[0]);
  const factors = [
    { space: { kind: 'euclidean', dim: flat }, weight },
    { space: { kind: 'poincare', dim: curved, curvature: -1 }, weight },
  ] as const;
  return { space: { kind: 'product', combine: 'l2', factors }, vectors: matrix(vectors, n, flat + curved) };
}
