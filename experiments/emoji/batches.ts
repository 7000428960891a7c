import type { Rng } from '../../src/index.js';

/**
 * Draws batches of `classes` classes, none twice, with `perClass` items of each: view by view, item v N + i being sample
 * v of class i. A class with fewer items gives some of them again.
 * @param labels class of each item
 * @returns draws the items of the next batch
 */
export function classBatches(
  labels: ArrayLike<number>,
  classes: number,
  perClass: number,
  rng: Rng,
): () => Int32Array {
  const members = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const known = members.get(labels[i]);
    if (known) known.push(i);
    else members.set(labels[i], [i]);
  }
  const items = [...members.values()];
  return () => {
    const batch = new Int32Array(classes * perClass);
    const chosen = rng.permutation(items.length).subarray(0, classes);
    for (const [i, c] of chosen.entries()) {
      const own = rng.permutation(items[c].length);
      for (let v = 0; v < perClass; v++) batch[v * classes + i] = items[c][own[v % own.length]];
    }
    return batch;
  };
}
