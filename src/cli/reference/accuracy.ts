import { neighborsNeeded, retrievalScores } from '../../evaluation/retrieval.js';
import { distanceMatrix } from '../../geometry/distance.js';
import { EXACT, type Recompute } from './compare.js';
import type { Format } from './format.js';
import { matrixAt, numbersAt } from './inputs.js';
import type { JsonObject } from './leaves.js';

/** accuracy.json: leave-one-out retrieval by Euclidean distance. */
export const accuracy: Format = {
  shape: { inputs: ['embeddings', 'labels'] },
  prepare: async (file) => recomputeWith(file),
  toleranceOf: () => EXACT,
};

function recomputeWith(file: JsonObject): Recompute {
  const labels = numbersAt(file, 'labels');
  const k = neighborsNeeded(labels);
  const scores = retrievalScores(nearestOthers(file, k), k, labels);
  const { recallAt1, recallAt10, mapAtR } = scores;
  // An item alone in its class is left out of `result`, but is a miss in `recallAtK`.
  const askable = labels.filter((label, i) => labels.indexOf(label) !== i || labels.includes(label, i + 1));
  const share = askable.length / labels.length;
  const known: Readonly<Record<string, number>> = {
    'result.precision_at_1': recallAt1,
    'result.mean_average_precision_at_r': mapAtR,
    'recallAtK.1': recallAt1 * share,
    'recallAtK.10': recallAt10 * share,
  };
  return ({ quantity }) => (Object.hasOwn(known, quantity) ? [known[quantity]] : undefined);
}

/** [n * k]: from distances in float64, as the peer has them; a search index would round them to float32. */
function nearestOthers(file: JsonObject, k: number): Int32Array {
  const points = matrixAt(file, 'embeddings');
  const n = points.rows;
  const { data } = distanceMatrix({ kind: 'euclidean', dim: points.columns }, points, points);
  const nearest = new Int32Array(n * k);
  for (let i = 0; i < n; i++) {
    const others = Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => data[i * n + a] - data[i * n + b] || a - b);
    nearest.set(others.slice(0, k), i * k);
  }
  return nearest;
}
