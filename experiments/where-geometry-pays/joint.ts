import {
  AdamW,
  ClassBalancedSampler,
  codeChart,
  type Matrix32,
  matrix,
  Network,
  pairSoftmax,
  planOf,
  Rng,
  type Space,
  tf,
  warmupCosine,
} from '../../src/index.js';
import { headOutputs, headParameters, standardized } from '../wordHead.js';
import type { WordTree } from '../wordTree.js';
import type { TrainingSettings } from './settings.js';

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
 * @returns what places other words: points of `space`
 */
export async function trainJoint(
  task: WordTree,
  train: Int32Array,
  space: Space,
  options: JointOptions,
): Promise<(words: Int32Array) => Promise<Matrix32>> {
  const { steps, learningRate, warmup, weightDecay, temperature, hidden } = options;
  const chart = codeChart(space);
  const rng = new Rng(options.seed).split('joint');
  // Points start about 1 from the origin, whatever their number of columns, so that a temperature means the same.
  const spread = 1 / Math.sqrt(hidden * chart.outputs);
  const shape = { features: task.vectors.columns, hidden, outputs: chart.outputs, spread };
  const head = { parameters: headParameters(shape), batchNorms: [] };
  const network = new Network([head], rng.split('network'));
  const optimizer = new AdamW(network.parameters, { ...ADAM, weightDecay });
  const nodes = train.map((word) => task.nodes[word]);
  const { classesPerBatch, perClass } = options;
  const sampler = new ClassBalancedSampler(nodes, classesPerBatch, perClass, rng.split('batches'));
  const inputs = standardized(task, train, train);
  try {
    for (let step = 0; step < steps; step++) {
      const drawn = sampler.draw();
      const own = drawn.map((place) => nodes[place]);
      const { value, gradient } = network.gradient((pass) => {
        const points = chart.toPoints(headOutputs(pass, tf.gather(inputs, tf.tensor1d(drawn, 'int32'))));
        const distances = chart.metric.pairwise(points, points, { same: 'diagonal' });
        return lossOf(task, tf.mul(distances, -1 / temperature), own, options);
      });
      optimizer.apply(gradient, warmupCosine(step, { peak: learningRate, warmup, steps }));
      tf.dispose([value, gradient]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const weights = await network.parameters.read();
    return async (words) => {
      const points = tf.tidy(() => {
        const tensors = new Map(weights.map((w) => [w.name, tf.tensor(w.data, [...w.shape])]));
        const weight = <T extends tf.Tensor>(name: string) => tensors.get(name) as T;
        return chart.toPoints(headOutputs({ weight }, standardized(task, train, words)));
      });
      const data = (await points.data()) as Float32Array;
      points.dispose();
      return chart.lower(matrix(data, points.shape[0], points.shape[1]));
    };
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
