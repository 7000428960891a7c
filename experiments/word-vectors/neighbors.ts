import { takeRows, tf } from '../../src/index.js';
import { medoidOf, nodesAmid, type WordTree } from '../wordTree.js';
import { type Scores, scoresOf } from './places.js';

/** Every word put at the node with the least sum of edges to the training words. */
export function atMedoid(task: WordTree, train: Int32Array): (words: Int32Array) => Scores {
  const node = medoidOf(task, train);
  return (words) => scoresOf(task, words, new Int32Array(words.length).fill(node));
}

/**
 * Every word put at the node with the least sum of edges to those of its k nearest neighbours.
 * @param neighbors nodes of the neighbours of each word, nearest first @param counts values of k, ascending
 * @returns scores for each of `counts`
 */
export function scoreAmid(
  task: WordTree,
  words: Int32Array,
  neighbors: readonly ArrayLike<number>[],
  counts: readonly number[],
): Scores[] {
  return nodesAmid(task, neighbors, counts).map((nodes) => scoresOf(task, words, nodes));
}

/** Nodes of the k training words nearest to each word by the cosine of their vectors, nearest first. */
export async function nearestByCosine(
  { vectors, nodes }: WordTree,
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
