import { buildIndex } from '../../indices/index.js';
import type { Matrix32, Space } from '../../src/index.js';

/** Of each query, in the order of the vectors. */
export interface Ranked {
  /** 1 where the nearest other is of its class, else 0. */
  readonly hits: number[];
  /** Average precision over the ranking of all others. */
  readonly precisions: number[];
}

/**
 * Each vector among the others, by an index of them.
 * @param labels every class at least twice
 */
export async function ranked(space: Space, vectors: Matrix32, labels: readonly number[]): Promise<Ranked> {
  const { rows: n, data } = vectors;
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const index = await buildIndex({ space, vectors: data, engine: 'hnsw' });
  try {
    const { ids } = await index.search(data, n, { ef: n });
    const found = labels.map((label, q) => {
      const others = Array.from(ids.subarray(q * n, (q + 1) * n), Number).filter((id) => id !== q);
      let [relevant, sum] = [0, 0];
      others.forEach((id, rank) => {
        if (labels[id] !== label) return;
        relevant++;
        sum += relevant / (rank + 1);
      });
      return { hit: Number(labels[others[0]] === label), precision: sum / (sizes.get(label)! - 1) };
    });
    return { hits: found.map(({ hit }) => hit), precisions: found.map(({ precision }) => precision) };
  } finally {
    index.close();
  }
}
