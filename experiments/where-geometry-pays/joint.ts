import {
  AdamW,
  ClassBalancedSampler,
  type Matrix32,
  type ModuleSpec,
  matrix,
  metricOn,
  Network,
  type Pass,
  pairSoftmax,
  planOf,
  Rng,
  takeRows,
  tf,
} from '../../src/index.js';
import type { WordTree } from '../wordTree.js';
import type { TrainingSettings } from './settings.js';
import type { Chart } from './spaces.js';

export const JOINT_LOSSES = ['flat', 'hierarchical'] as const;
export type JointLoss = (typeof JOINT_LOSSES)[number];

export interface JointOptions extends TrainingSettings {
  readonly loss: JointLoss;
  readonly temperature: number;
  readonly steps: number;
  /** Of weights and batches. */
  readonly seed: number;
}

const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, clipNorm: 10 };

/**
 * A perceptron of one hidden layer from word vectors to points of a space, by the cross-entropy of a word's positives
 * against its negatives in a batch. flat: words of one class are positives. hierarchical: words whose nodes are at most
 * so many edges apart, once for each of `positiveWithin`; the mean of the losses.
 * @returns what places other words: stored points, [n, columns]
 */
export async function trainJoint(
  task: WordTree,
  train: Int32Array,
  chart: Chart,
  options: JointOptions,
): Promise<(words: Int32Array) => Promise<Matrix32>> {
  const { steps, learningRate, warmup, weightDecay, temperature, hidden } = options;
  const rng = new Rng(options.seed).split('joint');
  const head = headSpec(task.vectors.columns, hidden, chart.outputs);
  const network = new Network([head], rng.split('network'));
  const optimizer = new AdamW(network.parameters, { ...ADAM, weightDecay });
  const metric = metricOn(chart.trained);
  const nodes = train.map((word) => task.nodes[word]);
  const sampler = new ClassBalancedSampler(
    nodes,
    options.classesPerBatch,
    options.perClass,
    rng.split('batches'),
  );
  const inputs = standardized(task, train, train);
  try {
    for (let step = 0; step < steps; step++) {
      const drawn = sampler.draw();
      const own = drawn.map((place) => nodes[place]);
      const { value, gradient } = network.gradient((pass) => {
        const outputs = outputsOf(pass, tf.gather(inputs, tf.tensor1d(drawn, 'int32')));
        const points = chart.toPoints(outputs);
        const distances = metric.pairwise(points, points, { same: 'diagonal' });
        return lossOf(task, tf.mul(distances, -1 / temperature), own, options);
      });
      const rise = Math.min(1, (step + 1) / warmup);
      optimizer.apply(gradient, (learningRate * rise * (1 + Math.cos((Math.PI * step) / steps))) / 2);
      tf.dispose([value, gradient]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const weights = await network.parameters.read();
    return (words) => placed(task, train, words, chart, weights);
  } finally {
    network.dispose();
    optimizer.dispose();
    inputs.dispose();
  }
}

function lossOf(
  { tree }: WordTree,
  logits: tf.Tensor2D,
  nodes: Int32Array,
  { loss, positiveWithin }: JointOptions,
): tf.Scalar {
  if (loss === 'flat') return pairSoftmax(logits, planOf({ kind: 'labels', labels: nodes }));
  const levels = positiveWithin.map((edges) =>
    pairSoftmax(logits, planOf({ kind: 'tree', parents: tree.parents, nodes, positiveWithin: edges })),
  );
  return tf.mul(tf.addN(levels), 1 / levels.length);
}

/** Points start about 1 from the origin, whatever their number of columns, so that a temperature means the same. */
function headSpec(features: number, hidden: number, outputs: number): ModuleSpec {
  const normal = (deviation: number) => (rng: Rng, size: number) =>
    Float32Array.from({ length: size }, () => deviation * rng.normal());
  const zeros = (_: Rng, size: number) => new Float32Array(size);
  const parameters = [
    { name: 'hidden/kernel', shape: [features, hidden], initial: normal(Math.sqrt(2 / features)) },
    { name: 'hidden/bias', shape: [hidden], initial: zeros },
    { name: 'output/kernel', shape: [hidden, outputs], initial: normal(1 / Math.sqrt(hidden * outputs)) },
    { name: 'output/bias', shape: [outputs], initial: zeros },
  ];
  return { parameters, batchNorms: [] };
}

function outputsOf(pass: Pick<Pass, 'weight'>, x: tf.Tensor2D): tf.Tensor2D {
  const hidden: tf.Tensor2D = tf.relu(
    tf.add(tf.matMul(x, pass.weight('hidden/kernel')), pass.weight('hidden/bias')),
  );
  return tf.add(tf.matMul(hidden, pass.weight('output/kernel')), pass.weight('output/bias'));
}

/** Vectors of words less the mean of the training words, over their deviation. The caller's to dispose of. */
function standardized({ vectors }: WordTree, train: Int32Array, words: Int32Array): tf.Tensor2D {
  return tf.tidy(() => {
    const [x, known] = [words, train].map((rows) =>
      tf.tensor2d(takeRows(vectors, rows).data, [rows.length, vectors.columns]),
    );
    const { mean, variance } = tf.moments(known, 0);
    return tf.div(tf.sub(x, mean), tf.sqrt(variance)) as tf.Tensor2D;
  });
}

async function placed(
  task: WordTree,
  train: Int32Array,
  words: Int32Array,
  chart: Chart,
  weights: Awaited<ReturnType<Network['parameters']['read']>>,
): Promise<Matrix32> {
  const points = tf.tidy(() => {
    const tensors = new Map(weights.map((w) => [w.name, tf.tensor(w.data, [...w.shape])]));
    const weight = <T extends tf.Tensor>(name: string) => tensors.get(name) as T;
    return chart.toStored(outputsOf({ weight }, standardized(task, train, words)));
  });
  try {
    return matrix((await points.data()) as Float32Array, points.shape[0], points.shape[1]);
  } finally {
    points.dispose();
  }
}
