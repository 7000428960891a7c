import { requireFinite, requireInteger, requireLength } from '../../core/checks.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import type { Matrix32 } from '../../core/matrix.js';
import { Rng } from '../../core/rng.js';
import type { NamedTensor } from '../../core/safetensors.js';
import type { Space } from '../../core/space.js';
import { type Tree, treeDistance } from '../../data/tree.js';
import { Network } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import { requirePoints } from '../../geometry/points.js';
import { AdamW } from '../../training/adamW.js';
import { warmupCosine } from '../../training/schedule.js';
import { codeChart } from './codeChart.js';
import { PLACEMENT_DEFAULTS, type PlacementConfig, requirePlacementConfig } from './config.js';
import { type Placement, perceptron, perceptronSpecs, standardized } from './placement.js';

/** A tree whose nodes have codes: what trainTree and readTreeFolder give. */
export interface CodedTree {
  readonly tree: Tree;
  /** Its distances are in edges. */
  readonly space: Space;
  /** [nodes, columnsOf(space)] */
  readonly vectors: Matrix32;
}

/** Items whose place in the tree is known. */
export interface PlacedItems {
  /** [n, features] */
  readonly inputs: Matrix32;
  /** [n] row of the node that each item hangs below. */
  readonly nodes: ArrayLike<number>;
  /** [n] edges between an item and that node, > 0. */
  readonly edges: ArrayLike<number>;
}

export interface PlacementEvent {
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
  readonly loss: number;
}

export interface TrainPlacementOptions {
  readonly onEvent?: ((event: PlacementEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, clipNorm: 10 };
/** Distances of all pairs of nodes are kept on the device: a quarter of a gigabyte. */
const MOST_NODES = 8192;

/**
 * Learns to place items among the fixed codes of a tree by their features: a perceptron whose points have, from all
 * nodes, the distances that the items have in the tree. Codes stay as they are.
 * @throws UsageError for a tree of more than 8,192 nodes, a space without a chart or a config out of range; ShapeError,
 *   DomainError for data that does not fit, naming the row, or a loss that is no longer finite; the signal's reason
 *   when it aborts. Call after openEngine.
 */
export async function trainPlacement(
  { tree, space, vectors }: CodedTree,
  items: PlacedItems,
  options: Partial<PlacementConfig> = {},
  { onEvent, signal }: TrainPlacementOptions = {},
): Promise<Placement> {
  const config = { ...PLACEMENT_DEFAULTS, ...options };
  requirePlacementConfig(config);
  requireItems(tree, items);
  requireLength(vectors.rows, tree.names.length, 'trainPlacement vectors');
  requirePoints(space, vectors, 'trainPlacement vectors');
  const chart = codeChart(space);
  const { inputs } = items;
  const rng = new Rng(config.seed);
  const specs = perceptronSpecs(inputs.columns, config.hidden, chart.outputs);
  const network = new Network([{ parameters: specs, batchNorms: [] }], rng.split('network'));
  const optimizer = new AdamW(network.parameters, { ...ADAM, weightDecay: config.weightDecay });
  const draws = rng.split('batches');
  const constants = tensorsOf(tree, chart.lift(vectors), items);
  const began = performance.now();
  try {
    for (let step = 0; step < config.steps; step++) {
      signal?.throwIfAborted();
      const drawn = Int32Array.from({ length: config.items }, () => draws.below(inputs.rows));
      const { value, gradient } = network.gradient((pass) => {
        const rows = tf.tensor1d(drawn, 'int32');
        const points = chart.toPoints(perceptron(tf.gather(constants.inputs, rows), pass.weight));
        const edges = tf.gather(constants.between, tf.gather(constants.nodes, rows));
        const wanted = tf.add(edges, tf.gather(constants.edges, rows)) as tf.Tensor2D;
        return relativeStress(chart.metric.pairwise(points, constants.codes), wanted);
      });
      try {
        optimizer.apply(gradient, warmupCosine(step, { ...config, peak: config.learningRate }));
        if ((step + 1) % config.reportEvery === 0 || step + 1 === config.steps) {
          const loss = (await value.data())[0];
          requireFiniteLoss(loss, step);
          onEvent?.({
            step: step + 1,
            steps: config.steps,
            seconds: (performance.now() - began) / 1000,
            loss,
          });
        }
      } finally {
        tf.dispose([value, gradient]);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { space, weights: [...constants.standard, ...(await network.parameters.read())] };
  } finally {
    network.dispose();
    optimizer.dispose();
    tf.dispose(constants.all);
  }
}

/** Mean of ((D - t) / t)² over all entries. @param D, t [n, m], t > 0 */
export function relativeStress(D: tf.Tensor2D, t: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.square(tf.sub(tf.div(D, t), 1)));
}

/** What every step reads, on the device. */
function tensorsOf(tree: Tree, codes: Matrix32, { inputs, nodes, edges }: PlacedItems) {
  const standard = standardOf(inputs);
  return tf.scope(() => {
    const n = inputs.rows;
    const weights = new Map(standard.map(({ name, data }) => [name, tf.tensor1d(data)]));
    const x = tf.tensor2d(inputs.data, [n, inputs.columns]);
    const kept = {
      inputs: tf.keep(
        standardized(x, <T extends tf.Tensor>(name: string) => weights.get(name) as unknown as T),
      ),
      codes: tf.keep(tf.tensor2d(codes.data, [codes.rows, codes.columns])),
      between: tf.keep(tf.tensor2d(edgesBetween(tree), [codes.rows, codes.rows])),
      nodes: tf.keep(tf.tensor1d(Int32Array.from(nodes), 'int32')),
      edges: tf.keep(tf.tensor2d(Float32Array.from(edges), [n, 1])),
    };
    return { ...kept, standard, all: Object.values(kept) as tf.Tensor[] };
  });
}

/** [nodes * nodes] */
function edgesBetween(tree: Tree): Float32Array {
  const n = tree.names.length;
  const edges = treeDistance(tree);
  return Float32Array.from({ length: n * n }, (_, k) => edges(Math.floor(k / n), k % n));
}

/** Mean and deviation of each column; the deviation of a constant one is taken as 1. */
function standardOf({ data, rows, columns }: Matrix32): NamedTensor[] {
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  data.forEach((value, k) => {
    mean[k % columns] += value / rows;
  });
  data.forEach((value, k) => {
    square[k % columns] += (value - mean[k % columns]) ** 2 / rows;
  });
  const deviation = Float32Array.from(square, (variance) => Math.sqrt(variance) || 1);
  return [
    { name: 'mean', shape: [columns], data: Float32Array.from(mean) },
    { name: 'deviation', shape: [columns], data: deviation },
  ];
}

function requireItems(tree: Tree, { inputs, nodes, edges }: PlacedItems): void {
  const n = tree.names.length;
  if (!(n <= MOST_NODES)) {
    const remedy = 'leave out nodes with few items below them';
    throw new UsageError(expectation('trainPlacement tree', `at most ${MOST_NODES} nodes`, n, remedy));
  }
  requireInteger(inputs.rows, 1, 'trainPlacement number of items');
  requireFinite(inputs.data, inputs.columns, 'trainPlacement inputs');
  requireLength(nodes.length, inputs.rows, 'trainPlacement nodes');
  requireLength(edges.length, inputs.rows, 'trainPlacement edges');
  for (let i = 0; i < inputs.rows; i++) {
    requireInteger(nodes[i], 0, `trainPlacement nodes, item ${i}`, n - 1);
    if (edges[i] > 0 && edges[i] < Number.POSITIVE_INFINITY) continue;
    const who = `trainPlacement edges, item ${i}`;
    throw new DomainError(expectation(who, 'a finite number > 0', edges[i], 'hang items below nodes'));
  }
}

function requireFiniteLoss(loss: number, step: number): void {
  if (Number.isFinite(loss)) return;
  const who = `trainPlacement, step ${step + 1}`;
  throw new DomainError(expectation(who, 'a finite stress', loss, 'lower learningRate'));
}
