import { row, takeRows, tf } from '../../src/index.js';
import { type Scores, scoresOf } from './places.js';
import type { Task } from './task.js';

/** Every word put at the node with the least sum of edges to the training words. */
export function atMedoid(task: Task, train: Int32Array): (words: Int32Array) => Scores {
  const sums = new Float64Array(task.between.rows);
  for (const word of train) addEdges(sums, task, task.nodes[word]);
  const node = argmin(sums);
  return (words) => scoresOf(task, words, new Int32Array(words.length).fill(node));
}

/**
 * Every word put at the node with the least sum of edges to those of its k nearest neighbours.
 * @param neighbors nodes of the neighbours of each word, nearest first @param counts values of k, ascending
 * @returns scores for each of `counts`
 */
export function scoreAmid(
  task: Task,
  words: Int32Array,
  neighbors: readonly ArrayLike<number>[],
  counts: readonly number[],
): Scores[] {
  const found = counts.map(() => new Int32Array(words.length));
  neighbors.forEach((nodes, i) => {
    const sums = new Float64Array(task.between.rows);
    let added = 0;
    counts.forEach((k, c) => {
      for (; added < k; added++) addEdges(sums, task, nodes[added]);
      found[c][i] = argmin(sums);
    });
  });
  return found.map((nodes) => scoresOf(task, words, nodes));
}

function addEdges(sums: Float64Array, { between }: Task, node: number): void {
  const edges = row(between, node);
  for (let i = 0; i < sums.length; i++) sums[i] += edges[i];
}

/** Nodes of the k training words nearest to each word by the cosine of their vectors, nearest first. */
export async function nearestByCosine(
  { vectors, nodes }: Task,
  words: Int32Array,
  train: Int32Array,
  k: number,
): Promise<Int32Array[]> {
  const nearest = tf.tidy(() => {
    const [x, y] = [words, train].map((rows) => {
      const t = tf.tensor2d(takeRows(vectors, rows).data, [rows.length, vectors.columns]);
      return tf.div(t, tf.norm(t, 2, 1, true)) as tf.Tensor2D;
    });
    return tf.topk(tf.matMul(x, y, false, true), k).indices;
  });
  try {
    const found = Int32Array.from((await nearest.data()) as Int32Array, (i) => nodes[train[i]]);
    return Array.from(words, (_, i) => found.subarray(i * k, (i + 1) * k));
  } finally {
    nearest.dispose();
  }
}

/** The k least values' places, the least first; of equal ones the first. */
export function leastPlaces(values: ArrayLike<number>, k: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (places.length === k && values[i] >= values[places[k - 1]]) continue;
    let at = Math.min(places.length, k - 1);
    for (; at > 0 && values[places[at - 1]] > values[i]; at--) places[at] = places[at - 1];
    places[at] = i;
  }
  return places;
}

function argmin(values: ArrayLike<number>): number {
  let least = 0;
  for (let i = 1; i < values.length; i++) if (values[i] < values[least]) least = i;
  return least;
}
