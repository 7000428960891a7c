import {
  AdamW,
  type Matrix32,
  type Metric,
  type ModuleSpec,
  manifoldOn,
  matrix,
  metricOn,
  Network,
  Rng,
  tf,
} from '../../src/index.js';
import { headOutputs, headParameters, standardized } from '../wordHead.js';
import type { WordTree } from '../wordTree.js';
import { type PointScores, scorePoints } from './scores.js';
import type { JointSettings } from './settings.js';

export const JOINT_SPACES = ['cosine', 'euclidean', 'hyperbolic'] as const;
export type JointSpace = (typeof JOINT_SPACES)[number];

export interface JointOptions extends JointSettings {
  readonly space: JointSpace;
  /** Numbers a word. */
  readonly dim: number;
  readonly temperature: number;
  readonly steps: number;
  /** Numbers of nearest training words that a word is put among, ascending. */
  readonly neighbors: readonly number[];
  readonly seed: number;
}

const HIDDEN = 128;
const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 10 };
/** Steps of linear warm-up. */
const WARMUP = 50;
/** Added to the logit of a word and itself; exp of it is 0 in float32. */
const EXCLUDED = -1e9;

/**
 * The layers of `trainPlacement`, trained on words alone: the softmax over the distances of a word to the others of its
 * batch is to be that over their edges in the tree. A word is put at the node of the nearest training word, or
 * amid those of several.
 * @param use gets what scores other words
 */
export async function trainJoint<T>(
  task: WordTree,
  train: Int32Array,
  options: JointOptions,
  use: (score: (words: Int32Array) => Promise<PointScores>) => Promise<T>,
): Promise<T> {
  const { dim, references, seed } = options;
  const rng = new Rng(seed).split('joint');
  const chart = chartOf(options.space, dim);
  const head = headSpec(task.vectors.columns, dim, options.temperature);
  const network = new Network([head], rng.split('network'));
  try {
    await trainNetwork(network, chart, task, train, options, rng.split('batches'));
    const place = (words: Int32Array) => placed(network, chart, standardized(task, train, words));
    const known = rng.split('references').shuffle(train.slice()).subarray(0, references);
    const nearest = {
      space: chart.metric.space,
      vectors: await place(known),
      nodes: known.map((word) => task.nodes[word]),
      edges: known.map((word) => task.edges[word]),
    };
    return await use(async (words) =>
      scorePoints(task, words, await place(words), nearest, options.neighbors),
    );
  } finally {
    network.dispose();
  }
}

async function trainNetwork(
  network: Network,
  { metric, toPoints }: Chart,
  task: WordTree,
  train: Int32Array,
  options: JointOptions,
  rng: Rng,
): Promise<void> {
  const { items, steps, learningRate } = options;
  const optimizer = new AdamW(network.parameters, ADAM);
  const constants = tensorsOf(task, train, options);
  const nextItems = distinctItems(train.length, items, rng);
  for (let step = 0; step < steps; step++) {
    const { value, gradient } = network.gradient((pass) => {
      const rows = tf.tensor1d(nextItems(), 'int32');
      const points = toPoints(headOutputs(pass, tf.gather(constants.inputs, rows)));
      const likeness = tf.mul(edgesAmong(constants, rows), -1 / options.edges);
      const wanted = tf.softmax(tf.add(likeness, constants.itself));
      const scale = tf.exp(pass.weight<tf.Scalar>('logScale'));
      const logits = tf.sub(constants.itself, tf.mul(metric.pairwise(points, points), scale));
      const missed = tf.sub(tf.logSumExp(logits, 1), tf.sum(tf.mul(wanted, logits), 1));
      return tf.mean(missed) as tf.Scalar;
    });
    const rise = Math.min(1, (step + 1) / WARMUP);
    optimizer.apply(gradient, (learningRate * rise * (1 + Math.cos((Math.PI * step) / steps))) / 2);
    tf.dispose([value, gradient]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  optimizer.dispose();
  tf.dispose(Object.values(constants));
}

interface Chart {
  readonly metric: Metric;
  /** Outputs of the head, [n, dim] -> points. */
  toPoints(outputs: tf.Tensor2D): tf.Tensor2D;
}

function chartOf(space: JointSpace, dim: number): Chart {
  if (space !== 'hyperbolic') {
    return { metric: metricOn({ kind: space, dim }), toPoints: (v) => tf.clone(v) };
  }
  const manifold = manifoldOn({ kind: 'lorentz', dim, curvature: -1 });
  return { metric: manifold, toPoints: (v) => manifold.exp0(manifold.frame(v)) };
}

function headSpec(features: number, dim: number, temperature: number): ModuleSpec {
  const shape = { features, hidden: HIDDEN, outputs: dim, spread: 1 / Math.sqrt(HIDDEN) };
  const logScale = { name: 'logScale', shape: [], initial: () => Float32Array.of(-Math.log(temperature)) };
  return { parameters: [...headParameters(shape), logScale], batchNorms: [] };
}

interface Constants {
  readonly inputs: tf.Tensor2D;
  /** [nodes, nodes] */
  readonly between: tf.Tensor2D;
  readonly nodes: tf.Tensor1D;
  readonly edges: tf.Tensor1D;
  /** [items, items]: EXCLUDED on the diagonal. */
  readonly itself: tf.Tensor2D;
}

function tensorsOf(task: WordTree, train: Int32Array, { items }: JointOptions): Constants {
  const { data, rows, columns } = task.between;
  const inputs = standardized(task, train, train);
  return tf.tidy(() => ({
    inputs,
    between: tf.keep(tf.tensor2d(data, [rows, columns])),
    nodes: tf.keep(
      tf.tensor1d(
        train.map((word) => task.nodes[word]),
        'int32',
      ),
    ),
    edges: tf.keep(tf.tensor1d(Float32Array.from(train, (word) => task.edges[word]))),
    itself: tf.keep(tf.mul(tf.eye(items), EXCLUDED) as tf.Tensor2D),
  }));
}

/** Edges between the words of a batch, by way of their nodes: [items, items]. */
function edgesAmong({ between, nodes, edges }: Constants, rows: tf.Tensor1D): tf.Tensor2D {
  const [own, below] = [tf.gather(nodes, rows), tf.gather(edges, rows)];
  const apart = tf.gather(tf.gather(between, own), own, 1);
  return tf.add(tf.add(apart, tf.expandDims(below, 1)), tf.expandDims(below, 0));
}

/** `count` of n rows at a time, from random orders of all of them. */
function distinctItems(n: number, count: number, rng: Rng): () => Int32Array {
  const order = rng.permutation(n);
  let at = 0;
  return () => {
    if (at + count > n) {
      rng.shuffle(order);
      at = 0;
    }
    at += count;
    return order.slice(at - count, at);
  };
}

async function placed(network: Network, { toPoints }: Chart, inputs: tf.Tensor2D): Promise<Matrix32> {
  const points = tf.tidy(() => toPoints(headOutputs(network.inferencePass(), inputs)));
  try {
    return matrix((await points.data()) as Float32Array, points.shape[0], points.shape[1]);
  } finally {
    tf.dispose([inputs, points]);
  }
}
